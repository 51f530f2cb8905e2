"""docs/operations.md tells every command and every environment variable the product reads."""

from __future__ import annotations

import argparse
import ast
import re

from dianke.config.cli import build_parser, commands
from tests.architecture.documents import document
from tests.architecture.source import parsed, product_modules

_VARIABLE = re.compile(r"DIANKE_[A-Z_]+|DATABASE_URL")
#: Names of settings that look like variables but are not read from the environment.
NOT_READ = {
    "DIANKE_BASE_URL",
    "DIANKE_CONTEXT_WORDS",
    "DIANKE_FIRST_START",
    "DIANKE_GRANTS",
    "DIANKE_GRANTS_OF_MANY",
    "DIANKE_KEYS_DIR",
    "DIANKE_MODULES",
    "DIANKE_NAME",
    "DIANKE_REACTIONS",
    "DIANKE_STORE_NAMES",
    "DIANKE_USERS_AT",
}


def variables(source: str) -> set[str]:
    """Whole strings that are the name of a variable."""
    return {
        node.value
        for node in ast.walk(parsed(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _VARIABLE.fullmatch(node.value)
    }


def test_every_variable_is_told():
    read = set().union(*(variables(path.read_text(encoding="utf-8")) for path in product_modules()))
    assert "DATABASE_URL" in read
    assert sorted(read - NOT_READ - set(_VARIABLE.findall(document("operations.md")))) == []


def test_every_variable_told_is_read():
    read = set().union(*(variables(path.read_text(encoding="utf-8")) for path in product_modules(tests=True)))
    told = set(_VARIABLE.findall(document("operations.md"))) - {"DIANKE_CHROMIUM", "DIANKE_FUZZ"}  # of tests/
    assert sorted(told - read) == []


def test_every_command_and_option_is_told():
    text = document("operations.md")
    shown = [command for command in commands() if command.help != argparse.SUPPRESS]
    assert [c.words for c in shown if not re.search(rf"`(?:dianke )?{c.words}\b", text)] == []
    options = set(re.findall(r"--[a-z-]+", build_parser().format_help()))
    for command in shown:
        parser = argparse.ArgumentParser()
        if command.options:
            command.options(parser)
        options |= {
            option for action in parser._actions for option in action.option_strings if "--" in option
        }
    assert sorted(option for option in options - {"--help", "--version"} if option not in text) == []
