"""Pages obey the strict content security policy: no code and no style within the markup."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import PRODUCT, Finding, find, must_be_clean, parsed, product_modules

_DJANGO = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?endcomment\s*%\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_TAG = re.compile(r"<[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_INLINE = {
    "inline style": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "inline handler": re.compile(r"\son[a-z]+\s*=", re.IGNORECASE),
    "javascript: address": re.compile(r"=\s*[\"']?\s*javascript:", re.IGNORECASE),
    "hx-on handler": re.compile(r"\shx-on[:\w-]*\s*=", re.IGNORECASE),
}
_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script\s*>", re.IGNORECASE | re.DOTALL)
_STYLE = re.compile(r"<style\b", re.IGNORECASE)
# Mail readers know no style sheets, and no policy applies there.
MAIL = {"email", "emails", "mail"}


def inline(source: str) -> Iterator[Finding]:
    """Inline code and style in markup, by line."""
    bare = _DJANGO.sub(lambda match: re.sub(r"[^\n]", "_", match[0]), source)
    for tag in _TAG.finditer(bare):
        for what, pattern in _INLINE.items():
            if pattern.search(tag[0]):
                yield _line(bare, tag.start()), what
    for script in _SCRIPT.finditer(bare):
        if "json" not in script[1] and (script[2].strip() or "src" not in script[1]):
            yield _line(bare, script.start()), "inline script"
    for style in _STYLE.finditer(bare):
        yield _line(bare, style.start()), "style element"


def inline_in_python(source: str) -> Iterator[Finding]:
    """The same within the string literals of a module."""
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "<" in node.value:
            for _line_number, what in inline(node.value):
                yield node.lineno, what


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def test_templates_hold_no_inline_code_or_style():
    pages = [
        path
        for path in sorted(PRODUCT.rglob("*.html"))
        if "templates" in path.parts and not MAIL & set(path.parts)
    ]
    must_be_clean(find(pages, inline))


def test_markup_in_python_holds_no_inline_code_or_style():
    must_be_clean(find(product_modules(), inline_in_python))


@pytest.mark.parametrize(
    "markup",
    [
        '<p style="color: red">',
        '<p\n  STYLE="color: red">',
        "<button onclick='go()'>",
        '<a href="javascript:go()">',
        "<script>go()</script>",
        "<script>\n{{ code }}\n</script>",
        "<style>p {}</style>",
        '<div hx-on:click="go()">',
        '<td {% if a > b %}class="x"{% endif %} style="width: 1px">',
        '<input value="a > b" onchange="go()">',
    ],
)
def test_inline_code_or_style_is_found(markup):
    assert len(list(inline(markup))) == 1
    assert len(list(inline_in_python(f"x = {markup!r}"))) == 1


@pytest.mark.parametrize(
    "markup",
    [
        '<script type="module" src="{% static "web/page.js" %}"></script>',
        '<script type="application/json" id="d">{"a": 1}</script>',
        "<p>style = good, onclick = bad</p>",
        '<p title="on time = money" data-on="x">',
        '<link rel="stylesheet" href="x">',
        '{# <p style="x"> #}',
        '<input placeholder="{% translate "a style=b" %}">',
    ],
)
def test_clean_markup_passes(markup):
    assert list(inline(markup)) == []
