"""Domain code is told the time, calculates without looking around, and never counts money in floats."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import (
    PRODUCT,
    Finding,
    calls,
    dotted,
    find,
    imports,
    is_module,
    must_be_clean,
    parsed,
    product_modules,
    room_of,
)

# --- the clock ---
# Where the time enters. Views have `request.now`, operations are given `now`.
CLOCK_MODULES = ("middleware", "tasks", "cli", "chores", "management", "testing", "pytest_plugin")
CLOCK_ALLOWED: dict[str, str] = {
    "wallets/providers/approvables.py": "whoever decides on a refund sees its working as it is at that moment",
    "config/demo/loading.py": "the demo merchant lives today, whoever starts it",
    "config/demo/removal.py": "started from the command line",
    "config/prepare.py": "started from the command line",
    "config/worker.py": "a process of its own: jobs of the clock it missed are told by the moment it starts",
    "events/sealing/verification.py": "measures how far sealing lags behind the clock",
    "events/starting.py": "runs before a server is there that could give the time",
    "config/doctor.py": "compares the clocks of this machine and of the database",
    "core/data_keys.py": "notes when a key was made; imports make keys without an operation",
    "core/database/cluster.py": "reads the age of the server's log files",
    "core/ids.py": "an identifier of version 7 begins with the time it was made",
    "core/keys.py": "notes when a key was made, before there is a database",
    "events/dispatcher.py": "a loop of its own: hands `now` to the reactions",
    "web/templatetags/ui.py": "error pages are drawn when no middleware has run",
}
CLOCKS = {
    "timezone.now",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.date.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "dt.datetime.now",
    "dt.date.today",
}


def clocks(source: str) -> Iterator[Finding]:
    """Uses of a wall clock, called or handed on (`default=timezone.now`), and columns that read one."""
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Attribute) and dotted(node) in CLOCKS:
            yield node.lineno, dotted(node)
        elif isinstance(node, ast.Call):
            # Both read the clock only when they are not told an instant.
            if dotted(node.func).rpartition(".")[2] in {"localdate", "localtime"} and not node.args:
                yield node.lineno, dotted(node.func)
            for keyword in node.keywords:
                if keyword.arg in {"auto_now", "auto_now_add"}:
                    yield node.lineno, keyword.arg


def test_the_time_enters_only_at_the_edge():
    inner = [
        path
        for path in product_modules()
        if not any(is_module(path, name) for name in CLOCK_MODULES)
        and path.relative_to(PRODUCT).as_posix() not in CLOCK_ALLOWED
    ]
    must_be_clean(find(inner, clocks))


def test_the_list_of_clock_users_names_only_clock_users():
    assert [name for name in CLOCK_ALLOWED if not find([PRODUCT / name], clocks)] == []


@pytest.mark.parametrize(
    "line",
    [
        "x = timezone.now()",
        "x = datetime.now(tz=UTC)",
        "x = datetime.datetime.utcnow()",
        "x = date.today()",
        "x = time.time()",
        "f = models.DateTimeField(default=timezone.now)",
        "f = models.DateTimeField(auto_now_add=True)",
        "x = timezone.localdate()",
        "x = localdate()",
        "x = timezone.localtime()",
    ],
)
def test_a_clock_is_found(line):
    assert list(clocks(line)) != []


@pytest.mark.parametrize(
    "line",
    [
        "x = time.monotonic()",
        "x = request.now",
        "x = timezone.localtime(now)",
        "x = timezone.localdate(now, zone)",
        "x = datetime(2026, 1, 1)",
    ],
)
def test_what_is_no_wall_clock_passes(line):
    assert list(clocks(line)) == []


# --- rules are pure ---
IMPURE = (
    "django.apps",
    "django.conf",
    "django.contrib",
    "django.core.cache",
    "django.core.files",
    "django.core.mail",
    "django.db",
    "django.http",
    "django.shortcuts",
    "django.template",
    "django.utils.timezone",
    "io",
    "logging",
    "os",
    "pathlib",
    "psycopg",
    "random",
    "requests",
    "secrets",
    "shutil",
    "socket",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "uuid",
)
#: The type of an identifier draws none.
PURE = {"uuid.UUID"}
IMPURE_MODULES = {"models", "operations", "queries", "views", "forms", "api", "tasks"}
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "__import__"}


def impurities(source: str) -> Iterator[Finding]:
    """What a calculation must not reach for: database, clock, files, network, chance, other modules."""
    for line, name in imports(source):
        parts = name.split(".")
        ours = name.startswith(("dianke.", "."))
        drawn = name not in PURE and any(name == base or name.startswith(f"{base}.") for base in IMPURE)
        if drawn or (ours and IMPURE_MODULES.intersection(parts[1:])):
            yield line, f"imports {name}"
    for call, name in calls(source):
        if name in IMPURE_CALLS or name.endswith(".objects") or ".objects." in name:
            yield call.lineno, f"calls {name}"
    yield from clocks(source)


def test_rules_are_pure_calculation():
    must_be_clean(find([path for path in product_modules() if is_module(path, "rules")], impurities))


@pytest.mark.parametrize(
    "line",
    [
        "from django.db import models",
        "from django.utils import timezone",
        "import django.db.models",
        "from dianke.sales.models import Order",
        "from .models import Order",
        "from . import queries",
        "import time",
        "import uuid",
        "from uuid import uuid4",
        "from random import choice",
        "import os.path",
        "open('x')",
        "Order.objects.get(pk=1)",
        "now = datetime.now()",
    ],
)
def test_an_impure_rule_is_found(line):
    assert list(impurities(line)) != []


@pytest.mark.parametrize(
    "line",
    [
        "from datetime import datetime",
        "from decimal import Decimal",
        "from uuid import UUID",
        "from dianke.core.money import Money",
        "from django.utils.translation import gettext_lazy as _",
        "from dianke.work.rules import Candidate",
    ],
)
def test_a_pure_rule_passes(line):
    assert list(impurities(line)) == []


# --- money ---
# Probabilities, expectations and confidence, which nothing is booked by.
ESTIMATES = ("insight/rules/value/", "insight/rules/recommending/", "marketing/rules/evaluation.py")
MONEY_ROOMS = {"ledger", "sales", "wallets", "loyalty", "promotions", "finance", "purchasing"}


def is_money_code(path: Path) -> bool:
    if path.relative_to(PRODUCT).as_posix().startswith(ESTIMATES):
        return False
    return (
        room_of(path) in MONEY_ROOMS
        or any(is_module(path, name) for name in ("rules", "operations"))
        or path.relative_to(PRODUCT).as_posix() == "core/money.py"
    )


def floats(source: str) -> Iterator[Finding]:
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Call) and dotted(node.func) == "float":
            yield node.lineno, "float()"
        elif isinstance(node, ast.Attribute | ast.Name) and dotted(node).endswith("FloatField"):
            yield node.lineno, "FloatField"
        elif isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield node.lineno, repr(node.value)


def swallowed(source: str) -> Iterator[Finding]:
    """Handlers of any error that do nothing."""
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.ExceptHandler) and all(_does_nothing(step) for step in node.body):
            yield node.lineno, f"except {dotted(node.type) if node.type else ''}: pass"


def swallowed_everything(source: str) -> Iterator[Finding]:
    """Handlers of every error that do nothing, also as `contextlib.suppress`."""
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.ExceptHandler) and all(_does_nothing(step) for step in node.body):
            names = [dotted(kind) for kind in getattr(node.type, "elts", [node.type])] if node.type else [""]
            if {"", "Exception", "BaseException"}.intersection(names):
                yield node.lineno, "every error is swallowed"
        elif isinstance(node, ast.Call) and dotted(node.func).endswith("suppress"):
            names = [dotted(kind) for kind in node.args]
            if {"Exception", "BaseException"}.intersection(names):
                yield node.lineno, "every error is swallowed"


def _does_nothing(step: ast.stmt) -> bool:
    return isinstance(step, ast.Pass | ast.Continue) or (
        isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant)
    )


def test_money_is_never_a_float():
    must_be_clean(find([path for path in product_modules() if is_money_code(path)], floats))


def test_money_code_swallows_no_error():
    must_be_clean(find([path for path in product_modules() if is_money_code(path)], swallowed))


def test_nowhere_is_every_error_swallowed():
    must_be_clean(find(product_modules(tests=True, migrations=True), swallowed_everything))


@pytest.mark.parametrize("line", ["x = float(y)", "f = models.FloatField()", "rate = 0.1"])
def test_a_float_is_found(line):
    assert list(floats(line)) != []


def test_decimals_pass_as_money():
    assert list(floats("x = Decimal('0.1') + 1")) == []


@pytest.mark.parametrize(
    ("lines", "in_money_code", "anywhere"),
    [
        ("try:\n    x()\nexcept Exception:\n    pass", True, True),
        ("try:\n    x()\nexcept:\n    ...", True, True),
        ("try:\n    x()\nexcept (ValueError, Exception):\n    pass", True, True),
        ("for a in b:\n    try:\n        x()\n    except Exception:\n        continue", True, True),
        ("with contextlib.suppress(Exception):\n    x()", False, True),
        ("try:\n    x()\nexcept ValueError:\n    pass", True, False),
        ("try:\n    x()\nexcept Exception:\n    log()\n    raise", False, False),
        ("with suppress(FileNotFoundError):\n    x()", False, False),
    ],
)
def test_a_swallowed_error_is_found(lines, in_money_code, anywhere):
    assert bool(list(swallowed(lines))) is in_money_code
    assert bool(list(swallowed_everything(lines))) is anywhere
