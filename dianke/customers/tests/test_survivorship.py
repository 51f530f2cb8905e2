"""Which value is shown and why: one table, and the sentences that tell it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from dianke.customers.rules.consent import ConsentFact, effective, may
from dianke.customers.rules.survivorship import RecordFields, Survivor, explain, survivors


def at(day: int) -> datetime:
    return datetime(2026, 5, day, 4, 0, tzinfo=UTC)


def rec(number: int, channel: str, day: int, **fields) -> RecordFields:
    return RecordFields(number, channel, at(day), fields, channel.title())


@pytest.mark.parametrize(
    ("records", "value", "source", "rule"),
    [
        ([rec(1, "COUNTER", 3, name="王小明")], "王小明", 1, "only"),
        ([rec(1, "WEB", 1, name="王明"), rec(2, "COUNTER", 3, name="王小明")], "王小明", 2, "newest"),
        ([rec(1, "COUNTER", 1, name="王小明"), rec(2, "IMPORT", 3, name="王明")], "王小明", 1, "told"),
        ([rec(1, "COUNTER", 1, name="王小明"), rec(2, "COUNTER", 3, name="王女士")], "王小明", 1, "fuller"),
        ([rec(1, "STAFF", 1, name="王小铭"), rec(2, "WEB", 3, name="王小明")], "王小铭", 1, "correction"),
        ([rec(1, "STAFF", 1, name="王小铭"), rec(2, "PORTAL", 3, name="王晓明")], "王晓明", 2, "newest"),
        ([rec(1, "STAFF", 1, name="王女士"), rec(2, "COUNTER", 3, name="王小明")], "王女士", 1, "correction"),
        ([rec(1, "COUNTER", 3, name="王小明"), rec(2, "COUNTER", 3, name="王晓明")], "王晓明", 2, "newest"),
        ([rec(1, "WEB", 1, name="单雨薇"), rec(2, "COUNTER", 3, name="shan yu wei")], "单雨薇", 1, "fuller"),
        (
            [rec(1, "COUNTER", 1, name="单女士"), rec(2, "WEB", 3, name="Shan Yuwei")],
            "Shan Yuwei",
            2,
            "fuller",
        ),
        (
            [rec(1, "STAFF", 1, name="Emma Liu"), rec(2, "COUNTER", 3, name="刘艾玛")],
            "Emma Liu",
            1,
            "correction",
        ),
    ],
)
def test_the_shown_name_follows_the_rules(records, value, source, rule):
    assert survivors(records)["name"] == Survivor(value, source, rule)
    assert survivors(list(reversed(records)))["name"] == Survivor(value, source, rule)


def test_fields_survive_one_by_one_and_custom_fields_by_key():
    found = survivors(
        [
            rec(1, "COUNTER", 1, name="王小明", **{"custom.skin": "dry", "custom.size": "12"}),
            rec(2, "WEB", 2, gender="F", **{"custom.skin": "oily"}),
        ]
    )
    assert {name: (one.value, one.record_id) for name, one in found.items()} == {
        "name": ("王小明", 1),
        "gender": ("F", 2),
        "custom.skin": ("oily", 2),
        "custom.size": ("12", 1),
    }


def test_what_was_emptied_on_purpose_stays_empty():
    records = [rec(1, "COUNTER", 1, occupation="教师"), rec(2, "STAFF", 2, occupation=None)]
    assert "occupation" not in survivors(records)
    assert survivors([*records, rec(3, "STAFF", 3, occupation="医生")])["occupation"].value == "医生"


def test_other_names_are_gathered_until_somebody_corrects_them():
    records = [rec(1, "COUNTER", 1, aliases="小明"), rec(2, "WEB", 2, aliases="Ming, 小明")]
    assert survivors(records)["aliases"] == Survivor("小明、Ming", 2, "union")
    assert survivors([*records, rec(3, "STAFF", 3, aliases="明明")])["aliases"].value == "明明"


def test_the_choice_is_told_in_a_sentence():
    records = [rec(1, "WEB", 1, phone="+8613800001111"), rec(2, "COUNTER", 3, phone="+8613900001111")]
    told = explain("phone", survivors(records)["phone"], records)
    with override("en"):
        assert str(told) == "from Counter, May 3, 2026; newer than Web"
    with override("zh-hans"):
        assert "2026年5月3日" in str(told)
        assert "13900001111" not in str(told)


CAME = [("WEB", 1), ("STAFF", 1), ("IMPORT", 9), ("COUNTER", 5), ("STAFF", 3)]


@given(st.permutations([rec(n, channel, day, name=f"王{n}") for n, (channel, day) in enumerate(CAME, 1)]))
def test_the_order_records_are_read_in_does_not_matter(records):
    assert survivors(records)["name"] == Survivor("王5", 5, "newest")


# --- consent --------------------------------------------------------------------------------------------------
def said(customer: int, purpose: str, channel: str, is_given: bool, day: int) -> ConsentFact:
    return ConsentFact(customer, purpose, channel, is_given, at(day))


def test_the_newest_word_of_a_person_holds():
    answers = effective([said(1, "MARKETING", "SMS", True, 1), said(1, "MARKETING", "SMS", False, 2)])
    assert not may(answers, "MARKETING", "SMS")


def test_any_channel_speaks_for_each_until_one_has_a_newer_word():
    facts = [said(1, "CARE", "ANY", True, 1), said(1, "CARE", "SMS", False, 2)]
    answers = effective(facts)
    assert (may(answers, "CARE", "CALL"), may(answers, "CARE", "SMS"), may(answers, "MARKETING", "SMS")) == (
        True,
        False,
        False,
    )
    withdrawn = effective([*facts, said(1, "CARE", "ANY", False, 3)])
    assert not any(withdrawn.values())


def test_over_a_merged_profile_the_most_restrictive_holds():
    facts = [said(1, "MARKETING", "SMS", True, 5), said(2, "MARKETING", "SMS", False, 1)]
    assert not may(effective(facts), "MARKETING", "SMS")
    # Asked again after the merge, the person may agree; the history of both stays.
    assert may(effective(facts, head_id=1, merged_at={2: at(3)}), "MARKETING", "SMS")
    assert not may(effective(facts, head_id=1, merged_at={2: at(6)}), "MARKETING", "SMS")
