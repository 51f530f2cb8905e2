"""The way to the functions of the database (migrations/0002_guards.py): one statement, a mapping in and out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from dianke.core.prepared import prepared

Function = Literal["promotions_take", "promotions_redeem", "promotions_issue"]


def call(function: Function, batch: Mapping[str, Any]) -> dict[str, Any]:
    """What the function answers."""
    with prepared() as cursor:
        cursor.execute(f"SELECT {function}(%s::jsonb)", [json.dumps(batch)])
        row = cursor.fetchone()
    found = row[0] if row else {}
    answer: dict[str, Any] = json.loads(found) if isinstance(found, str) else found
    return answer
