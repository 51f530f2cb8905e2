"""A printer for tests: reads ESC/POS bytes as a real one does, and tells what would stand on the paper.

It is written from the command reference and knows nothing of the code that makes the bytes. What it does not know, it
refuses, so that no command slips through as text.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Line:
    """One printed line: its text, and how it was printed."""

    text: str
    align: int = 0
    is_bold: bool = False
    is_big: bool = False

    @property
    def columns(self) -> int:
        """Each character takes one column for a byte of GB18030 and two for more; big ones twice that."""
        width = sum(1 if len(char.encode("gb18030")) == 1 else 2 for char in self.text)
        return width * (2 if self.is_big else 1)


@dataclass
class Paper:
    """What was printed on it, in order."""

    lines: list[Line] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    pictures: list[tuple[int, int, bytes]] = field(default_factory=list)
    kicks: int = 0
    cuts: int = 0
    is_chinese: bool = False

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


def printed(content: bytes) -> Paper:
    """Feed bytes to the printer."""
    paper, at = Paper(), 0
    align, bold, big, link = 0, False, False, b""
    while at < len(content):
        command, two = content[at : at + 2], content[at + 2 : at + 4]
        if command == b"\x1b@":
            align, bold, big = 0, False, False
            at += 2
        elif command == b"\x1c&":
            paper.is_chinese = True
            at += 2
        elif command == b"\x1ba":
            align = content[at + 2]
            at += 3
        elif command == b"\x1bE":
            bold = bool(content[at + 2])
            at += 3
        elif command == b"\x1d!":
            big = content[at + 2] == 0x11
            at += 3
        elif command == b"\x1bd":
            paper.lines += [Line("")] * content[at + 2]
            at += 3
        elif command == b"\x1bp":
            paper.kicks += 1
            at += 5
        elif command == b"\x1dV":
            paper.cuts += 1
            at += 4
        elif command == b"\x1dv":
            width, height = (int.from_bytes(content[at + 4 + n : at + 6 + n], "little") for n in (0, 2))
            size = width * height
            paper.pictures.append((width, height, content[at + 8 : at + 8 + size]))
            at += 8 + size
        elif content[at : at + 3] == b"\x1d(k":
            size = int.from_bytes(content[at + 3 : at + 5], "little")
            body = content[at + 5 : at + 5 + size]
            if body[1:3] == b"P0":
                link = body[3:]
            elif body[1:3] == b"Q0":
                paper.links.append(link.decode("ascii"))
            at += 5 + size
        elif content[at] < 0x20 and content[at] != 0x0A:
            raise AssertionError(f"unknown command {command!r}{two!r} at {at}")
        else:
            end = content.index(b"\n", at)
            text = content[at:end].decode("gb18030")
            paper.lines.append(Line(text, align, bold, big))
            at = end + 1
            continue
    return paper
