"""Every kind of event that is recorded anywhere has a label people can read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import dianke
from dianke.events.registry import kinds

PACKAGE = Path(dianke.__file__).parent


def recorded_kinds() -> Iterator[tuple[str, str]]:
    """(kind, file) of every literal given to `record(...)` outside tests."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "tests" in path.parts or "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and _is_record(node.func):
                for kind in _literals(node.args[0]):
                    yield kind, str(path.relative_to(PACKAGE))


def _is_record(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in {"record", "_record_delivery", "record_delivery"}


def _literals(argument: ast.expr) -> Iterator[str]:
    for node in ast.walk(argument):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
            yield node.value


FOUND = sorted({kind for kind, _file in recorded_kinds()})


def test_kinds_are_found_in_the_code():
    assert "events.delivery_dismissed" in FOUND


def test_every_recorded_kind_has_a_label():
    """The remedy: `register_kind(code, _("…"))` in the `AppConfig.ready` of the room that records it."""
    assert [kind for kind in FOUND if kind not in kinds()] == []


@pytest.mark.parametrize("kind", FOUND)
def test_kind_is_named_room_dot_noun_verbed(kind):
    room, _dot, what = kind.partition(".")
    assert (PACKAGE / room).is_dir()
    assert what.replace("_", "").isalnum()
    assert "_" in what
