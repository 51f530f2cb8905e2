"""What must not lie in the repository, and tests that only look like tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

import pytest

from tests.architecture.source import (
    Finding,
    calls,
    dotted,
    find,
    modules_of_tests,
    must_be_clean,
    parsed,
    repository_files,
    shown,
)

MOST_BYTES = 2_000_000

# Written in pieces, so that this file does not hold what it forbids.
_HOSTS = [
    r"\bregistry\.[a-z0-9-]+\.(?:org|com|cn|io|dev)\b",
    r"\bpypi\.(?:org|python)\b",
    r"\bpython" + r"hosted\.org",
    r"\bnpm" + r"mirror\.com",
    r"\bmirrors?\.[a-z0-9.-]+\.(?:cn|com|org|edu)\b",
    r"\b(?:un" + r"pkg|jsdelivr|cdnjs|cloudflare)\.(?:com|net)\b",
    r"\b(?:goo" + r"gleapis|gsta" + r"tic)\.com",
    r"--(?:extra-)?index" + r"-url\b",
    r"\"resolved\":\s*\"http",
]
_HOST = re.compile("|".join(_HOSTS), re.IGNORECASE)


def foreign_hosts(text: str) -> Iterator[Finding]:
    """Addresses of package registries and content networks: they belong to the machine, not the product."""
    for number, line in enumerate(text.splitlines(), start=1):
        match = _HOST.search(line)
        if match:
            yield number, match[0]


def test_no_file_names_a_registry():
    found = []
    for path in repository_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # pictures and archives
        found += [f"{shown(path)}:{line} {what}" for line, what in foreign_hosts(text)]
    must_be_clean("\n".join(found))


@pytest.mark.parametrize(
    "line",
    [
        "https://" + "reg" + "istry.example.org/tabler",
        "https://files.python" + "hosted.org/packages/x.whl",
        "pip install --index" + "-url http://localhost x",
        '"resolved": ' + '"https://somewhere/x.tgz"',
        "https://cdn.jsdelivr" + ".net/npm/echarts",
    ],
)
def test_a_registry_is_found(line):
    assert len(list(foreign_hosts(line))) == 1


@pytest.mark.parametrize(
    "line", ["the mirror in the shop", "a registry of partners", '"integrity": "sha512-x"']
)
def test_ordinary_words_pass(line):
    assert list(foreign_hosts(line)) == []


def test_no_file_is_heavy():
    heavy = [shown(path) for path in repository_files() if path.stat().st_size > MOST_BYTES]
    assert heavy == []


def test_the_walk_sees_the_repository_and_not_what_was_made():
    names = {shown(path) for path in repository_files()}
    assert {
        "pyproject.toml",
        "bin/check",
        "dianke/__init__.py",
        "tests/architecture/test_hygiene.py",
    } <= names
    assert not [name for name in names if name.startswith((".venv/", "node_modules/", ".git/"))]


# --- tests that prove nothing ---


def hollow(source: str) -> Iterator[Finding]:
    """Assertions that cannot fail."""
    managed = {
        id(item.context_expr)
        for node in ast.walk(parsed(source))
        if isinstance(node, ast.With | ast.AsyncWith)
        for item in node.items
    }
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Assert):
            if isinstance(node.test, ast.Constant) and node.test.value:
                yield node.lineno, "assert of a constant"
            elif isinstance(node.test, ast.Tuple) and node.test.elts:
                yield node.lineno, "assert of a tuple"
    for call, name in calls(source):
        verb = name.rpartition(".")[2]
        one_argument = len(call.args) == 1
        if verb == "assertNumQueries" and one_argument and id(call) not in managed:
            yield call.lineno, "assertNumQueries without with"
        elif (
            verb in {"django_assert_num_queries", "django_assert_max_num_queries"} and id(call) not in managed
        ):
            yield call.lineno, f"{verb} without with"
        elif name in {"pytest.raises", "pytest.warns"} and len(call.args) < 2 and id(call) not in managed:
            yield call.lineno, f"{name} without with"


_ASSERTS = re.compile(
    r"assert|expect|raises|warns|verif|check|must|refus|proves|stays|fail|compare|validate|state_machine|is_told|reads$",
    re.I,
)


def silent(source: str) -> Iterator[Finding]:
    """Tests that assert nothing: no `assert`, and no call whose name says that it does."""
    for node in ast.walk(parsed(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not node.name.startswith("test_"):
            continue
        if any(_is_fixture(decorator) for decorator in node.decorator_list):
            continue
        inside = list(ast.walk(node))
        if not any(
            isinstance(part, ast.Assert)
            or (isinstance(part, ast.Call) and _ASSERTS.search(dotted(part.func)))
            for part in inside
        ):
            yield node.lineno, f"{node.name} asserts nothing"


def _is_fixture(decorator: ast.expr) -> bool:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return dotted(target).endswith("fixture")


def doubled(source: str) -> Iterator[Finding]:
    """Two tests of one name in one scope: the first never runs."""
    for scope in ast.walk(parsed(source)):
        if isinstance(scope, ast.Module | ast.ClassDef):
            tests = [n for n in scope.body if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")]
            for first, second in pairwise(sorted(tests, key=lambda n: n.name)):
                if first.name == second.name:
                    yield second.lineno, f"{second.name} stands twice"


@pytest.mark.parametrize("rule", [hollow, silent, doubled])
def test_every_test_can_fail(rule):
    must_be_clean(find(modules_of_tests(), rule))


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (hollow, "assert True"),
        (hollow, "assert 'x'"),
        (hollow, "assert (a == b, 'message')"),
        (hollow, "self.assertNumQueries(1)"),
        (hollow, "django_assert_num_queries(1)"),
        (hollow, "pytest.raises(ValueError)"),
        (silent, "def test_a():\n    run()"),
        (doubled, "def test_a():\n    assert x\ndef test_b():\n    assert x\ndef test_a():\n    assert y"),
    ],
)
def test_a_test_that_proves_nothing_is_found(rule, source):
    assert len(list(rule(source))) == 1


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (hollow, "assert x\nassert not y"),
        (hollow, "with self.assertNumQueries(1):\n    run()"),
        (hollow, "with pytest.raises(ValueError):\n    run()"),
        (silent, "def test_a():\n    with pytest.raises(X):\n        run()"),
        (silent, "def test_a():\n    assert_balances(x)"),
        (doubled, "class A:\n    def test_a(self): ...\nclass B:\n    def test_a(self): ..."),
    ],
)
def test_an_honest_test_passes(rule, source):
    assert list(rule(source)) == []
