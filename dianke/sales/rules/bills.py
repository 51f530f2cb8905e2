"""Reading the bill of a channel as people have it: a CSV file or pasted rows, number and amount in each."""

from __future__ import annotations

import csv
import re

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput
from dianke.core.money import parse
from dianke.sales.rules.reconciling import BillRow

_SIGNS = ",;\t，"
_AMOUNT = re.compile(r"[-+−]?\s*[¥￥]?\s*[-+−]?[\d,]*\d(?:\.\d*)?\s*\u5143?")


class BillEmpty(InvalidInput):
    code = "bill_empty"
    message = _("There is no row in it. Choose the file of the channel, or paste its rows.")
    default_field = "text"


class BillUnreadable(InvalidInput):
    code = "bill_unreadable"
    message = _("The file is no text. Save it as CSV and choose it again.")
    default_field = "file"


class BillRowWrong(InvalidInput):
    code = "bill_row_wrong"
    message = _("Row %(line)s, “%(text)s”: the number at the channel and an amount are expected.")
    default_field = "text"


def decoded(content: bytes) -> str:
    """The text of a file. Raises `BillUnreadable`."""
    if b"\0" in content:
        raise BillUnreadable
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _of_spreadsheet(content)


def _of_spreadsheet(content: bytes) -> str:
    """Chinese spreadsheets write in this one."""
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError as error:
        raise BillUnreadable from error


def read_bill(text: str, currency: str) -> list[BillRow]:
    """The rows of a bill: the first cell is the number, the last with an amount its amount in units of the currency. A
    first row without an amount is a heading. Raises `BillEmpty`, `BillRowWrong`."""
    lines = [line for line in text.replace("，", ",").splitlines() if line.strip()]
    if not lines:
        raise BillEmpty
    sign = max(_SIGNS, key=lines[0].count) if any(each in lines[0] for each in _SIGNS) else ","
    found: list[BillRow] = []
    for number, cells in enumerate(csv.reader(lines, delimiter=sign), 1):
        row = [cell.strip().strip("`'") for cell in cells]
        amount = _amount(row[1:], currency)
        if amount is None or not row[0]:
            if number == 1:
                continue
            raise BillRowWrong(line=number, text=sign.join(row)[:40])
        found.append(BillRow(row[0][:64], amount))
    if not found:
        raise BillEmpty
    return found


def _amount(cells: list[str], currency: str) -> int | None:
    """Minor units of the last cell that is an amount."""
    for cell in reversed(cells):
        if _AMOUNT.fullmatch(cell):
            return parse(cell, currency).to_minor()
    return None
