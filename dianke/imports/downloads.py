"""Files people take away: the erroneous rows with their reasons, ready to be corrected and uploaded again, and the
empty template of an importer. No cell of either can be taken for a formula."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from typing import IO

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dianke.core.actor import Actor
from dianke.imports.importers import Importer
from dianke.imports.models import ImportRun
from dianke.imports.queries import NotedRow, all_targets, noted_rows
from dianke.imports.rules.headers import letters
from dianke.web.exports import safe_text

EXCEL_ROWS = 1_048_575
_SAFE = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def reason_of(row: NotedRow) -> str:
    """The problems of a row in one cell."""
    return pgettext("between sentences in a list", "; ").join(problem.message for problem in row.problems)


def _headers(run: ImportRun) -> list[str]:
    return [name or letters(index) for index, name in enumerate(run.headers)]


def _cells(run: ImportRun, row: NotedRow) -> list[str]:
    width = len(run.headers)
    cells = [*row.cells[:width], *[""] * (width - len(row.cells))]
    return [safe_text(cell) for cell in cells] + [safe_text(reason_of(row))]


def errors_as_csv(run: ImportRun) -> Iterator[str]:
    """The erroneous rows as CSV, row by row, beginning with the mark by which Excel knows UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    if run.header_row:
        writer.writerow([*(safe_text(name) for name in _headers(run)), _("Import problem")])
    for row in noted_rows(run, only_errors=True):
        writer.writerow(_cells(run, row))
        if buffer.tell() > 1 << 16:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def errors_as_xlsx(run: ImportRun) -> IO[bytes]:
    """The same as a workbook; what does not fit a sheet is left out (the CSV has it)."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  the answer closes it
    book = xlsxwriter.Workbook(file, _SAFE)
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#F0F4F3"})
    reason = book.add_format({"font_color": "#A92C15"})
    sheet = book.add_worksheet()
    sheet.set_column(0, max(0, len(run.headers) - 1), 18)
    sheet.set_column(len(run.headers), len(run.headers), 60, reason)
    line = 0
    if run.header_row:
        _write(sheet, 0, [*(safe_text(name) for name in _headers(run)), _("Import problem")], head)
        sheet.freeze_panes(1, 0)
        line = 1
    for row in noted_rows(run, only_errors=True):
        if line > EXCEL_ROWS:
            break
        _write(sheet, line, _cells(run, row))
        line += 1
    book.close()
    file.seek(0)
    return file


def template_of(importer: Importer, actor: Actor) -> IO[bytes]:
    """A workbook with the importer's fields as its heading, required ones first, and a sheet that explains them."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  the answer closes it
    book = xlsxwriter.Workbook(file, {**_SAFE, "constant_memory": False})
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#F0F4F3"})
    required = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E4F1EF"})
    text = book.add_format({"num_format": "@"})  # phones and card numbers stay as they are typed
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    targets = sorted(all_targets(importer, actor), key=lambda target: not target.is_required)
    sheet = book.add_worksheet(str(importer.label)[:31])
    sheet.freeze_panes(1, 0)
    for index, target in enumerate(targets):
        sheet.set_column(index, index, 16, text)
        sheet.write_string(0, index, safe_text(target.label), required if target.is_required else head)
    notes = book.add_worksheet(_("How to fill it in"))
    _write(notes, 0, [_("Column"), _("Required"), _("Example"), _("Note")], head)
    notes.set_column(0, 0, 20)
    notes.set_column(1, 2, 16)
    notes.set_column(3, 3, 70, wrapped)
    for line, target in enumerate(targets, 1):
        _write(
            notes,
            line,
            [
                safe_text(target.label),
                _("Yes") if target.is_required else "",
                safe_text(target.example),
                safe_text(target.hint),
            ],
        )
    book.close()
    file.seek(0)
    return file


def _write(
    sheet: xlsxwriter.worksheet.Worksheet, line: int, cells: Sequence[str], style: object = None
) -> None:
    for index, cell in enumerate(cells):
        if cell:
            sheet.write_string(line, index, cell[:32_767], style)
