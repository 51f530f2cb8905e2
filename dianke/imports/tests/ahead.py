"""Preparers for the tests of reading ahead; the reader, a process of its own, finds them by their name."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dianke.imports.importers import PreparedRow, Preparer, Row
from dianke.imports.tests.importing import SkillImporter


@dataclass(frozen=True)
class Counting(Preparer):
    """Prepares the length of each name; `killed_at` and `broken_at` are rows at which the reader ends badly."""

    killed_at: int = 0
    broken_at: int = 0

    def prepare(self, rows: Sequence[Row], stock: Any) -> list[tuple[int, Any]]:
        for row in rows:
            if row.number == self.killed_at:
                os.kill(os.getpid(), signal.SIGKILL)
            if row.number == self.broken_at:
                raise ValueError(f"nobody may read {row['name']} in a log")
        sys.stdout.write("what a library says does not get into the batches\n")
        return [(len(row["name"]), stock) for row in rows]


class AheadImporter(SkillImporter):
    """The importer of the tests with a preparer. `prepared` is what came of it, by row."""

    def __init__(self) -> None:
        super().__init__()
        self.counting = Counting()
        self.prepared: dict[int, tuple[int, Any]] = {}
        self.batches: list[list[int]] = []

    def preparer(self, context, *, is_writing):
        return self.counting

    def stock(self, context, count):
        return f"stock for {count}"

    def _noticed(self, rows):
        self.batches.append([row.number for row in rows])
        self.prepared |= {row.number: row.prepared for row in rows if isinstance(row, PreparedRow)}

    def check(self, rows, context):
        self._noticed(rows)
        return super().check(rows, context)

    def apply(self, rows, context):
        self._noticed(rows)
        return super().apply(rows, context)
