"""The rules of merging as tables: what forbids it, what is kept, what leaves together, what is lent and given back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dianke.customers.rules.comparing import Agreement, Value, compare, preview
from dianke.customers.rules.merging import (
    MOST_MEMBERS,
    Reach,
    Side,
    better_to_keep,
    branch_of,
    reach_to_withdraw,
    why_not,
    why_not_by_rule,
)

LEFT = Side(head=1, members=frozenset({1}))
RIGHT = Side(head=2, members=frozenset({2}))


def only(**verified: str) -> dict[str, frozenset[str]]:
    return {kind: frozenset({value}) for kind, value in verified.items()}


def values(kind: str, count: int, first: int = 0) -> dict[str, frozenset[bytes]]:
    return {kind: frozenset(bytes([number]) for number in range(first, first + count))}


@pytest.mark.parametrize(
    ("left", "right", "codes"),
    [
        (LEFT, RIGHT, []),
        (LEFT, replace(RIGHT, states=frozenset({"ERASED"})), ["erased"]),
        (replace(LEFT, states=frozenset({"ACTIVE", "ERASING"})), RIGHT, ["erasure_pending"]),
        (LEFT, replace(RIGHT, has_erasure_open=True), ["erasure_pending"]),
        (LEFT, replace(RIGHT, states=frozenset({"REMOVED"})), ["removed"]),
        (LEFT, replace(RIGHT, kind="COMPANY"), ["kinds_differ"]),
        (replace(LEFT, verified=only(UNIONID="a")), replace(RIGHT, verified=only(UNIONID="a")), []),
        (
            replace(LEFT, verified=only(UNIONID="a")),
            replace(RIGHT, verified=only(UNIONID="b")),
            ["identities_differ"],
        ),
        (
            replace(LEFT, verified=only(WECOM="a")),
            replace(RIGHT, verified=only(WECOM="b")),
            ["identities_differ"],
        ),
        (replace(LEFT, verified=only(DOCUMENT="a")), replace(RIGHT, verified=only(UNIONID="b")), []),
        (
            replace(LEFT, kind="COMPANY", credit_codes=frozenset({"91310000MA1"})),
            replace(RIGHT, kind="COMPANY", credit_codes=frozenset({"91310000MA2"})),
            ["credit_codes_differ"],
        ),
        (
            replace(LEFT, partners=frozenset({5})),
            replace(RIGHT, partners=frozenset({6})),
            ["partners_differ"],
        ),
        (replace(LEFT, partners=frozenset({5})), RIGHT, []),
        (replace(LEFT, related=frozenset({2})), RIGHT, ["related"]),
        (LEFT, replace(RIGHT, apart=frozenset({1})), ["told_apart"]),
        (replace(LEFT, members=frozenset(range(10, 10 + MOST_MEMBERS))), RIGHT, ["too_many_members"]),
        (replace(LEFT, values=values("PHONE", 10)), replace(RIGHT, values=values("PHONE", 10)), []),
        (
            replace(LEFT, values=values("PHONE", 10)),
            replace(RIGHT, values=values("PHONE", 1, 99)),
            ["too_many_values"],
        ),
        (
            replace(LEFT, values=values("UNIONID", 2)),
            replace(RIGHT, values=values("UNIONID", 1, 9)),
            ["too_many_values"],
        ),
    ],
)
def test_why_not_names_what_forbids_a_merge_in_both_directions(left, right, codes):
    assert [problem.code for problem in why_not(left, right)] == codes
    assert [problem.code for problem in why_not(right, left)] == codes
    assert all(str(problem) for problem in why_not(left, right))


def test_a_rule_alone_neither_shows_a_partners_customer_to_others_nor_settles_a_review():
    kept_by_partner = replace(LEFT, partners=frozenset({5}), is_common=False)
    assert [problem.code for problem in why_not_by_rule(kept_by_partner, RIGHT)] == ["partner_decides"]
    waiting = replace(RIGHT, states=frozenset({"REVIEW"}))
    assert [problem.code for problem in why_not_by_rule(LEFT, waiting)] == ["waits_for_review"]
    same_partner = replace(RIGHT, partners=frozenset({5}), is_common=False)
    assert why_not_by_rule(kept_by_partner, same_partner) == []


@pytest.mark.parametrize(
    ("left", "right", "kept"),
    [
        (LEFT, RIGHT, 1),
        (replace(LEFT, states=frozenset({"REVIEW"})), RIGHT, 2),
        (LEFT, replace(RIGHT, verified=only(UNIONID="a")), 2),
        (LEFT, replace(RIGHT, members=frozenset({2, 3})), 2),
    ],
)
def test_the_reviewed_verified_grown_and_older_one_is_kept(left, right, kept):
    assert better_to_keep(left, right) == better_to_keep(right, left) == kept


def test_a_branch_is_everything_below_and_nothing_beside():
    #     1
    #    2 5
    #   3 4
    links = {2: 1, 3: 2, 4: 2, 5: 1}
    assert branch_of(2, links) == {2, 3, 4}
    assert branch_of(5, links) == {5}
    assert branch_of(1, links) == {1, 2, 3, 4, 5}


def test_what_was_lent_goes_unless_one_below_has_it_of_its_own():
    ann, bob, eve = 101, 102, 103
    reach = {
        1: Reach(frozenset({ann, bob, eve}), frozenset({7, 8})),  # bob, eve and 8 came by merges
        2: Reach(frozenset({eve}), frozenset({7})),  # eve looks after this one
        3: Reach(frozenset({bob})),  # and bob after one who hangs on nobody here
    }
    lent = {1: Reach(frozenset({bob, eve}), frozenset({8}))}
    assert reach_to_withdraw(reach, lent, {2: 1}) == {1: Reach(frozenset({bob}), frozenset({8}))}
    assert reach_to_withdraw(reach, {}, {2: 1}) == {}


def test_comparing_marks_each_value_and_the_whole_field():
    labels = {"name": "Name", "phone": "Phone", "email": "Email", "note": "Note", "tags": "Tags"}
    left = {
        "name": [Value("王小明", "wang")],
        "phone": [Value("138****8000", "a"), Value("139****1111", "b")],
        "email": [Value("w***@a.cn", "x")],
        "note": [Value("左", "l")],
    }
    right = {
        "name": [Value("王小明", "wang")],
        "phone": [Value("138****8000", "a")],
        "email": [Value("w***@a.cn", "y")],
        "tags": [Value("VIP", "vip")],
    }
    lines = {line.code: line for line in compare(labels, left, right)}
    assert list(lines) == ["name", "phone", "email", "note", "tags"]
    assert {code: line.agreement for code, line in lines.items()} == {
        "name": Agreement.SAME,
        "phone": Agreement.PARTLY,
        "email": Agreement.DIFFERENT,  # alike behind the mask, yet two addresses
        "note": Agreement.ONE_SIDED,
        "tags": Agreement.ONE_SIDED,
    }
    assert [shown.is_shared for shown in lines["phone"].left] == [True, False]


def test_a_preview_keeps_every_value_unless_one_survives():
    lines = compare(
        {"name": "Name", "phone": "Phone"},
        {"name": [Value("小王", "a")], "phone": [Value("138****8000", "1")]},
        {"name": [Value("王小明", "b")], "phone": [Value("138****8000", "1"), Value("139****1111", "2")]},
    )
    made = preview(
        kept=LEFT,
        joined=replace(RIGHT, has_erasure_open=True),
        lines=lines,
        after={"name": (("王小明",), "newer")},
        consents=[],
        accounts=[],
        seers=[],
    )
    assert [(line.after, line.why) for line in made.lines] == [
        (("王小明",), "newer"),
        (("138****8000", "139****1111"), ""),
    ]
    assert not made.is_possible
    assert [problem.code for problem in made.problems] == ["erasure_pending"]
