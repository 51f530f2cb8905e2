"""docs/operations.md tells every command and every environment variable that is read anywhere in the repository, and no
others."""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from dianke.config.cli import build_parser, commands
from tests.architecture.documents import document
from tests.architecture.source import parsed, product_modules, repository_files, shown

_NAME = re.compile(r"DIANKE_[A-Z_]+|DATABASE_URL|UPDATE_SNAPSHOTS")
_IN_SHELL = re.compile(r"\$\{?(DIANKE_[A-Z_]+|DATABASE_URL)|\b(DIANKE_[A-Z_]+)=")
#: Settings that are asked for by their name, as a string; they are not read from the environment.
SETTINGS = {"DIANKE_REACTIONS"}


def in_python(source: str) -> set[str]:
    """Whole strings that are the name of a variable."""
    return {
        node.value
        for node in ast.walk(parsed(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _NAME.fullmatch(node.value)
    }


def in_shell(source: str) -> set[str]:
    return {name for found in _IN_SHELL.findall(source) for name in found if name}


def variables(paths: Iterable[Path]) -> set[str]:
    """Names of variables in programs of either language."""
    found: set[str] = set()
    for path in paths:
        source = path.read_text(encoding="utf-8")
        is_shell = source.startswith("#!") and "sh" in source.partition("\n")[0]
        found |= in_shell(source) if is_shell else in_python(source)
    return found


@cache
def read_anywhere() -> frozenset[str]:
    """By the product, its commands, benchmarks and tests; those of this file are examples."""
    programs = [
        path
        for path in repository_files()
        if path != Path(__file__)
        and (path.suffix == ".py" or shown(path).startswith(("bin/", ".ci/")))
        and path.suffix in {"", ".py"}
    ]
    return frozenset(variables(programs))


def told(text: str) -> set[str]:
    """Variables a document names as code: in backquotes or in a block of commands."""
    code = [*re.findall(r"^```.*?^```", text, re.M | re.S), *re.findall(r"`[^`\n]+`", text)]
    return {name for each in code for name in _NAME.findall(each)}


def test_every_variable_that_is_read_is_told() -> None:
    assert {"DATABASE_URL", "DIANKE_SMTP_HOST", "DIANKE_FUZZ_SEED", "UPDATE_SNAPSHOTS"} <= read_anywhere()
    assert sorted(read_anywhere() - SETTINGS - told(document("operations.md"))) == []


def test_every_variable_that_is_told_is_read() -> None:
    assert sorted(told(document("operations.md")) - read_anywhere()) == []


def test_no_other_document_names_a_variable_that_nobody_reads() -> None:
    """Other pages may name settings besides."""
    known = read_anywhere() | SETTINGS | settings_there_are()
    pages = [path for path in repository_files() if path.suffix == ".md"]
    unknown = {shown(path): told(path.read_text(encoding="utf-8")) - known for path in pages}
    assert {page: sorted(names) for page, names in unknown.items() if names} == {}


def settings_there_are() -> set[str]:
    from django.conf import settings

    return {name for name in dir(settings) if name.startswith("DIANKE_")}


def test_the_list_of_settings_holds_only_such_as_are_asked_for_by_name() -> None:
    named = variables(product_modules(tests=True))
    assert sorted(SETTINGS - named) == []


def test_a_variable_is_seen_in_either_language() -> None:
    assert in_python('import os\nos.environ.get("DIANKE_NEW", "1")\nMESSAGE = "set DIANKE_OLD"') == {
        "DIANKE_NEW"
    }
    assert in_shell('echo "${DIANKE_NEW:-1}"\nDIANKE_OTHER=1 bin/run # DIANKE_COMMENT\n') == {
        "DIANKE_NEW",
        "DIANKE_OTHER",
    }
    assert told("`DIANKE_A` and DIANKE_B\n```\nDIANKE_C=1 bin/run\n```\n") == {"DIANKE_A", "DIANKE_C"}


def test_every_command_and_option_is_told() -> None:
    text = document("operations.md")
    listed = [command for command in commands() if command.help != argparse.SUPPRESS]
    assert [c.words for c in listed if not re.search(rf"`(?:dianke )?{c.words}\b", text)] == []
    options = set(re.findall(r"--[a-z-]+", build_parser().format_help()))
    for command in listed:
        parser = argparse.ArgumentParser()
        if command.options:
            command.options(parser)
        options |= {
            option for action in parser._actions for option in action.option_strings if "--" in option
        }
    assert sorted(option for option in options - {"--help", "--version"} if option not in text) == []
