"""Reads the tables of documents that make promises: their rows, and whether the tests and files they name exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from tests.architecture.source import ROOT, modules_of_tests, parsed, shown

#: What a document names in backquotes as proof: a file or folder of the repository, a test, or both as `file::test`.
_QUOTED = re.compile(r"`([^`]+)`")


def document(name: str) -> str:
    """The text of a file under `docs/`."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def rows(text: str, columns: int) -> Iterator[list[str]]:
    """The rows of every table with that many columns, without heads; a row with too few or many cells is an error."""
    is_table = False
    for line in [*text.splitlines(), ""]:
        if not line.startswith("|"):
            is_table = False
            continue
        cells = [cell.strip() for cell in line.strip()[1:-1].split("|")]
        if set("".join(cells)) <= set("-: "):
            is_table = len(cells) == columns
        elif is_table:
            assert len(cells) == columns, f"not {columns} cells: {line}"
            yield cells


def quoted(cell: str) -> list[str]:
    """What stands in backquotes."""
    return _QUOTED.findall(cell)


@cache
def tests_by_file() -> dict[str, frozenset[str]]:
    """The names of the test functions of each test module."""
    return {
        shown(path): frozenset(
            node.name
            for node in ast.walk(parsed(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        )
        for path in modules_of_tests()
    }


@cache
def names_of_tests() -> frozenset[str]:
    return frozenset().union(*tests_by_file().values())


def missing(names: Iterable[str]) -> list[str]:
    """Those that are neither a file or folder of the repository, nor a test, nor a test of the file before `::`."""
    return [name for name in names if not _exists(name)]


def _exists(name: str) -> bool:
    file, colons, test = name.partition("::")
    if colons:
        return test in tests_by_file().get(file, frozenset())
    if name.startswith("test_") and "/" not in name:
        return name in names_of_tests()
    return (ROOT / Path(name)).exists() and not Path(name).is_absolute()
