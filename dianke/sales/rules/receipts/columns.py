"""Fitting text into the columns of a printer: a Chinese character takes two, a Latin one takes one.

What a printer draws two columns wide is what GB18030 writes in more than one byte, which is also what Unicode calls
wide or, in Chinese text, ambiguous (“…”, “×”). Text of people never reaches the printer as a command: controls are
taken out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

#: Columns of font A (12 dots wide) on the paper of each width in millimetres: 384 and 576 dots.
COLUMNS = {58: 32, 80: 48}
_SAME = {"¥": "￥", "\u00a0": " ", "\u3000": "  ", "‑": "-", "−": "-", "–": "-", "\t": " "}
_UNKNOWN = "□"
#: What does not begin a line.
_CLOSING = frozenset("，。、；：？！）】》”’·…％,.;:?!)]}%")


def printable(text: str) -> str:
    """The text as the printer knows it: composed, on one line, without controls. Of what GB18030 writes in four bytes
    only Chinese stays; letters lose their marks, anything else (emoji) becomes a box."""
    return "".join(_known(char) for char in unicodedata.normalize("NFC", text))


def _known(char: str) -> str:
    if char in _SAME:
        return _SAME[char]
    category = unicodedata.category(char)
    if category in ("Zl", "Zp") or char in "\r\n":
        return " "
    if category[0] in "CM":
        return ""
    if len(char.encode("gb18030")) <= 2 or _is_chinese(char):
        return char
    plain = "".join(c for c in unicodedata.normalize("NFKD", char) if unicodedata.category(c)[0] != "M")
    if plain != char and all(len(c.encode("gb18030")) <= 2 for c in plain):
        return plain
    return "" if category == "Sk" else _UNKNOWN


def _is_chinese(char: str) -> bool:
    return (
        "\u3400" <= char <= "\u4dbf" or "\u4e00" <= char <= "\u9fff" or "\U00020000" <= char <= "\U0003ffff"
    )


def width_of(text: str) -> int:
    """How many columns a printable text takes."""
    return sum(1 if char.isascii() else 2 for char in text)


def wrapped(text: str, width: int) -> list[str]:
    """The lines of a text, each at most `width` columns (4 or more). Latin words stay whole where they fit; a closing
    mark does not begin a line."""
    lines: list[str] = []
    line = ""
    for word in _words(text):
        if width_of(line) + width_of(word) <= width:
            line += word
            continue
        if width_of(word) <= width:
            if word in _CLOSING and width_of(line) > 4:
                # The mark takes the character before it along.
                lines.append(line[:-1].rstrip())
                line = line[-1] + word
            else:
                lines.append(line.rstrip())
                line = word.lstrip()
            continue
        for char in word:  # longer than a line: broken where it must
            if width_of(line) + width_of(char) > width:
                lines.append(line)
                line = ""
            line += char
    lines.append(line.rstrip())
    return [line for line in lines if line] or [""]


def _words(text: str) -> Iterator[str]:
    """Runs of Latin letters and digits, everything else by itself."""
    word = ""
    for char in text:
        if char.isascii() and not char.isspace() and char not in _CLOSING | {"-", "/"}:
            word += char
            continue
        if word:
            yield word
        word = ""
        yield char
    if word:
        yield word


def pair(left: str, right: str, width: int) -> list[str]:
    """`left` at the left edge and `right` at the right edge; when they do not fit, `left` takes lines of its own."""
    room = width - width_of(right)
    if room < 8:
        return [*wrapped(left, width), *(aligned_right(each, width) for each in wrapped(right, width))]
    lines = wrapped(left, width)
    last = lines[-1]
    if width_of(last) + 1 + width_of(right) <= width:
        return [*lines[:-1], last + " " * (width - width_of(last) - width_of(right)) + right]
    return [*lines, aligned_right(right, width)]


def aligned_right(text: str, width: int) -> str:
    return " " * max(0, width - width_of(text)) + text


def in_columns(cells: tuple[str, ...], widths: tuple[int, ...]) -> str:
    """One line of cells that are known to fit: the first at the left, the others at the right edge of their column."""
    first, *others = cells
    line = first + " " * max(0, widths[0] - width_of(first))
    return line + "".join(aligned_right(cell, size) for cell, size in zip(others, widths[1:], strict=True))
