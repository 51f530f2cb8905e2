"""A sealed file as a table: how it is to be read, its first rows, and all its rows one after the other."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO

from dianke.imports.reading import refusals
from dianke.imports.reading.inspection import TEXT, XLSX, Inspection
from dianke.imports.reading.workbooks import MOST_COLUMNS, MOST_ROWS, guard, sheet_rows
from dianke.imports.rules import delimiters
from dianke.imports.rules.encodings import UTF_8, UTF_8_MARK, marked
from dianke.imports.rules.headers import Heading, Vocabulary, find_heading
from dianke.imports.rules.values import plain

TOP_ROWS = 60
SAMPLE_ROWS = 5
_TOP_BYTES = 128 << 10
_LONGEST_NAME = 200  # letters of a header that are kept

#: Number of the row as a spreadsheet counts it, and its cells.
NumberedRow = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is read. `header_row` counts from 1; 0 says that there is no heading."""

    format: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_row: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """What the top of a file shows. `rows` are its first rows as they are; `sheets` all of a workbook."""

    shape: Shape
    names: tuple[str, ...]
    rows: list[list[str]]
    sheets: tuple[str, ...] = ()
    row_estimate: int = 0

    def samples(self) -> list[list[str]]:
        """The first rows below the heading that are not empty, as wide as the heading."""
        below = [row for row in self.rows[self.shape.header_row :] if any(cell.strip() for cell in row)]
        width = len(self.names)
        return [[*row[:width], *[""] * (width - len(row))] for row in below[:SAMPLE_ROWS]]


def look_first(found: Inspection, words: Vocabulary) -> Look:
    """The best guess at a new file. Raises a `FileRefused`."""
    if found.is_workbook:
        data = bytes(found.data)
        if found.format == XLSX:
            guard(data)
        return _look_at_workbook(Shape(found.format), data, words, is_first=True)
    encoding = found.encoding(word for word in words.targets if not word.isascii())
    text = _decoded(found.sample, encoding)
    delimiter = delimiters.guess(text, is_cut=found.size > len(found.sample))
    shape = Shape(TEXT, encoding, delimiter)
    rows = _top(text, delimiter, is_cut=found.size > len(found.sample))
    look = _with_heading(shape, rows, words)
    return replace(look, row_estimate=max(0, found.line_count - look.shape.header_row))


def look_again(stream: BinaryIO, shape: Shape, words: Vocabulary, *, find_header: bool = False) -> Look:
    """The top of the file read as `shape` says; with `find_header` the heading is looked for anew."""
    if shape.format != TEXT:
        return _look_at_workbook(shape, stream.read(), words, is_first=find_header)
    sample = stream.read(_TOP_BYTES)
    rows = _top(_decoded(sample, shape.encoding), shape.delimiter, is_cut=len(sample) == _TOP_BYTES)
    if find_header:
        return _with_heading(shape, rows, words)
    return Look(shape, names_at(rows, shape.header_row), rows)


def _look_at_workbook(shape: Shape, data: bytes, words: Vocabulary, *, is_first: bool) -> Look:
    with sheet_rows(data, shape.sheet, limit=MOST_ROWS if is_first else TOP_ROWS) as (sheets, name, rows):
        top = list(itertools.islice(rows, TOP_ROWS))
        count = len(top) + sum(1 for _row in rows)
    shape = replace(shape, sheet=name)
    if is_first:
        look = _with_heading(shape, top, words)
        return replace(look, sheets=tuple(sheets), row_estimate=max(0, count - look.shape.header_row))
    return Look(shape, names_at(top, shape.header_row), top, tuple(sheets))


def _with_heading(shape: Shape, rows: list[list[str]], words: Vocabulary) -> Look:
    heading = find_heading(rows, words)
    if heading.row < 0:
        raise refusals.FileEmpty
    return Look(replace(shape, header_row=heading.row + 1), _trimmed(heading), rows)


def _trimmed(heading: Heading) -> tuple[str, ...]:
    names = [plain(name)[:_LONGEST_NAME] for name in heading.names]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise refusals.TooManyColumns(limit=MOST_COLUMNS)
    return tuple(names)


def names_at(rows: Sequence[Sequence[str]], header_row: int) -> tuple[str, ...]:
    """The headers of a row that a person chose; without heading one empty name per column."""
    if header_row == 0:
        width = max((len(row) for row in rows), default=0)
        return ("",) * min(width, MOST_COLUMNS)
    row = rows[header_row - 1] if header_row <= len(rows) else []
    return _trimmed(Heading(header_row - 1, tuple(" ".join(cell.split()) for cell in row)))


def _decoded(sample: bytes, encoding: str) -> str:
    found = marked(sample)
    bare = sample[found[1] :] if found and found[0] == encoding else sample
    text = bare.decode(encoding, errors="replace")
    return text[:-1] if text.endswith("\ufffd") else text


def _top(text: str, delimiter: str, *, is_cut: bool) -> list[list[str]]:
    return delimiters.first_rows(text, delimiter, limit=TOP_ROWS, is_cut=is_cut)


# --- all rows --------------------------------------------------------------------------------------------------------
@contextmanager
def numbered_rows(stream: BinaryIO, shape: Shape) -> Iterator[Iterator[NumberedRow]]:
    """All rows below the heading, with their numbers. Raises a `FileRefused`, also while they are being taken."""
    if shape.format == TEXT:
        yield _below(_text_rows(stream, shape), shape.header_row)
        return
    with sheet_rows(stream.read(), shape.sheet) as (_names, _name, rows):
        yield _below(rows, shape.header_row)


def _below(rows: Iterator[list[str]], header_row: int) -> Iterator[NumberedRow]:
    number = 0
    try:
        for number, cells in enumerate(rows, 1):
            if number > header_row:
                if len(cells) > MOST_COLUMNS and any(cells[MOST_COLUMNS:]):
                    raise refusals.TooManyColumns(limit=MOST_COLUMNS)
                if number > MOST_ROWS + header_row:
                    raise refusals.TooManyRows(limit=MOST_ROWS)
                yield number, cells
    except csv.Error as error:
        raise refusals.QuoteNotClosed(row=number + 1) from error


def _text_rows(stream: BinaryIO, shape: Shape) -> Iterator[list[str]]:
    buffered = (
        stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(io.BytesIO(stream.read()))
    )
    found = marked(buffered.peek(4)[:4])
    if found and found[0] == shape.encoding:
        buffered.read(found[1])
    encoding = UTF_8_MARK if shape.encoding == UTF_8 else shape.encoding
    # What cannot be decoded becomes U+FFFD, and the rows that hold it errors: one broken row stops nothing.
    text = io.TextIOWrapper(buffered, encoding=encoding, errors="replace", newline="")
    return csv.reader(text, delimiter=shape.delimiter)
