"""The two front pages tell the same: one reader in Chinese, one in English, nobody misses a command or a picture."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.architecture.documents import missing
from tests.architecture.source import ROOT

ENGLISH, CHINESE = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))


def headings(text: str) -> list[int]:
    """The depth of each, in order."""
    return [len(marks) for marks in re.findall(r"^(#+) ", text, re.M)]


def commands(text: str) -> list[str]:
    """Everything in backquotes that is run, named or typed; blocks too, without what stands for an address."""
    blocks = [re.sub(r"<[^>]+>", "<…>", block) for block in re.findall(r"^```\n(.*?)^```", text, re.M | re.S)]
    return blocks + re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)


def links(text: str) -> list[str]:
    """Where links and pictures lead, but for the page in the other language."""
    return [link for link in re.findall(r"\]\(([^)]+)\)", text) if not link.startswith("README")]


def table_rows(text: str) -> list[int]:
    """The cells of each row of a table."""
    return [line.count("|") for line in text.splitlines() if line.startswith("|")]


def paragraphs(text: str) -> int:
    return len([part for part in re.split(r"\n\s*\n", text) if part.strip()])


@pytest.mark.parametrize("part", [headings, commands, links, table_rows, paragraphs])
def test_both_front_pages_have_the_same(part: Callable[[str], object]) -> None:
    assert part(ENGLISH) == part(CHINESE)
    assert part(ENGLISH)


def test_what_the_front_pages_lead_to_exists() -> None:
    assert missing([*links(ENGLISH), *links(CHINESE)]) == []
    programs = {name.split(" ")[0] for name in commands(ENGLISH) if name.startswith("bin/")}
    assert missing(name.split("\n")[0] for name in programs) == []


def test_a_command_in_one_language_only_is_seen() -> None:
    assert commands("`bin/run` and `--port`") != commands("`bin/run`")
    assert commands("```\ngit clone <here> x\n```\n") == commands("```\ngit clone <这里> x\n```\n")
