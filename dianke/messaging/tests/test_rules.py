"""The pure rules: limits against a plain count, hours over midnight, words and their length, the linter, reports."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.messaging.queries.limits import _lint_rules
from dianke.messaging.rules.carriers import Answer, Outcome
from dianke.messaging.rules.limits import (
    Hours,
    Limit,
    NeverOpen,
    Window,
    Written,
    first_day_free,
    first_over,
    open_from,
)
from dianke.messaging.rules.lint import WORDINGS, lint
from dianke.messaging.rules.reach import Person, Rules, judge
from dianke.messaging.rules.settling import as_kept, settled
from dianke.messaging.rules.words import VariableOpen, VariableUnknown, length_of, read_wording

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 21)
QUIET = Hours(time(21), time(9))


def at(hour: int, minute: int = 0, day: int = 21) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


# --- hours -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("asked", "opened"),
    [
        (at(14), at(14)),
        (at(20, 59), at(20, 59)),
        (at(21), at(9, day=22)),
        (at(23, 59), at(9, day=22)),
        (at(0), at(9)),
        (at(8, 59), at(9)),
        (at(9), at(9)),
    ],
)
def test_quiet_hours_span_midnight(asked, opened):
    assert open_from(asked, ZONE, quiet=QUIET, windows=[]) == opened


def test_the_window_of_a_law_holds_from_its_day_on():
    window = Window("SMS", frozenset({"MARKETING"}), Hours(time(8), time(21)), since=date(2026, 11, 22))
    assert open_from(at(22), ZONE, quiet=None, windows=[window]) == at(22)
    assert open_from(at(22, day=22), ZONE, quiet=None, windows=[window]) == at(8, day=23)


def test_the_hours_are_those_of_the_recipient():
    evening_in_beijing = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)  # 22:00 in Beijing, 14:00 in London
    london = ZoneInfo("Europe/London")
    assert open_from(evening_in_beijing, london, quiet=QUIET, windows=[]) == evening_in_beijing
    assert open_from(evening_in_beijing, ZONE, quiet=QUIET, windows=[]) == at(9, day=22)


def test_no_hour_left_is_said():
    window = Window("SMS", frozenset(), Hours(time(8), time(21)), since=date(2020, 1, 1))
    with pytest.raises(NeverOpen):
        open_from(at(12), ZONE, quiet=Hours(time(7), time(22)), windows=[window])


@given(st.integers(0, 525_599), st.times(), st.times())
def test_what_is_opened_is_never_quiet_and_never_earlier(minute, begins, ends):
    quiet = Hours(begins, ends)
    asked = datetime(2026, 1, 1, tzinfo=ZONE) + timedelta(minutes=minute)
    opened = open_from(asked, ZONE, quiet=quiet, windows=[])
    assert opened >= asked
    assert not quiet.has(opened.astimezone(ZONE).time())
    assert opened - asked <= timedelta(days=1, hours=1)


# --- limits ----------------------------------------------------------------------------------------------------------
days_ago = st.integers(0, 40).map(lambda ago: DAY - timedelta(days=ago))
writings = st.lists(
    st.builds(
        Written,
        days_ago,
        st.sampled_from(["SMS", "EMAIL"]),
        st.sampled_from(["MARKETING", "CARE", "SERVICE"]),
    ),
    max_size=12,
)
limits = st.lists(
    st.builds(Limit, st.sampled_from([1, 7, 30]), st.integers(0, 4), st.sampled_from(["", "SMS"])), max_size=3
)


@given(limits, writings)
def test_with_one_more_no_limit_is_broken_when_it_may_go_and_one_is_when_not(rules, written):
    over = first_over(rules, written, channel="SMS", purpose="MARKETING", day=DAY)
    after = [*written, Written(DAY, "SMS", "MARKETING")]
    broken = [
        limit
        for limit in rules
        if sum(
            DAY - timedelta(days=limit.days) < one.day <= DAY
            and one.purpose in limit.purposes
            and limit.channel in ("", one.channel)
            for one in after
        )
        > limit.count
    ]
    assert (over is not None) == bool(broken)


@given(limits, writings)
def test_the_first_free_day_is_free_and_no_day_before_it_is(rules, written):
    free = first_day_free(rules, written, channel="SMS", purpose="CARE", day=DAY)
    until = (free - DAY).days if free else 32
    for ahead in range(until):
        assert first_over(rules, written, channel="SMS", purpose="CARE", day=DAY + timedelta(days=ahead))
    if free:
        assert first_over(rules, written, channel="SMS", purpose="CARE", day=free) is None


def test_a_message_about_an_order_is_counted_by_no_limit_of_the_merchant():
    written = [Written(DAY, "SMS", "MARKETING")] * 5
    assert first_over([Limit(1, 1)], written, channel="SMS", purpose="SERVICE", day=DAY) is None


def test_a_limit_and_quiet_hours_together_wait_for_both():
    person = Person("ACTIVE", consents={("CARE", "SMS"): True}, written=[Written(DAY, "SMS", "CARE")])
    rules = Rules("SMS", "CARE", limits=[Limit(1, 1)], quiet=QUIET)
    verdict = judge(person, rules, at=at(14))
    assert (verdict.reasons, verdict.until) == (("often",), at(9, day=22))


# --- batches ---------------------------------------------------------------------------------------------------------
def test_what_a_dead_worker_leaves():
    answers = {"12": as_kept(Answer(Outcome.REFUSED, detail="550", bad_address=True))}
    found, not_begun = settled([11, 12, 13, 14], 3, answers)
    assert {pk: answer.outcome.value for pk, answer in found.items()} == {
        11: "SENT",
        12: "REFUSED",
        13: "UNKNOWN",
    }
    assert found[12].bad_address
    assert not_begun == [14]
    assert settled([11, 12], 0, {}) == ({}, [11, 12])


# --- words -----------------------------------------------------------------------------------------------------------
def test_variables_are_replaced_and_nothing_else_is_understood():
    wording = read_wording("{{ name }} {% if x %} {{name}}!", {"name"})
    assert wording.filled({"name": "{{ evil }}"}) == "{{ evil }} {% if x %} {{ evil }}!"
    assert wording.variables == ("name",)


@pytest.mark.parametrize(
    "text", ["{{ name.__class__ }}", "{{ nmae }}", "{{ names }}", "{{ Name }}", "{{ name|upper }}"]
)
def test_what_nobody_knows_is_an_error_with_the_nearest(text):
    with pytest.raises(VariableUnknown, match="name"):
        read_wording(text, {"name", "points"})


@pytest.mark.parametrize("text", ["{{ name", "name }}", "{{ a {{ name }}"])
def test_a_lost_brace_is_said(text):
    with pytest.raises((VariableOpen, VariableUnknown)):
        read_wording(text, {"name"})


@pytest.mark.parametrize(
    ("text", "count", "parts"),
    [
        ("", 0, 1),
        ("a" * 160, 160, 1),
        ("a" * 161, 161, 2),
        ("a" * 306, 306, 2),
        ("a" * 307, 307, 3),
        ("€" * 80, 160, 1),
        ("茶" * 70, 70, 1),
        ("茶" * 71, 71, 2),
        ("茶" * 134, 134, 2),
        ("茶" * 135, 135, 3),
        ("🍵" * 35, 70, 1),
        ("🍵" * 36, 72, 2),
    ],
)
def test_length_and_parts(text, count, parts):
    found = length_of(text)
    assert (found.count, found.parts) == (count, parts)


# --- the linter ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "carrier", "day", "codes"),
    [
        ("全网最低价！拒收请回复R", "aliyun", DAY, {"absolute_words"}),
        ("最近到了秋茶。拒收请回复R", "aliyun", DAY, set()),
        ("送您优惠券。拒收请回复R", "tencent", DAY, {"tencent_coupon"}),
        ("送您优惠券。拒收请回复R", "aliyun", DAY, set()),
        ("送您优惠券。拒收请回复R", "tencent", date(2025, 6, 16), set()),
        ("好久不见，欢迎到店。拒收请回复R", "tencent", DAY, {"tencent_win_back", "tencent_invitation"}),
        ("{{ name }}，秋茶。拒收请回复R", "huawei", DAY, {"huawei_variables"}),
        ("【云裳】秋茶", "aliyun", DAY, {"own_brackets", "no_way_out"}),
    ],
)
def test_the_linter_finds_what_is_refused_from_its_day_on(text, carrier, day, codes):
    found = lint(text, _lint_rules(), channel="SMS", purpose="MARKETING", carrier=carrier, today=day)
    assert {each.code for each in found} == codes
    assert all(str(each.why) and str(each.remedy) and each.source for each in found)


def test_what_is_added_by_itself_is_only_a_hint_and_comes_last():
    found = lint(
        "【云裳】秋茶", _lint_rules(), channel="SMS", purpose="MARKETING", carrier="aliyun", today=DAY
    )
    assert [(each.code, each.is_hint) for each in found] == [("own_brackets", False), ("no_way_out", True)]


@pytest.mark.parametrize(
    ("text", "purpose", "codes"),
    [
        ("thing1：戒指已修好\namount2：¥20", "SERVICE", []),
        ("您的戒指已修好", "SERVICE", ["wechat_lines"]),
        ("thing1：秋茶到店", "MARKETING", ["wechat_offers"]),
    ],
)
def test_what_wechat_refuses(text, purpose, codes):
    found = lint(
        text, _lint_rules(), channel="WECHAT", purpose=purpose, carrier="wechat", today=date(2026, 11, 21)
    )
    assert [one.code for one in found] == codes


def test_every_rule_has_its_words():
    assert {rule["code"] for rule in _lint_rules()} == set(WORDINGS)
