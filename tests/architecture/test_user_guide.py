"""The user guide says what is on the screen: every word it puts between 「 and 」 stands in a Chinese catalogue."""

from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po

from tests.architecture.source import PRODUCT, ROOT

PAGES = sorted((ROOT / "docs" / "user-guide").glob("*.md"))


@pytest.fixture(scope="module")
def wordings() -> str:
    """All Chinese wordings of the product, one per line."""
    found = []
    for path in sorted(PRODUCT.glob("*/locale/zh_Hans/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="zh_Hans"):
                found += [message.string] if isinstance(message.string, str) else list(message.string)
    return "\n".join(found)


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_a_quoted_word_is_on_a_screen(page, wordings):
    text = page.read_text(encoding="utf-8")
    assert [word for word in re.findall(r"「([^」]+)」", text) if word not in wordings] == []


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_a_link_leads_to_a_file(page):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert links, "the page is a dead end"
    assert [link for link in links if not (page.parent / link).exists()] == []
