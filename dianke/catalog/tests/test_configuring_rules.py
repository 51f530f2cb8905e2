"""Made to order: which options fit together, what they cost, when the piece is ready."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from dianke.catalog.rules.configuring import Choice, Configured, Group, Rule, RuleKind, configure

FABRIC, LEGS, EXTRAS = Group(1, "面料", 1, 1, 1), Group(2, "脚", 1, 1, 2), Group(3, "配件", 0, 2, 3)
LINEN, LEATHER = Choice(11, 1, "麻布"), Choice(12, 1, "头层牛皮", 200_000, 20)
OAK, STEEL = Choice(21, 2, "橡木", 30_000), Choice(22, 2, "不锈钢", 20_000, 3)
PILLOW, STOOL, HEAT = (
    Choice(31, 3, "抱枕", 9_900),
    Choice(32, 3, "脚凳", 80_000, 5),
    Choice(33, 3, "电热", 60_000, 7),
)
SMALLER = Choice(34, 3, "小一号", -50_000)
RETIRED = Choice(35, 3, "旧款", is_active=False)
SOFA = {
    "base_amount": 680_000,
    "base_lead_days": 30,
    "groups": [FABRIC, LEGS, EXTRAS],
    "choices": [LINEN, LEATHER, OAK, STEEL, PILLOW, STOOL, HEAT, SMALLER, RETIRED],
    "rules": [
        Rule(33, RuleKind.REQUIRES, 22),
        Rule(12, RuleKind.EXCLUDES, 33),
        Rule(33, RuleKind.EXCLUDES, 12),
    ],
}


def chosen(*ids: int, **more) -> Configured:
    return configure(**{**SOFA, **more}, chosen=ids)


@pytest.mark.parametrize(
    ("ids", "price", "days", "problems"),
    [
        ((11, 21), 710_000, 30, []),
        ((12, 22, 31, 32), 989_900, 58, []),
        ((11,), 680_000, 30, ["choice_missing"]),
        ((), 680_000, 30, ["choice_missing", "choice_missing"]),
        ((11, 12, 21), 910_000, 50, ["too_many_choices"]),
        ((11, 21, 31, 32, 34), 749_900, 35, ["too_many_choices"]),
        ((11, 21, 33), 770_000, 37, ["choice_requires"]),
        ((12, 22, 33), 960_000, 60, ["choice_excludes"]),
        ((11, 21, 99), 710_000, 30, ["unknown_choice"]),
        ((11, 21, 35), 710_000, 30, ["unknown_choice"]),
    ],
)
def test_every_problem_is_named(ids: tuple[int, ...], price: int, days: int, problems: list[str]) -> None:
    found = chosen(*ids)
    assert [problem.code for problem in found.problems] == problems
    assert (found.price_amount, found.lead_days, found.is_valid) == (price, days, not problems)


def test_a_price_below_zero_is_a_problem_and_never_shown() -> None:
    found = chosen(11, 21, 34, base_amount=10_000)
    assert [problem.code for problem in found.problems] == ["price_below_zero"]
    assert (found.price_amount, found.price_delta_amount) == (0, -20_000)


def test_a_problem_says_where_it_belongs_and_what_to_do() -> None:
    (missing,) = chosen(11).problems
    (clash,) = chosen(12, 22, 33).problems
    assert (missing.group_id, clash.choice_ids) == (2, (12, 33))
    with translation.override("zh-hans"):
        assert str(missing) == "请选择“脚”。"
        assert str(clash) == "“头层牛皮”与“电热”不能同时选，请去掉其中一个。"
        assert str(chosen(11, 21, 33).problems[0]) == "选“电热”必须同时选“不锈钢”，请补选或换一个。"


def test_what_was_chosen_comes_back_in_the_order_of_the_page() -> None:
    assert [choice.name for choice in chosen(31, 22, 12).choices] == ["头层牛皮", "不锈钢", "抱枕"]


ids = st.lists(st.sampled_from([11, 12, 21, 22, 31, 32, 33, 34, 35, 99]), max_size=12)


@given(ids, st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_the_same_choices_in_any_order_are_the_same_thing(
    picked: list[int], base: int, shuffle: random.Random
) -> None:
    first = chosen(*picked, base_amount=base)
    mixed = {name: list(SOFA[name]) for name in ("groups", "choices", "rules")}
    for rows in (picked, *mixed.values()):
        shuffle.shuffle(rows)
    assert chosen(*picked, *picked, base_amount=base, **mixed) == first
    assert first.price_amount >= 0


def test_excluding_works_both_ways_and_is_told_once() -> None:
    for one in SOFA["rules"][1:]:
        for pair in itertools.permutations((12, 33)):
            found = chosen(*pair, 22, rules=[one])
            assert [problem.code for problem in found.problems] == ["choice_excludes"]
    assert chosen(12, 22, 33, rules=[replace(SOFA["rules"][0])]).is_valid
