"""The worked examples and tables of docs/algorithms/merging.md are what the rules say."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dianke.customers.rules import merging
from dianke.customers.rules.consent import ANY, ConsentFact, effective, may
from dianke.customers.rules.merging import MOST_MEMBERS, branch_of
from dianke.customers.rules.survivorship import TRUST, RecordFields, survivors

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "algorithms" / "merging.md").read_text(encoding="utf-8")
NAMES = ("name", "gender", "occupation", "aliases")


def tables(section: str) -> list[list[list[str]]]:
    """The tables of a section, each as rows of cells without its head."""
    text = PAGE.split(f"## {section}")[1].split("\n## ")[0]
    blocks = re.findall(r"^\|[-:| ]+\|\n((?:\|.*\n)+)", text, re.M)
    return [
        [[cell.strip(" `") for cell in row.strip().strip("|").split("|")] for row in block.splitlines()]
        for block in blocks
    ]


def test_the_worked_profile_shows_what_the_rules_choose() -> None:
    came, shown = tables("2. What is shown")
    records = [
        RecordFields(
            int(number),
            channel,
            datetime.fromisoformat(day).replace(tzinfo=UTC),
            {
                name: None if cell == "(emptied)" else cell
                for name, cell in zip(NAMES, cells, strict=True)
                if cell
            },
        )
        for number, channel, day, *cells in came
    ]
    found = survivors(records)
    assert [[name, one.value, str(one.record_id), one.rule] for name, one in found.items()] == shown
    assert "occupation" not in found


def test_the_channels_are_trusted_as_told() -> None:
    assert {channel for channel, trust in TRUST.items() if trust == 3} == {"STAFF", "PORTAL"}
    assert {channel for channel, trust in TRUST.items() if trust == 1} == {"IMPORT", "DEMO"}


def test_the_worked_consents_hold() -> None:
    said = {"yes": True, "no": False}
    start = datetime(2026, 5, 1, tzinfo=UTC)
    merged = start + timedelta(days=10)
    ((sms, care, email, again),) = tables("3. Consent")
    for row, purpose, channel, head_said in (
        (sms, "MARKETING", "SMS", start),
        (care, "CARE", ANY, start),
        (email, "MARKETING", "EMAIL", start),
        (again, "MARKETING", "SMS", merged + timedelta(days=1)),
    ):
        _what, head, other, profile = row
        facts = [
            ConsentFact(number, purpose, channel, said[word], at)
            for number, word, at in ((1, head, head_said), (2, other, start))
            if word in said
        ]
        answers = effective(facts, head_id=1, merged_at={2: merged})
        assert may(answers, purpose, channel) == said[profile], row


def test_every_reason_against_a_merge_is_listed_and_no_other() -> None:
    source = Path(merging.__file__).read_text(encoding="utf-8")
    codes = re.findall(r"Problem\(\s*\"(\w+)\"", source)
    (listed,) = tables("4. What forbids a merge")
    assert sorted(code for code, _when in listed) == sorted(codes)
    assert f"more than {MOST_MEMBERS} customers" in PAGE


@pytest.mark.parametrize(("row", "joined_to"), [(0, "B"), (1, "A")])
def test_the_branch_that_leaves_is_the_one_told(row: int, joined_to: str) -> None:
    (told,) = tables("6. Undoing a merge")
    _story, _cut, leaves, stays = told[row]
    ids = {name: number for number, name in enumerate("ABCD", 1)}
    links = {ids["B"]: ids["A"], ids["C"]: ids[joined_to], ids["D"]: ids["A"]}
    assert branch_of(ids["B"], links) == {ids[name] for name in leaves.split(", ")}
    assert set(ids.values()) - branch_of(ids["B"], links) == {ids[name] for name in stays.split(", ")}
