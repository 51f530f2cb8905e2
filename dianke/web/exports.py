"""Files made of lists: Excel and CSV, safe against formulas hidden in names.

A text cell that begins like a formula gets an apostrophe before it (OWASP's rule, full-width forms too); Excel
cells are written as strings or numbers, never as formulas. Long numbers such as phones stay text.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from django.utils.translation import gettext as _

from dianke.core.money import Money
from dianke.web.listing import Column, Kind

_RISKY = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
BATCH = 1000
CELL = 32_767  # characters of an Excel cell
EXACT = 10**15  # Excel keeps fifteen digits; longer numbers are written as text
FIRST_EXCEL_YEAR = 1900


def safe_text(value: Any) -> str:
    """The value as text that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_RISKY) else text


def _in_words(value: Any) -> str:
    """What is neither a number nor a date, as the screen says it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return safe_text(value)


def _is_number(column: Column, value: Any) -> bool:
    """Amounts and counts stay numbers; what only looks like one (a phone, a staff number) stays text."""
    if isinstance(value, bool) or column.kind not in {Kind.NUMBER, Kind.MONEY}:
        return False
    return isinstance(value, int | Decimal)


def _value(column: Column, row: Any) -> Any:
    """Money is its amount: a spreadsheet adds up numbers."""
    value = column.of(row)
    return value.amount if isinstance(value, Money) else value


def _instant(value: datetime, zone: str) -> datetime:
    return value.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def write_csv(
    path: Path, columns: Sequence[Column], rows: Iterable[Any], *, zone: str, progress: Callable[[int], None]
) -> int:
    """Write UTF-8 with a byte-order mark (Excel reads it as Chinese); returns the number of rows."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([safe_text(c.label) for c in columns])
        for row in rows:
            writer.writerow([_plain(c, _value(c, row), zone) for c in columns])
            count += 1
            if count % BATCH == 0:
                progress(count)
    return count


def _plain(column: Column, value: Any, zone: str) -> str:
    if isinstance(value, datetime):
        return _instant(value, zone).isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if _is_number(column, value) else _in_words(value)


def write_xlsx(
    path: Path,
    columns: Sequence[Column],
    rows: Iterable[Any],
    *,
    zone: str,
    note: str,
    progress: Callable[[int], None],
) -> int:
    """Write one sheet in constant memory, with `note` (who, when, which filter) as its footer and properties."""
    book = xlsxwriter.Workbook(
        str(path),
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"comments": note})
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#F0F4F3"})
    formats = {
        Kind.MONEY: book.add_format({"num_format": "#,##0.00"}),
        Kind.NUMBER: book.add_format({"num_format": "#,##0.###"}),
        Kind.DATE: book.add_format({"num_format": "yyyy-mm-dd"}),
        Kind.INSTANT: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    }
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    sheet.set_footer("&L" + note.replace("&", "&&")[:200] + "&R&P/&N")
    for index, column in enumerate(columns):
        sheet.set_column(index, index, 14 if column.kind in formats else 22)
        sheet.write_string(0, index, safe_text(column.label), head)
    count = 0
    for row in rows:
        count += 1
        for index, column in enumerate(columns):
            value = _value(column, row)
            if value is None or value == "":
                continue
            if isinstance(value, date) and value.year >= FIRST_EXCEL_YEAR:
                kind = Kind.INSTANT if isinstance(value, datetime) else Kind.DATE
                moment = _instant(value, zone) if isinstance(value, datetime) else value
                sheet.write_datetime(count, index, moment, formats[kind])
            elif _is_number(column, value) and abs(value) < EXACT:
                sheet.write_number(count, index, value, formats[column.kind])
            else:
                sheet.write_string(count, index, _plain(column, value, zone)[:CELL])
        if count % BATCH == 0:
            progress(count)
    if count:
        sheet.autofilter(0, 0, count, len(columns) - 1)
    book.close()
    return count
