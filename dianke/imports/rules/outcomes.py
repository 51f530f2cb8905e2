"""Counting what became of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

KINDS = ("CREATED", "UPDATED", "UNCHANGED", "SKIPPED", "ERROR")


@dataclass(slots=True)
class Tally:
    """How many rows ended how; `warnings` counts rows that went in with one."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    errors: int = 0
    warnings: int = 0

    @property
    def rows(self) -> int:
        return self.created + self.updated + self.unchanged + self.skipped + self.errors

    def add(self, kinds: Iterable[str]) -> None:
        """Count kinds of outcomes."""
        counts = dict.fromkeys(KINDS, 0)
        for kind in kinds:
            counts[kind] += 1
        self.created += counts["CREATED"]
        self.updated += counts["UPDATED"]
        self.unchanged += counts["UNCHANGED"]
        self.skipped += counts["SKIPPED"]
        self.errors += counts["ERROR"]

    def add_all(self, other: Tally) -> None:
        """Add the counts of a batch."""
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.skipped += other.skipped
        self.errors += other.errors
        self.warnings += other.warnings

    def as_data(self) -> dict[str, int]:
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "skipped": self.skipped,
            "errors": self.errors,
            "warnings": self.warnings,
        }

    @classmethod
    def of(cls, data: Mapping[str, int]) -> Tally:
        return cls(**data)
