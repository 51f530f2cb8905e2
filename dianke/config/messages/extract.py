"""Finds every translatable string of a room: in Python with Babel, in templates with Django's own lexer.

The message of a template is built exactly as Django builds it when the page is rendered (percent signs
doubled, `{{ name }}` as `%(name)s`, white space trimmed on request), because a catalogue keyed otherwise
translates nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from babel.messages.extract import extract as babel_extract

if TYPE_CHECKING:
    from django.template.base import Token

# The value says which arguments hold the context ("c"), the singular and the plural, as Babel wants it.
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
TRANSLATOR_MARK = "Translators:"
TEMPLATE_SUFFIXES = {".html", ".txt", ".xml", ".svg"}
# Migrations freeze the English text and tests invent strings that no user reads.
SKIPPED_FOLDERS = {"tests", "migrations", "static", "locale", "__pycache__"}

_LITERAL = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_FIRST_LITERAL = re.compile(_LITERAL)
_MARKED_LITERAL = re.compile(rf"(?<!\w)_\(({_LITERAL})\)")


@dataclass(frozen=True)
class Found:
    """One use of a message: where it stands (path from the repository root, line) and what is said."""

    path: str
    line: int
    singular: str
    plural: str | None = None
    context: str | None = None
    comments: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str | None, str]:
        """What gettext looks a message up by."""
        return self.context, self.singular


def extract_room(folder: Path, root: Path) -> list[Found]:
    """Every message of one room in the order of its files, then of their lines."""
    found: list[Found] = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if SKIPPED_FOLDERS.intersection(inside.parts[:-1]) or not path.is_file():
            continue
        shown = path.relative_to(root).as_posix()
        if path.suffix == ".py":
            with path.open("rb") as file:
                found += extract_python(file, shown)
        elif "templates" in inside.parts and path.suffix in TEMPLATE_SUFFIXES:
            found += extract_template(path.read_text(encoding="utf-8"), shown)
    return found


def extract_python(file: BinaryIO, shown: str) -> Iterator[Found]:
    """The messages of one Python file; only string literals count, as gettext itself sees no others."""
    for line, message, comments, context in babel_extract(
        "python", file, keywords=KEYWORDS, comment_tags=[TRANSLATOR_MARK]
    ):
        singular, plural = (message[0], message[1]) if isinstance(message, tuple) else (message, None)
        yield Found(shown, line, singular, plural, context or None, tuple(comments))


def extract_template(source: str, shown: str) -> Iterator[Found]:
    """The messages of one Django template.

    Raises SyntaxError when a `blocktranslate` holds another block tag or is not closed, naming file and line.
    """
    from django.template.base import Lexer, TokenType  # the wheel is built without Django at hand

    comment: tuple[int, str] | None = None
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        line = token.lineno or 0
        if token.token_type == TokenType.COMMENT:
            if token.contents.startswith(TRANSLATOR_MARK):
                comment = (line, token.contents)
            continue
        if token.token_type not in (TokenType.BLOCK, TokenType.VAR):
            continue
        # A note to translators belongs to the message on its own or on the next line.
        notes = (comment[1],) if comment and line - comment[0] <= 1 else ()
        name = token.contents.split(None, 1)[0] if token.token_type == TokenType.BLOCK else ""
        if name == "comment":
            for inner in tokens:
                if inner.token_type == TokenType.BLOCK and inner.contents == "endcomment":
                    break
            continue
        for literal in _MARKED_LITERAL.findall(token.contents):
            yield Found(shown, line, _runtime_id(literal), comments=notes)
        if name in ("trans", "translate"):
            bits = token.split_contents()
            said = _FIRST_LITERAL.match(bits[1])
            if said:
                yield Found(shown, line, _runtime_id(said[0]), context=_context(bits), comments=notes)
        elif name in ("blocktrans", "blocktranslate"):
            bits = token.split_contents()
            singular, plural = _block_body(tokens, f"{shown}:{line}", trimmed="trimmed" in bits)
            yield Found(shown, line, singular, plural, _context(bits), notes)


def _block_body(tokens: "Iterator[Token]", where: str, *, trimmed: bool) -> tuple[str, str | None]:
    """Consumes the tokens of a block up to its end tag; returns the singular and the plural message."""
    from django.template.base import TokenType
    from django.utils.translation import trim_whitespace

    parts: list[list[str]] = [[]]
    for token in tokens:
        if token.token_type == TokenType.TEXT:
            parts[-1].append(token.contents.replace("%", "%%"))
        elif token.token_type == TokenType.VAR:
            parts[-1].append(f"%({token.contents})s")
        elif token.token_type == TokenType.BLOCK:
            if token.contents in ("endblocktrans", "endblocktranslate"):
                texts = ["".join(part) for part in parts]
                if trimmed:
                    texts = [trim_whitespace(text) for text in texts]
                return texts[0], texts[1] if len(texts) > 1 else None
            if token.contents != "plural" or len(parts) > 1:
                raise SyntaxError(f"{where}: blocktranslate must not hold the tag {token.contents!r}")
            parts.append([])
    raise SyntaxError(f"{where}: blocktranslate is not closed")


def _runtime_id(literal: str) -> str:
    from django.utils.text import unescape_string_literal

    return unescape_string_literal(literal).replace("%", "%%")


def _context(bits: list[str]) -> str | None:
    if "context" not in bits[1:-1]:
        return None
    from django.utils.text import unescape_string_literal

    said = bits[bits.index("context", 1) + 1]
    return unescape_string_literal(said) if _FIRST_LITERAL.fullmatch(said) else None
