"""What happens at a counter: two records, and what the engine makes of them."""

from __future__ import annotations

import pytest

from dianke.matching.decisions import Decision
from dianke.matching.record import Birth, Calendar, Record
from dianke.matching.scoring import best_candidates, score

PHONE = "+8613912345678"
OTHER_PHONE = "+8618655001234"
BORN = Birth(9, 23, 1980)
ADDRESS = {"city": "上海市", "district": "静安区", "street": "南京西路1038号5幢301室"}


def person(number: int, name: str, **values: object) -> Record:
    return Record(number, name, **values)  # type: ignore[arg-type]


WANG = {"name": "王小明", "phones": (PHONE,), "birth": BORN}

LINKED = {
    "the same name, phone and birthday": ({}, {}),
    "traditional characters": ({}, {"name": "王小明"}),
    "a name in traditional characters": ({"name": "刘国华"}, {"name": "劉國華"}),
    "pinyin in the order of English": ({}, {"name": "Xiaoming Wang"}),
    "pinyin in one word": ({}, {"name": "wangxiaoming"}),
    "pinyin with ü": ({"name": "吕小明"}, {"name": "Lyu Xiaoming"}),
    "given name first": ({}, {"name": "小明王"}),
    "another character of the same sound": ({}, {"name": "王晓明"}),
    "a title behind the name": ({}, {"name": "王小明先生"}),
    "a remark behind the name": ({}, {"name": "王小明（老客户）"}),
    "only a surname and a title, and the birthday": ({}, {"name": "王先生"}),
    "only 小 and the surname, and the birthday": ({}, {"name": "小王"}),
    "a nickname and the birthday": ({}, {"name": "阿明"}),
    "initials and the birthday": ({}, {"name": "WXM"}),
    "one digit of the phone wrong": ({}, {"phones": ("+8613912345673",)}),
    "two digits of the phone swapped": ({}, {"phones": ("+8613912345687",)}),
    "the lunar day of the solar birthday": ({}, {"birth": Birth(8, 15, 1980, Calendar.LUNAR)}),
    "the lunar day written as a solar one": ({}, {"birth": Birth(8, 15, 1980)}),
    "the solar day marked as lunar": ({}, {"birth": Birth(9, 23, 1980, Calendar.LUNAR)}),
    "day and month swapped": ({"birth": Birth(5, 11, 1980)}, {"birth": Birth(11, 5, 1980)}),
    "the year off by one": ({}, {"birth": Birth(9, 23, 1981)}),
    "no year": ({}, {"birth": Birth(9, 23)}),
    "a new phone, the same birthday and email": (
        {"emails": ("wxm1980@qq.com",)},
        {"phones": (OTHER_PHONE,), "emails": ("wxm1980@qq.com",)},
    ),
    "the same mailbox at another provider": (
        {"phones": (), "emails": ("wangxm1980@qq.com",)},
        {"phones": (), "emails": ("wangxm1980@163.com",)},
    ),
    "the address in other words, no birthday": (
        {"birth": None, "phones": (), **ADDRESS},
        {"birth": None, "phones": (), "city": "上海", "street": "上海市静安区南京西路1038弄5号301"},
    ),
    "the same verified WeChat identity": (
        {"phones": (), "birth": None, "unionid": "o6_1"},
        {"name": "明明", "phones": (), "birth": None, "unionid": "o6_1"},
    ),
    "a firm with and without its legal form": (
        {"name": "上海晨光文具股份有限公司", "phones": ("+862158001234",), "birth": None, "is_company": True},
        {"name": "晨光文具", "phones": ("+862158001234",), "birth": None, "is_company": True},
    ),
}

REVIEWED = {
    "the phone and a surname": ({"birth": None}, {"name": "王女士", "birth": None}),
    "the phone and a nickname": ({"birth": None}, {"name": "明哥", "birth": None}),
    "twins: phone and birthday, another given name": ({}, {"name": "王小亮"}),
    "the phone and one character of the name": ({"birth": None}, {"name": "王小亮", "birth": None}),
}

LEFT = {
    "a recycled number: another name, another birthday": ({}, {"name": "李强", "birth": Birth(3, 2, 1995)}),
    "parent and child with one phone": ({}, {"name": "王子轩", "birth": Birth(6, 1, 2012)}),
    "a couple with one phone and one door": (
        {"birth": None, **ADDRESS},
        {"name": "陈丽", "birth": None, **ADDRESS},
    ),
    "brothers at one door": (
        {"name": "王建国", "birth": None, **ADDRESS},
        {"name": "王建军", "birth": None, "phones": (OTHER_PHONE,), **ADDRESS},
    ),
    "a common name and nothing else": (
        {"name": "王伟", "birth": None},
        {"name": "王伟", "birth": None, "phones": (OTHER_PHONE,)},
    ),
    "a placeholder for the phone": (
        {"phones": ("+8613800138000",), "birth": None},
        {"phones": ("+8613800138000",), "birth": None},
    ),
    "a placeholder for the birthday": (
        {"phones": (), "birth": Birth(1, 1, 1900)},
        {"phones": (), "birth": Birth(1, 1, 1900)},
    ),
    "two WeChat identities": ({"unionid": "o6_1"}, {"unionid": "o6_2"}),
    "two member numbers": ({"member_number": "V1"}, {"member_number": "V2"}),
    "two identity documents": ({"document": "a1"}, {"document": "b2"}),
    "a firm and the person who answers its phone": (
        {"name": "上海晨光文具有限公司", "is_company": True, "birth": None},
        {"birth": None},
    ),
    "the mother of a child": (
        {"birth": None, "phones": ()},
        {"name": "小明妈妈", "birth": None, "phones": ()},
    ),
}


def verdict(changes: tuple[dict[str, object], dict[str, object]]) -> object:
    left, right = changes
    return score(Record(1, **{**WANG, **left}), Record(2, **{**WANG, **right}))  # type: ignore[arg-type]


@pytest.mark.parametrize("changes", LINKED.values(), ids=LINKED.keys())
def test_these_are_linked(changes):
    found = verdict(changes)
    assert found.decision is Decision.LINK, found


@pytest.mark.parametrize("changes", REVIEWED.values(), ids=REVIEWED.keys())
def test_these_are_looked_at_by_a_person(changes):
    found = verdict(changes)
    assert found.decision is Decision.REVIEW, found


@pytest.mark.parametrize("changes", LEFT.values(), ids=LEFT.keys())
def test_these_are_left_alone(changes):
    found = verdict(changes)
    assert found.decision is Decision.LEAVE, found


def test_a_phone_never_links_across_different_verified_identities():
    found = verdict(({"unionid": "o6_1", **ADDRESS}, {"unionid": "o6_2", **ADDRESS}))
    assert (found.decision, found.blocked_by) == (Decision.LEAVE, "unionid")
    assert found.probability > 0.9  # everything else agrees, and it does not help


def test_a_rare_name_is_worth_more_than_a_common_one():
    common = score(Record(1, "王伟", (PHONE,)), Record(2, "王伟", (PHONE,)))
    rare = score(Record(1, "澹台德馨", (PHONE,)), Record(2, "澹台德馨", (PHONE,)))
    assert rare.weight > common.weight


def test_candidates_come_best_first_and_without_those_to_leave():
    new = Record(9, "Wang Xiaoming", (PHONE,), birth=BORN)
    same = Record(1, "王小明", (PHONE,), birth=BORN)
    perhaps = Record(2, "王先生", (PHONE,))
    child = Record(3, "王子轩", (PHONE,), birth=Birth(6, 1, 2012))
    found = best_candidates(new, [child, perhaps, same, new])
    assert [candidate.id for candidate, _verdict in found] == [1, 2]
    assert [each.decision for _candidate, each in found] == [Decision.LINK, Decision.REVIEW]
