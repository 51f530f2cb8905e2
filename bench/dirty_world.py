"""The people and firms behind the dirty customer files: households with their phones, doors, names and days.

Everything comes from one random number generator, so that a seed makes the same town again. How its people are then
written down is in `dirty_customers`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import TypeVar

from dianke.core.names import pinyin_tokens

Choice = TypeVar("Choice")

_SURNAMES = (
    "王7.1李7.0张6.7刘5.1陈4.6杨3.2黄2.4赵2.3吴2.0周1.9徐1.5孙1.4马1.3朱1.3胡1.2郭1.2何1.1林1.1高1.0罗1.0郑0.9梁0.9谢0.8宋0.7唐0.7"
    "许0.7韩0.7邓0.6冯0.6曹0.6彭0.6曾0.6肖0.5田0.5董0.5潘0.5袁0.5蔡0.5蒋0.5余0.5于0.5杜0.4叶0.4程0.4魏0.4苏0.4吕0.4丁0.4任0.4卢0.4"
    "姚0.4沈0.4钟0.4姜0.4崔0.3谭0.3陆0.3范0.3汪0.3廖0.3石0.3金0.3韦0.3贾0.3夏0.3付0.3方0.3邹0.3熊0.3白0.3孟0.3秦0.3邱0.3侯0.2江0.2"
    "尹0.2薛0.2闫0.2段0.2雷0.2龙0.2黎0.2史0.2陶0.2贺0.2毛0.2郝0.2顾0.2龚0.2邵0.2万0.2覃0.2武0.2钱0.2戴0.2严0.2莫0.2孔0.2向0.2常0.2"
    "单0.1解0.1查0.1仇0.1尉0.1翟0.1"
)
_COMPOUND = ("欧阳", "上官", "司马", "诸葛")
MALE = (
    "伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林"
    "峰建国志文海永世家德子昊轩博睿晨天泽铭毅恒瑞坤亮东庆春生云松柏"
)
FEMALE = (
    "芳娜敏静丽艳娟霞秀英兰玲桂婷雪琳倩颖洁慧莹蕾薇梅红燕萍璐瑶"
    "欣怡悦佳琪诗涵梦思雨晓小玉淑美珍翠莲菊香月凤春云文子若可心"
)
OTHER = (
    "民鸣铭名茗伍微玮炜维蔚方房访莉立力历俐京晶菁精婧静竞超朝潮涛桃"
    "陶洪宏鸿虹弘红志智治致芝建健剑坚辉晖惠会慧汇新欣馨鑫心佳嘉家加"
)
TYPED = "朋胡佩佩相湘祥祯真贞甄振震珍圳镇庭廷亭挺"
CITIES = {
    "上海": ("上海市", ("黄浦区", "徐汇区", "静安区", "浦东新区", "闵行区", "杨浦区", "长宁区", "普陀区")),
    "杭州": ("浙江省", ("西湖区", "上城区", "拱墅区", "滨江区", "余杭区")),
    "苏州": ("江苏省", ("姑苏区", "虎丘区", "吴中区", "工业园区")),
    "南京": ("江苏省", ("玄武区", "鼓楼区", "秦淮区", "建邺区", "江宁区")),
    "深圳": ("广东省", ("南山区", "福田区", "罗湖区", "宝安区", "龙岗区")),
    "广州": ("广东省", ("天河区", "越秀区", "海珠区", "番禺区", "白云区")),
    "成都": ("四川省", ("锦江区", "武侯区", "青羊区", "高新区")),
    "武汉": ("湖北省", ("江汉区", "武昌区", "洪山区", "汉阳区")),
}
_AREA = {
    "上海": "21",
    "杭州": "571",
    "苏州": "512",
    "南京": "25",
    "深圳": "755",
    "广州": "20",
    "成都": "28",
    "武汉": "27",
}
_ROAD_NAMES = (
    "人民 中山 解放 建设 南京 北京 和平 新华 文化 胜利 长江 黄河 友谊 光明 幸福 学府 滨江 湖滨 玉泉 翠竹 "
    "桃园 梅花 兰花 莲花 金桂 银杏 龙泉 凤凰 青年 团结 民主 复兴 振兴 兴业 创业 科技 锦绣 天目 古墩 文三 "
    "延安 淮海 四川 天山 虹桥 漕溪 肇嘉 龙华 江宁 长寿"
)
_ROADS = _ROAD_NAMES.split()
_PREFIXES = (
    "130",
    "131",
    "133",
    "135",
    "136",
    "137",
    "138",
    "139",
    "150",
    "151",
    "158",
    "159",
    "176",
    "177",
    "180",
    "186",
    "188",
    "189",
    "199",
)
MAIL_HOSTS = ("qq.com", "163.com", "126.com", "gmail.com", "sina.com", "foxmail.com", "outlook.com")
_FIRM_TEXT = (
    "华盛 恒达 鑫源 天成 东方 宏图 瑞丰 中信 金桥 远洋 安泰 佳美 新星 伟业 长城 光大 万通 益民 晨光 蓝海 "
    "星辰 永兴 众诚 启明 博雅 汇通"
)
_FIRM_WORDS = _FIRM_TEXT.split()
_TRADES = [
    "科技",
    "贸易",
    "餐饮",
    "文化传媒",
    "装饰",
    "电子",
    "服饰",
    "医疗器械",
    "物流",
    "建材",
    "食品",
    "教育",
    "珠宝",
    "健身",
    "美容",
]
_FORMS = ("有限公司", "有限责任公司", "股份有限公司", "集团有限公司")


def _weighted(text: str) -> tuple[list[str], list[float]]:
    names, weights, number = [], [], ""
    for char in text:
        if char.isascii():
            number += char
            continue
        if number:
            weights.append(float(number))
            number = ""
        names.append(char)
    weights.append(float(number))
    return names, list(accumulate(weights))


_SURNAME_LIST, _SURNAME_WEIGHTS = _weighted(_SURNAMES)


@lru_cache(maxsize=2_000)
def letters_of(char: str) -> str:
    """How a character of a given name is spelled, or a surname."""
    full = pinyin_tokens("王" + char).full
    return full[0].removeprefix("wang")


@lru_cache(maxsize=200)
def surname_letters(surname: str) -> str:
    return pinyin_tokens(surname).full[0]


@dataclass(slots=True)
class Home:
    city: str
    district: str
    road: str
    house: int
    building: int
    room: int


@dataclass(slots=True)
class Person:
    surname: str
    given: str
    gender: str
    born: date
    home: Home
    keeps_lunar: bool
    phone: str = ""
    old_phone: str = ""
    old_home: Home | None = None
    email: str = ""
    other_email: str = ""
    unionid: str = ""
    member_number: str = ""
    employer: str = ""
    work_phone: str = ""


@dataclass(slots=True)
class Firm:
    place: str
    core: str
    trade: str
    form: str
    phone: str
    email: str
    home: Home


@dataclass(slots=True)
class World:
    """Who lives there, made household by household."""

    rng: random.Random
    freed_phones: list[str] = field(default_factory=list)
    firms: list[Firm] = field(default_factory=list)
    serial: int = 0

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def one_of(self, options: Sequence[Choice]) -> Choice:
        return options[int(self.rng.random() * len(options))]

    def next_serial(self) -> int:
        self.serial += 1
        return self.serial

    def new_phone(self) -> str:
        if self.freed_phones and self.chance(0.15):
            # Carriers give a number to somebody new after some months.
            return self.freed_phones.pop(int(self.rng.random() * len(self.freed_phones)))
        return f"+86{self.one_of(_PREFIXES)}{int(self.rng.random() * 1e8):08}"

    def new_home(self) -> Home:
        city = self.one_of(tuple(CITIES))
        road = self.one_of(_ROADS) + self.one_of(("路", "路", "路", "街", "大道", "东路", "西路"))
        return Home(
            city,
            self.one_of(CITIES[city][1]),
            road,
            1 + int(self.rng.random() * 900),
            1 + int(self.rng.random() * 20),
            (1 + int(self.rng.random() * 18)) * 100 + 1 + int(self.rng.random() * 4),
        )

    def surname(self) -> str:
        if self.chance(0.004):
            return str(self.one_of(_COMPOUND))
        return self.rng.choices(_SURNAME_LIST, cum_weights=_SURNAME_WEIGHTS)[0]

    def given(self, gender: str, generation: str = "") -> str:
        pool = MALE if gender == "M" else FEMALE
        if generation:
            return generation + str(self.one_of(pool))
        # Squared: some characters are in every class, others in few.
        first = pool[int(self.rng.random() ** 2 * len(pool))]
        if self.chance(0.17):
            return first
        second_pool = pool + OTHER
        return first + second_pool[int(self.rng.random() ** 1.5 * len(second_pool))]

    def person(self, surname: str, gender: str, born: date, home: Home, generation: str = "") -> Person:
        given = self.given(gender, generation)
        person = Person(
            surname, given, gender, born, home, keeps_lunar=self.chance(0.45 if born.year < 1975 else 0.15)
        )
        person.phone = self.new_phone()
        if self.chance(0.14):
            person.old_phone = self.new_phone()
            self.freed_phones.append(person.old_phone)
        if self.chance(0.1):
            person.old_home = self.new_home()
        if self.chance(0.55):
            person.email = self.new_email(person)
            if self.chance(0.12):
                person.other_email = self.new_email(person)
        if self.chance(0.6):
            person.unionid = f"o6_{self.next_serial():010}"
        if self.chance(0.5):
            person.member_number = f"V{self.next_serial():09}"
        if self.firms and self.chance(0.06):
            firm = self.one_of(self.firms)
            person.employer, person.work_phone = firm_name(self, firm), firm.phone
        return person

    def new_email(self, person: Person) -> str:
        kind = self.rng.random()
        host = self.one_of(MAIL_HOSTS)
        if kind < 0.4:
            return f"{10_000 + int(self.rng.random() * 3e9)}@qq.com"
        letters = surname_letters(person.surname) + "".join(map(letters_of, person.given))
        if kind < 0.7:
            return f"{letters}{int(self.rng.random() * 10_000)}@{host}"
        return f"{letters}{person.born:%Y%m}{int(self.rng.random() * 10)}@{host}"

    def day(self, first: int, last: int) -> date:
        return date(first, 1, 1) + timedelta(days=int(self.rng.random() * 365.2 * (last - first + 1)))

    def household(self) -> list[Person]:
        home, kind = self.new_home(), self.rng.random()
        if kind < 0.42:
            return [self.person(self.surname(), self.one_of("MF"), self.day(1955, 2005), home)]
        born = self.day(1955, 1992)
        father = self.person(self.surname(), "M", born, home)
        mother = self.person(self.surname(), "F", born + timedelta(days=int(self.rng.gauss(600, 900))), home)
        people = [father, mother]
        if self.chance(0.05):
            mother.phone = father.phone
        if kind > 0.62:
            people += self.children(father, mother, 2 if kind > 0.9 else 1)
        return people

    def children(self, father: Person, mother: Person, count: int) -> Iterator[Person]:
        generation = str(self.one_of(MALE)) if count > 1 and self.chance(0.5) else ""
        born = father.born + timedelta(days=365 * self.rng.randint(23, 34) + self.rng.randint(0, 364))
        for number in range(count):
            if number and not self.chance(0.15):
                born += timedelta(days=self.rng.randint(400, 2500))  # else twins
            child = self.person(father.surname, self.one_of("MF"), born, father.home, generation)
            if born.year > 2004 and self.chance(0.5):
                child.phone = (mother if self.chance(0.6) else father).phone
                child.old_phone = ""
            if born.year > 2010:
                child.email = child.other_email = child.unionid = ""
            child.old_home = None
            yield child

    def firm(self) -> Firm:
        home = self.new_home()
        core = self.one_of(_FIRM_WORDS) + (self.one_of(_FIRM_WORDS) if self.chance(0.5) else "")
        area = _AREA[home.city]
        digits = 8 if len(area) == 2 or home.city in ("杭州", "苏州", "深圳") else 7
        phone = f"+86{area}{self.one_of('5678')}{int(self.rng.random() * 10 ** (digits - 1)):0{digits - 1}}"
        letters = "".join(map(letters_of, core))
        firm = Firm(
            home.city,
            core,
            self.one_of(_TRADES),
            self.one_of(_FORMS),
            phone,
            f"info@{letters}{self.next_serial()}.com",
            home,
        )
        self.firms.append(firm)
        return firm


def firm_name(world: World, firm: Firm) -> str:
    kind = world.rng.random()
    place = firm.place + "市" if kind < 0.15 else firm.place
    if kind < 0.6:
        return f"{place}{firm.core}{firm.trade}{firm.form}"
    if kind < 0.72:
        return f"{firm.core}{firm.trade}{firm.form}"
    if kind < 0.84:
        return f"{firm.core}{firm.trade}"
    if kind < 0.92:
        return f"{firm.core}({firm.place}){firm.trade}{firm.form}"
    return firm.core
