"""What somebody means who types a few letters or digits into the search for customers.

A clerk types the last digits of a phone, a whole number, a name, pinyin or initials, an email, a WeChat ID or a member
number, and often a surname with the last four digits. This module only says which of them it can be; what is found is
asked in `queries/search.py`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from dianke.core.errors import InvalidInput
from dianke.core.names import query_terms
from dianke.core.phone import Phone
from dianke.core.phone import parse as parse_phone
from dianke.customers.rules.numbers import is_member_number

SHORTEST_TAIL, LONGEST_TAIL = 4, 11
LONGEST_QUERY = 80

_SEPARATORS = re.compile(r"(?<=\d)[\s\-‐‑–—.·()]+(?=\d)")
# A name with the number right behind it, as they are pasted from a chat.
_GLUED = re.compile(r"(?<=[\u3400-\u9fff])(?=\+?\d{4})|(?<=\d{4})(?=[\u3400-\u9fff])")
_DIGITS = re.compile(r"\+?\d+")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
# Six to twenty letters, digits, hyphens and underscores, beginning with a letter: WeChat's own rule for its IDs.
_WECHAT = re.compile(r"[A-Za-z][A-Za-z0-9_-]{5,19}")
_HAN_NAME = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff·]{2,8}")
#: What nobody calls a customer by, although it is made of Chinese characters and might be two to four of them.
_COMMON_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜"
    "崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛"
    "張劉陳楊黃趙吳馬鄭謝許馮鄧蕭呂盧鐘陸賈鄒嚴龍顧萬錢湯葉蘇蔣羅韓"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query can mean; empty fields are not asked for.

    `text` is what is looked for among names (with pinyin and initials), `tail` the last digits of a phone, `phone` a
    whole number in E.164, `number` a member number, `email` and `wechat` such an address. `text` beside `tail`
    means both.
    """

    text: str = ""
    tail: str = ""
    phone: str = ""
    number: str = ""
    email: str = ""
    wechat: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.text or self.tail or self.phone or self.number or self.email)


def asked(query: str) -> Asked:
    """What a query means. "王 5678" is a name and a tail, "138 1234 5678" a whole number, "wangxm" pinyin."""
    plain = unicodedata.normalize("NFKC", query).strip()[:LONGEST_QUERY]
    if _EMAIL.fullmatch(plain):
        return Asked(email=plain.casefold())
    plain = _GLUED.sub(" ", _SEPARATORS.sub("", plain))
    words = plain.split()
    numbers = [word for word in words if _DIGITS.fullmatch(word)]
    digits = max(numbers, key=len, default="").removeprefix("+")
    text = " ".join(word for word in words if not _DIGITS.fullmatch(word))
    if not query_terms(text):
        text = ""
    wechat = text if _WECHAT.fullmatch(text) else ""
    if len(digits) < SHORTEST_TAIL:
        # Fewer digits than a tail may be the beginning of a member number or part of a firm's name.
        return Asked(text=plain if query_terms(plain) else "", wechat=wechat)
    phone = _whole(max(numbers, key=len))
    # A whole number typed without its country code may be a member number all the same.
    number = digits if not phone or (digits in numbers and is_member_number(digits)) else ""
    tail = "" if phone or len(digits) > LONGEST_TAIL else digits
    return Asked(
        text=text, tail=tail, phone=phone.e164 if phone else "", number="" if text else number, wechat=wechat
    )


def _whole(digits: str) -> Phone | None:
    """A complete phone number; seven or eight digits without an area code are a tail, not a number."""
    if len(digits) < 10 and not digits.startswith(("+", "00")):
        return None
    try:
        return parse_phone(digits)
    except InvalidInput:
        return None


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who could be entered from a query that found nobody."""

    name: str = ""
    phone: str = ""


def newcomer(query: str) -> Newcomer | None:
    """The customer a fruitless query describes: a whole phone number, a Chinese name, or both; None for
    anything else."""
    meant = asked(query)
    name = meant.text if _HAN_NAME.fullmatch(meant.text) and meant.text[0] in _COMMON_SURNAMES else ""
    if meant.phone:
        return Newcomer(name, meant.phone.removeprefix("+86"))
    if name and not meant.tail and len(name) <= 4:
        return Newcomer(name)
    return None
