"""What becomes of the text of a cell: blanks go, and numbers a spreadsheet made of phones and dates turn back."""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta


class Kind(enum.StrEnum):
    """What a target holds, as far as spreadsheets spoil it."""

    TEXT = "TEXT"
    PHONE = "PHONE"
    CODE = "CODE"
    DATE = "DATE"


#: Codes of what the kit itself finds wrong with a cell or row.
DIGITS_LOST = "digits_lost"
DAY_UNKNOWN = "day_unknown"

#: What is cut off both ends of a cell: blanks of every width and marks nobody sees.
BLANKS = (
    " \t\r\n\v\f\x00\x1c\x1d\x1e\x1f\x85\xa0\u2000\u2001\u2002\u2003\u2009"
    "\u200b\u200e\u200f\u202c\u202d\u3000\ufeff"
)
#: What an export puts before a text so that no spreadsheet takes it for a formula.
_SHIELDED = ("'=", "'+", "'-", "'@", "'＝", "'＋", "'－", "'＠", "'\t", "'\r")
_WHOLE = re.compile(r"(\d+)\.0*\Z")
_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?E\+?(\d{1,2})\Z", re.IGNORECASE)
_AS_FORMULA = re.compile(r'="(.*)"\Z', re.DOTALL)
_SERIAL = re.compile(r"(\d{4,5})(?:\.\d+)?\Z")
_MIDNIGHT = re.compile(r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})[ T]0?0:00(?::00(?:\.0+)?)?\Z")
_EPOCH = date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = 3_654, 73_415  # 1910-01-01 to 2100-12-31

#: Text in, (text, code of what is wrong or "") out.
Cleaner = Callable[[str], tuple[str, str]]


def plain(text: str) -> str:
    """The text without blanks around it, invisible marks, and the shield against formulas."""
    text = text.strip(BLANKS)
    if text.startswith(_SHIELDED):
        text = text[1:]
    elif text.startswith('="') and (found := _AS_FORMULA.match(text)):
        text = found[1].strip(BLANKS)  # ="013800138000" is how some systems keep leading zeros
    return text.replace("\x00", "") if "\x00" in text else text


def digits(text: str) -> tuple[str, str]:
    """A phone or a number of a card: what a spreadsheet made of it turned back. `DIGITS_LOST` when it cannot be."""
    if text.isdigit() and text.isascii():
        return text, ""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).strip(BLANKS)
    if found := _WHOLE.match(text):
        return found[1], ""
    if found := _SCIENTIFIC.match(text):
        first, rest, power = found[1], found[2] or "", int(found[3])
        # 1.38001380000E+10 still has every digit, 1.38E+10 has not.
        return (first + rest.ljust(power, "0"), "") if len(rest) == power else (text, DIGITS_LOST)
    return text, ""


def day(text: str) -> tuple[str, str]:
    """A date: the day number of a spreadsheet as YYYY-MM-DD, a midnight left out; everything else as written."""
    if found := _SERIAL.match(text):
        number = int(found[1])
        if _FIRST_SERIAL <= number <= _LAST_SERIAL and not (len(found[1]) == 4 and 1900 <= number <= 2100):
            return (_EPOCH + timedelta(days=number)).isoformat(), ""
        return text, ""
    if "########" in text:
        return text, DAY_UNKNOWN  # the column was too narrow when somebody copied what it showed
    if found := _MIDNIGHT.match(text):
        return found[1], ""
    return text, ""


CLEANERS: dict[Kind, Cleaner] = {Kind.PHONE: digits, Kind.CODE: digits, Kind.DATE: day}
