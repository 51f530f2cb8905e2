"""Rows of a file as an importer takes them: cleaned, keyed by target, in batches, with what the kit itself refuses.

This is the hot path: per row it costs one pass over the mapped cells and nothing else.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from dianke.imports.importers import Row, RowProblem, Target, Text
from dianke.imports.reading.tables import NumberedRow
from dianke.imports.rules.values import BLANKS, CLEANERS, DAY_UNKNOWN, DIGITS_LOST, Cleaner, Kind, plain

MOST_LETTERS = 32_767
_BROKEN = "\ufffd"

UNREADABLE, CELL_TOO_LONG, VALUE_MISSING = "unreadable", "cell_too_long", "value_missing"
#: What the kit itself says about a row.
WORDS: dict[str, Text] = {
    UNREADABLE: _("Some characters are damaged: the file is in another encoding here. Type this row anew."),
    CELL_TOO_LONG: _(
        "A cell holds more text than any field can take. Look whether a quotation mark is missing."
    ),
    VALUE_MISSING: _("This must not be empty. Fill it in."),
    DIGITS_LOST: _("The spreadsheet shortened this number and digits are lost. Type it again as text."),
    DAY_UNKNOWN: _("The column was too narrow when the date was copied. Type the date again."),
}


@dataclass(slots=True)
class Batch:
    """Rows for the importer with their cells beside them, and those the kit refused. `after` is the number of the last
    row before the batch, `last` of its last row."""

    after: int
    last: int = 0
    rows: list[Row] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    refused: list[tuple[int, list[str], RowProblem]] = field(default_factory=list)

    def take(self, columns: Columns, number: int, cells: list[str]) -> bool:
        """Take the row in, good or refused; False for an empty one."""
        found = columns.row(number, cells)
        if found is None:
            return False
        if isinstance(found, Row):
            self.rows.append(found)
            self.cells.append(cells)
        else:
            self.refused.append((number, cells, found))
        self.last = number
        return True


class Columns:
    """Turns cells into rows by a mapping column → target. `codes` are the targets in the order of the columns."""

    def __init__(self, mapping: Mapping[int, str], targets: Sequence[Target]) -> None:
        known = {target.code: target for target in targets}
        self.codes = tuple(mapping[index] for index in sorted(mapping) if mapping[index] in known)
        self._indexes = tuple(index for index in sorted(mapping) if mapping[index] in known)
        self._width = max(self._indexes, default=-1) + 1
        kinds = [(code, known[code].kind) for code in self.codes]
        self._cleaners: list[tuple[str, Cleaner]] = [
            (code, CLEANERS[kind]) for code, kind in kinds if kind is not Kind.TEXT
        ]
        self._required = [code for code in self.codes if known[code].is_required]

    def row(self, number: int, cells: list[str]) -> Row | RowProblem | None:
        """The row; what is wrong with it; None for one that is empty."""
        if len(cells) < self._width:
            cells = [*cells, *[""] * (self._width - len(cells))]
        texts = [cells[index].strip(BLANKS) for index in self._indexes]
        joined = "".join(texts)
        if not joined:
            if self._required and any(cell.strip(BLANKS) for cell in cells):
                return RowProblem(VALUE_MISSING, WORDS[VALUE_MISSING], self._required[0])
            return None
        if "'" in joined or "=" in joined or "\x00" in joined:
            texts = [plain(text) for text in texts]
        row = Row(zip(self.codes, texts, strict=True))
        row.number = number
        if _BROKEN in joined or len(joined) > MOST_LETTERS:
            wrong = _unusable(row)
            if wrong:
                return wrong
        for code, clean in self._cleaners:
            if text := row[code]:
                row[code], reason = clean(text)
                if reason:
                    return RowProblem(reason, WORDS[reason], code)
        for code in self._required:
            if not row[code]:
                return RowProblem(VALUE_MISSING, WORDS[VALUE_MISSING], code)
        return row


def _unusable(row: Row) -> RowProblem | None:
    """What is wrong with the first cell that no importer could use."""
    for code, text in row.items():
        if _BROKEN in text:
            return RowProblem(UNREADABLE, WORDS[UNREADABLE], code)
        if len(text) > MOST_LETTERS:
            return RowProblem(CELL_TOO_LONG, WORDS[CELL_TOO_LONG], code)
    return None


def batches(rows: Iterable[NumberedRow], columns: Columns, *, size: int, after: int = 0) -> Generator[Batch]:
    """The rows behind number `after` in batches of `size`; empty rows are passed over."""
    batch, count = Batch(after=after), 0
    for number, cells in rows:
        if number <= after or not batch.take(columns, number, cells):
            continue
        count += 1
        if count == size:
            yield batch
            batch, count = Batch(after=number), 0
    if count:
        yield batch
