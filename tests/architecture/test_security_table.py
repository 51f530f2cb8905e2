"""The table of docs/security.md: every requirement of OWASP ASVS 5.0.0 at levels 1 and 2, each once, each with a
known state and with proof that exists."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.architecture.documents import document, missing, quoted, rows

STATES = {"done", "partly", "not yet", "not applicable"}

#: Section -> numbers, by level. V10 (OAuth: 5 and 24) and V17 (WebRTC: 0 and 7) are out of scope.
LEVEL_1 = """
1.2:1-5 1.3:1-2 1.5:1  2.1:1 2.2:1-2 2.3:1  3.2:1-2 3.3:1 3.4:1-2 3.5:1-3  4.1:1 4.4:1  5.2:1-2 5.3:1-2
6.1:1 6.2:1-8 6.3:1-2 6.4:1-2  7.2:1-4 7.4:1-2  8.1:1 8.2:1-2 8.3:1  9.1:1-3 9.2:1  11.3:1-2 11.4:1
12.1:1 12.2:1-2  13.4:1  14.2:1 14.3:1  15.1:1 15.2:1 15.3:1
"""
LEVEL_2 = """
1.1:1-2 1.2:6-9 1.3:3-11 1.4:1-3 1.5:2  2.1:2-3 2.2:3 2.3:2-4 2.4:1  3.3:2-4 3.4:3-6 3.5:4-5 3.7:1-2
4.1:2-3 4.2:1 4.3:1-2 4.4:2-4  5.1:1 5.2:3 5.4:1-3  6.1:2-3 6.2:9-12 6.3:3-4 6.4:3-4 6.5:1-5 6.6:1-3 6.8:1-4
7.1:1-3 7.3:1-2 7.4:3-5 7.5:1-2 7.6:1-2  8.1:2 8.2:3 8.4:1  9.2:2-4
11.1:1-2 11.2:1-3 11.3:3 11.4:2-4 11.5:1 11.6:1  12.1:2-3 12.3:1-4
13.1:1 13.2:1-5 13.3:1-2 13.4:2-5  14.1:1-2 14.2:2-4 14.3:2-3  15.1:2-3 15.2:2-3 15.3:2-7
16.1:1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3
"""


def ids(level: str) -> set[str]:
    """`1.2:1-5` is 1.2.1 to 1.2.5."""
    found = set()
    for part in level.split():
        section, _colon, numbers = part.partition(":")
        first, _dash, last = numbers.partition("-")
        found |= {f"{section}.{number}" for number in range(int(first), int(last or first) + 1)}
    return found


TABLE = [cells for cells in rows(document("security.md"), 4) if re.fullmatch(r"\d+\.\d+\.\d+", cells[0])]


def test_every_requirement_of_levels_1_and_2_stands_once():
    assert (len(ids(LEVEL_1)), len(ids(LEVEL_2))) == (65, 152)
    listed = Counter(cells[0] for cells in TABLE)
    assert [name for name, count in listed.items() if count > 1] == []
    assert set(listed) == ids(LEVEL_1) | ids(LEVEL_2)
    assert len(TABLE) == 217


def test_every_state_is_a_known_one_and_counted():
    states = Counter(cells[2] for cells in TABLE)
    assert set(states) <= STATES
    told = re.search(
        r"^Today: (\d+) done, (\d+) partly, (\d+) not yet, (\d+) not applicable\.$",
        document("security.md"),
        re.M,
    )
    assert told is not None
    counted = [states[state] for state in ("done", "partly", "not yet", "not applicable")]
    assert [int(number) for number in told.groups()] == counted


@pytest.mark.parametrize("cells", TABLE, ids=[cells[0] for cells in TABLE])
def test_a_requirement_names_proof_that_exists(cells):
    number, words, state, proof = cells
    assert words, number
    assert missing(quoted(proof)) == []
    if state == "done":
        assert quoted(proof), f"{number} is said to be done without proof"
    else:
        assert re.sub(r"`[^`]*`", "", proof).strip(" :,;"), f"{number} says neither what is missing nor why"
