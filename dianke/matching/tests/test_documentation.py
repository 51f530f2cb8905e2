"""The worked example of docs/algorithms/matching.md is what the engine computes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from dianke.matching.comparisons import CUSTOMERS
from dianke.matching.decisions import CEILINGS
from dianke.matching.record import Birth, Calendar, Record
from dianke.matching.scoring import score
from dianke.matching.thresholds import LINK, REVIEW

PAGE = Path(__file__).parents[3] / "docs" / "algorithms" / "matching.md"
WANG = Record(
    1,
    "王小明",
    ("+8613912345678",),
    birth=Birth(8, 15, 1980, Calendar.LUNAR),
    city="上海",
    district="静安区",
    street="南京西路1038号5幢301室",
)
IN_PINYIN = Record(
    2, "Wang Xiaoming", ("+8613912345687",), birth=Birth(9, 23, 1980), city="上海", street="南京西路1038弄5号"
)
CHILD = replace(WANG, id=3, name="王子轩", birth=Birth(6, 1, 2012))


def tables() -> list[list[tuple[str, str, str]]]:
    """The rows of the worked tables: side, level, bits."""
    section = PAGE.read_text(encoding="utf-8").split("## 5. Worked example")[1].split("## 6.")[0]
    blocks = re.findall(r"\| ---: \|\n((?:\|.*\n)+)", section)
    return [
        [tuple(cell.strip(" *") for cell in row.strip("|").split("|")) for row in block.splitlines()]
        for block in blocks
    ]


@pytest.mark.parametrize(("number", "other"), [(0, IN_PINYIN), (1, CHILD)])
def test_the_worked_example_holds(number, other):
    verdict = score(WANG, other)
    before, *sides, total = tables()[number]
    assert before[2] == f"{verdict.prior:.1f}"
    assert sides == [
        (part.comparison, part.level, f"{part.weight:.1f}")
        for part in verdict.parts
        if part.level != "MISSING"
    ]
    assert total == ("weight", verdict.decision.value, f"{verdict.weight:.1f}")


def section(number: int) -> str:
    return PAGE.read_text(encoding="utf-8").split(f"\n## {number}. ")[1].split("\n## ")[0]


def test_every_ceiling_is_told_with_how_far_it_lets_a_pair_come():
    told = {
        code: cells[2].strip()
        for line in section(3).splitlines()
        if line.startswith("| ") and len(cells := line.strip("|").split("|")) == 4
        for code in re.findall(r"`(\w+)`", cells[1])
    }
    assert told == {ceiling.code: ceiling.most.value.lower() for ceiling in CEILINGS}


def test_what_is_kept_apart_for_good_are_the_first_three_rows():
    apart = {ceiling.code for ceiling in CEILINGS if ceiling.keeps_apart}
    first = re.findall(
        r"`(\w+)`", "".join(section(3).split("| --- | --- | --- | --- |\n")[1].splitlines()[:3])
    )
    assert set(first) == apart


def test_every_comparison_has_as_many_levels_as_are_told():
    told = {
        name.strip(): len(levels.split(" · "))
        for line in section(2).splitlines()
        if line.startswith("| ") and len(cells := line.strip("|").split("|")) == 2
        for name in cells[0].split(",")
        for levels in cells[1:]
    }
    words = {"unionid": "WeChat identity"}
    assert {
        words.get(each.code, each.code.replace("_", " ")): len(each.levels) for each in CUSTOMERS
    }.items() <= told.items()


def test_the_thresholds_are_those_told():
    assert f"link from {LINK}, review from {REVIEW}" in section(4)
