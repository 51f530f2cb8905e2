"""Kinds of events that reach `record` through a helper of their module have labels too."""

from __future__ import annotations

import ast
from pathlib import Path

import dianke.customers.operations as operations
from dianke.events.registry import kinds

FOLDER = Path(operations.__file__).parent


def told_kinds() -> set[str]:
    found = set()
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_tell" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found


def test_every_kind_that_is_told_has_a_label():
    told = told_kinds()
    assert "customers.contact_point_added" in told
    assert sorted(told - set(kinds())) == []
