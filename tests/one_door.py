"""Watches every request a test makes: a write to a table of ours outside an operation fails the test.

Beside the reading of the source (tests/architecture/test_writes.py) this sees what really reaches the database.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.core.signals import request_finished, request_started
from django.db import connection

from dianke.events.operations import current_operation

#: Tables that are written around operations, each with its reason.
EXEMPT = {
    "api_bucket": "rate limits count refused requests too",
    "api_idempotentanswer": "answers are stored around the operation",
    "access_ratecount": "attempts are counted also when the request is refused",
    "access_session": "when a session was last seen",
    "access_device": "when a till was last seen",
    "access_apikey": "when a key was last used",
    "web_export": "how far a file is",
    "messaging_handover": "how far a hand-over is, told while the carrier is spoken to",
}
#: Django's own note of the last sign-in, on our table.
_LAST_LOGIN = re.compile(r'^UPDATE "access_user" SET "last_login" = \S+ WHERE')
_WRITE = re.compile(r'^\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"?([a-z_0-9]+)"?', re.I)


class WroteOutsideOperation(AssertionError):
    """A view or a template wrote by itself."""


def own_tables() -> frozenset[str]:
    """Tables of the rooms; those of the framework and of packages are their own business."""
    return frozenset(
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("dianke.")
    )


def offending_table(sql: str, tables: frozenset[str]) -> str | None:
    """The table of ours that `sql` writes to, unless it is exempt."""
    if _LAST_LOGIN.match(sql):
        return None
    found = _WRITE.match(sql)
    table = found.group(1).lower() if found else ""
    return table if table in tables and table not in EXEMPT else None


@contextmanager
def watched() -> Iterator[tuple[Callable[..., None], Callable[..., None]]]:
    """Requests made inside fail on a write outside an operation. Gives what begins and ends a request."""
    tables = own_tables()
    depth = 0

    def begin(**_kwargs: Any) -> None:
        nonlocal depth
        depth += 1

    def end(**_kwargs: Any) -> None:
        nonlocal depth
        depth = max(0, depth - 1)

    def guard(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if depth and current_operation() is None:
            table = offending_table(sql, tables)
            if table:
                raise WroteOutsideOperation(f"a request wrote to {table} outside an operation: {sql[:200]}")
        return execute(sql, params, many, context)

    request_started.connect(begin)
    request_finished.connect(end)
    try:
        with connection.execute_wrapper(guard):
            yield begin, end
    finally:
        request_started.disconnect(begin)
        request_finished.disconnect(end)
