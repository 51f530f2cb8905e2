"""A table as a workbook with one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import xlsxwriter
from django.http import HttpResponse

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[Any]], name: str, *, above: Sequence[str] = ()
) -> HttpResponse:
    """`rows` below `heads`, a line each of `above` before them; fractions are amounts or shares, texts stay texts."""
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(title[:31])
        money = book.add_format({"num_format": "#,##0.00"})
        for place, text in enumerate(above):
            sheet.write_string(place, 0, text)
        first = len(above) + 1 if above else 0
        sheet.write_row(first, 0, heads, book.add_format({"bold": True}))
        for place, row in enumerate(rows, first + 1):
            for column, value in enumerate(row):
                if isinstance(value, float):
                    sheet.write_number(place, column, value, money)
                else:
                    sheet.write(place, column, value)
    answer = HttpResponse(stream.getvalue(), content_type=_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
