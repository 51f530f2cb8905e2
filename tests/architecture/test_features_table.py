"""docs/features.md: every point has its row, a known state, and names only files, tests and commands that exist."""

from __future__ import annotations

import re

import pytest

from dianke.config.cli import commands
from tests.architecture.documents import document, missing, quoted, rows

STATES = {"done", "partly", "not yet"}
POINTS = {*map(str, range(1, 13)), "Measured:", "Faults:", "Done"}
FEATURES = (
    {f"ORG-{n}" for n in range(1, 7)}
    | {f"CUS-{n}" for n in range(1, 13)}
    | {f"SEC-{n}" for n in (1, 2, 3, 8)}
    | {f"UX-{n}" for n in (1, 2, 3, 4, 7)}
    | {f"INV-{n}" for n in range(1, 7)}
    | {f"LOY-{n}" for n in range(1, 8)}
    | {f"SAL-{n}" for n in range(1, 10)}
    | {f"MKT-{n}" for n in range(1, 8)}
    | {f"INS-{n}" for n in (1, 2, 4, 5, 8)}
)

TABLE = list(rows(document("features.md"), 5))


def absent(names: list[str]) -> list[str]:
    """Names of neither file, test, nor command: `dianke audit verify`, `bin/bench house`."""
    known = {f"dianke {command.words}" for command in commands()}
    return missing(
        name.split(" ")[0] if name.startswith("bin/") else name for name in names if name not in known
    )


def test_every_point_and_feature_has_a_row():
    assert {cells[0].split(" ")[0] for cells in TABLE} == POINTS | FEATURES


@pytest.mark.parametrize("cells", TABLE, ids=[cells[0].split(" ")[0] for cells in TABLE])
def test_a_row_is_honest(cells):
    point, state, where, proof, lacking = cells
    assert state in STATES, point
    assert absent([*quoted(where), *quoted(proof), *quoted(lacking)]) == []
    if state == "done":
        assert quoted(where), f"{point}: where does it live?"
        assert quoted(proof), f"{point}: what proves it?"
    else:
        assert re.search(r"\w", lacking), f"{point}: what is missing?"
