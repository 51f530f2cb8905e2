"""Reads the repository for the architecture tests: which files there are, what they import and call.

Every rule is a function from source text to findings `(line, what)`, so that it can be tried on a bad sample
as well as on the product: a rule that cannot fail proves nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "dianke"

Finding = tuple[int, str]
Rule = Callable[[str], Iterable[Finding]]


@cache
def parsed(source: str) -> ast.Module:
    return ast.parse(source)


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def ignored_names() -> frozenset[str]:
    """Folders that are made, not written; `.gitignore` names them."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    plain = {line.strip("/ ") for line in lines if line.strip() and "*" not in line}
    return frozenset(plain | {".git"})


def repository_files() -> Iterator[Path]:
    """Every file that is kept in the repository."""

    def walk(folder: Path) -> Iterator[Path]:
        for path in sorted(folder.iterdir()):
            if {path.name, path.relative_to(ROOT).as_posix()} & ignored_names():
                continue
            if path.is_symlink():
                continue
            if path.is_dir():
                if not path.name.endswith(".egg-info"):
                    yield from walk(path)
            elif path.suffix not in {".pyc", ".mo"} and not path.name.startswith(".coverage"):
                yield path

    return walk(ROOT)


def rooms() -> list[Path]:
    return sorted(path.parent for path in PRODUCT.glob("*/__init__.py"))


def product_modules(*, tests: bool = False, migrations: bool = False) -> list[Path]:
    """The Python files of the product."""
    left_out = {"__pycache__"} | (set() if tests else {"tests"}) | (set() if migrations else {"migrations"})
    return [path for path in sorted(PRODUCT.rglob("*.py")) if not left_out & set(path.parts)]


def modules_of_tests() -> list[Path]:
    inside = [path for path in product_modules(tests=True) if "tests" in path.parts]
    return inside + sorted((ROOT / "tests").rglob("*.py"))


def is_module(path: Path, name: str) -> bool:
    """True for `name.py` of a room and for every file of a package of that name."""
    inside = path.relative_to(PRODUCT).parts[1:]
    return bool(inside) and (inside[0] == f"{name}.py" or (inside[0] == name and len(inside) > 1))


def room_of(path: Path) -> str:
    return path.relative_to(PRODUCT).parts[0]


def find(paths: Iterable[Path], rule: Rule) -> str:
    """The findings of a rule over files, one `path:line what` per line; empty when all is well."""
    found = []
    for path in paths:
        try:
            found += [f"{shown(path)}:{line} {what}" for line, what in rule(path.read_text(encoding="utf-8"))]
        except SyntaxError as error:
            found.append(f"{shown(path)}:{error.lineno} is not Python: {error.msg}")
    return "\n".join(found)


def must_be_clean(found: str) -> None:
    """Fails with all findings, which an assertion would cut short."""
    if found:
        pytest.fail(f"\n{found}", pytrace=False)


def dotted(node: ast.AST) -> str:
    """`a.b.c` for a chain of names; calls within the chain are written `()`, anything else `?`."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return f"{dotted(node.value)}.{node.attr}"
        case ast.Call():
            return f"{dotted(node.func)}()"
        case _:
            return "?"


def calls(source: str) -> Iterator[tuple[ast.Call, str]]:
    """Every call with the dotted name of what it calls."""
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Call):
            yield node, dotted(node.func)


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that is imported, `from a import b` as `a.b`."""
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, f"{'.' * node.level}{node.module or ''}.{alias.name}"
