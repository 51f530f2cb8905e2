"""Proving that books are right: each promise of a room is one set-based statement that returns what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import connection

from dianke.core.errors import Text


@dataclass(frozen=True, slots=True)
class Check:
    """`sql` returns (subject, text) for whatever breaks `promise`."""

    code: str
    promise: Text
    sql: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the books are not as they promise. `check` is the code of a `Check`."""

    check: str
    subject: str
    text: str


def prove(checks: Iterable[Check], report: Callable[[str], None] | None = None) -> list[Finding]:
    """What breaks the promises; an empty list when all hold. `report` receives a line per check.

    Each check is one statement and so sees one instant: it may run while others post.
    """
    findings = []
    with connection.cursor() as cursor:
        for check in checks:
            cursor.execute(check.sql)
            rows = cursor.fetchall()
            findings += [Finding(check.code, subject, f"{check.promise}: {text}") for subject, text in rows]
            if report is not None:
                report(f"{'✗' if rows else '✓'} {check.promise}" + (f": {len(rows)}" if rows else ""))
    return findings
