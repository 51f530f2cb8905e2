from __future__ import annotations

import pytest

from dianke.matching.addresses import place, street_parts
from dianke.matching.birthdays import birth_parts
from dianke.matching.naming import firm_core, name_parts
from dianke.matching.preparation import COLUMNS, is_placeholder, prepare
from dianke.matching.record import Record
from dianke.matching.spelling import sound, syllables

SPELLED = {
    "王小明": ("wang", "xiaoming"),
    "王小明先生": ("wang", "xiaoming"),
    "Wang Xiaoming": ("wang", "xiaoming"),
    "WANG, XIAO MING": ("wang", "xiaoming"),
    "xiaoming wang": ("wang", "xiaoming"),
    "wangxiaoming": ("wang", "xiaoming"),
    "小明王": ("wang", "xiaoming"),
    "歐陽娜娜": ("ouyang", "nana"),
    "ouyangnana": ("ouyang", "nana"),
    "单雄信": ("shan", "xiongxin"),
    "Lyu Bu": ("lu", "bu"),
    "吕布": ("lu", "bu"),
    "王女士": ("wang", None),
    "小王": ("wang", None),
    "王总": ("wang", None),
    "阿明": (None, None),
    "小宝妈妈": (None, None),
    "Michaela Neumann": ("neumann", "michaela"),
    "Wang X.M.": ("wang", None),
    "": (None, None),
}


@pytest.mark.parametrize(("name", "expected"), SPELLED.items())
def test_surname_and_given_name_are_found_in_however_it_is_written(name, expected):
    parts = name_parts(name, False)
    assert (parts["surname_spelled"], parts["given_spelled"]) == expected


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("上海晨光文具股份有限公司", "晨光文具"),
        ("晨光文具(上海)有限公司", "晨光文具"),
        ("上海市静安区晨光文具店有限责任公司", "晨光文具店"),
        ("华为技术有限公司", "华为技术"),
        ("广州有限公司", "广州"),
    ],
)
def test_a_firm_is_known_by_its_core(name, core):
    assert firm_core(name) == core
    assert name_parts(name, False)["kind"] == "COMPANY"


def test_nickname_gives_the_character_it_is_made_of():
    assert [name_parts(name, False)["nick"] for name in ("阿明", "明哥", "小明", "丽丽")] == [
        "明",
        "明",
        "明",
        "丽",
    ]


@pytest.mark.parametrize(
    ("street", "expected"),
    [
        ("南京西路1038号5幢301室", ("南京西路", "1038-5-301")),
        ("南京西路 1038-5-301", ("南京西路", "1038-5-301")),
        ("上海市静安区南京西路1038弄5号301", ("南京西路", "1038-5-301")),
        ("南京西路一千零三十八号", ("南京西路", "1038")),
        ("南京西路一〇三八号二十栋", ("南京西路", "1038-20")),
        ("中山一路3号", ("中山一路", "3")),
        ("8 Stanley Street", ("stanleystreet", "8")),
        ("", (None, None)),
    ],
)
def test_road_and_numbers_are_found_in_a_street_line(street, expected):
    assert street_parts(street) == expected


def test_places_are_known_by_their_bare_names():
    assert [place(name) for name in ("广东省", "廣東", "静安区", "浦东新区", "")] == [
        "广东",
        "广东",
        "静安",
        "浦东",
        None,
    ]


def test_a_birthday_has_its_day_in_the_other_calendar():
    solar = birth_parts(1980, 9, 23, "SOLAR", False)
    lunar = birth_parts(1980, 8, 15, "LUNAR", False)
    assert (solar["birth_day_converted"], lunar["birth_day_converted"]) == (815, 923)
    assert birth_parts(None, 8, 15, "LUNAR", False)["birth_day_converted"] is None
    assert birth_parts(1981, 2, 30, "SOLAR", False)["birth_day_converted"] is None


def test_the_first_of_january_1900_is_nobodys_birthday():
    assert set(birth_parts(1900, 1, 1, "SOLAR", False).values()) == {None}


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ("+8613800138000", True),
        ("+8613888888888", True),
        ("+8613912345678", False),
        ("+862100000000", True),
        ("", True),
    ],
)
def test_placeholders_are_known(phone, expected):
    assert is_placeholder(phone) is expected


def test_a_prepared_record_has_every_column_and_no_empty_value():
    empty, full = prepare(Record(1)), prepare(Record(1, "王小明", ("+8613912345678",), ("a@b.cn",)))
    assert set(COLUMNS) == set(empty) == set(full)
    assert {value for column, value in empty.items() if column != "kind"} == {None}


def test_syllables_are_the_fewest():
    assert syllables("xiaoming") == ("xiao", "ming")
    assert syllables("lvbu") == ("lu", "bu")
    assert syllables("neumann") == ()


def test_what_sounds_alike_is_one_sound():
    assert sound("zhang") == sound("zan") == "zan"
    assert sound("liu") == sound("niu")
