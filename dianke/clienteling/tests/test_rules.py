"""Weights and words, as tables; the same as in docs/algorithms/clienteling.md."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from dianke.clienteling.rules.reasons import OWN_VARIABLES, REASONS, weigh
from dianke.clienteling.rules.words import fill
from dianke.messaging.queries.variables import known_codes
from dianke.messaging.rules.words import read_wording

DATE_TODAY = ("DATE", {"left": 0})
DATE_IN_FIVE = ("DATE", {"left": 5})
SLIPPING = ("SLIPPING", {"interval": "30.0", "days": 60})
NEW = ("NEW", {"days": 2})


@pytest.mark.parametrize(
    ("reasons", "money_score", "parts"),
    [
        ([DATE_TODAY], 0, {"REASON": 60, "URGENT": 14}),
        ([DATE_IN_FIVE], 4, {"REASON": 60, "URGENT": 4, "VALUE": 8}),
        ([SLIPPING], 5, {"REASON": 50, "URGENT": 5, "VALUE": 10}),
        ([NEW, DATE_TODAY], 0, {"REASON": 60, "URGENT": 14, "MORE": 5}),
        (
            [NEW, SLIPPING, DATE_IN_FIVE, ("THANKS", {"days": 3})],
            1,
            {"REASON": 60, "URGENT": 4, "VALUE": 2, "MORE": 10},
        ),
    ],
)
def test_the_weight_is_a_sum_one_can_follow(reasons, money_score, parts):
    weighed = weigh(reasons, money_score=money_score)
    assert dict(weighed.parts) == parts
    assert weighed.weight == sum(parts.values())


def test_the_main_reason_stands_first():
    assert [code for code, _facts in weigh([NEW, SLIPPING, DATE_TODAY]).reasons] == [
        "DATE",
        "SLIPPING",
        "NEW",
    ]


@pytest.mark.parametrize(
    ("text", "values", "said"),
    [
        (
            "{{ salutation }}，您好！{{ product }}到店了。",
            {"salutation": "王女士", "product": "龙井"},
            "王女士，您好！龙井到店了。",
        ),
        (
            "{{ salutation }}，您好！{{ product }}到店了。",
            {"salutation": "王女士", "product": ""},
            "王女士，您好！",
        ),
        ("Hello {{ me }}. {{ product }} is here.", {"me": "Li", "product": ""}, "Hello Li."),
        (
            "Hello {{ me }}. {{ product }} at 3.5 yuan.",
            {"me": "Li", "product": "Tea"},
            "Hello Li. Tea at 3.5 yuan.",
        ),
        ("没有变量", {}, "没有变量"),
        ("", {}, ""),
    ],
)
def test_a_sentence_about_something_unknown_is_left_out(text, values, said):
    assert fill(text, values) == said


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_ready_made_words_hold_only_variables_that_can_be_filled(language):
    with override(language):
        for reason in REASONS.values():
            assert (
                "salutation" in read_wording(str(reason.words), known_codes() | set(OWN_VARIABLES)).variables
            )
