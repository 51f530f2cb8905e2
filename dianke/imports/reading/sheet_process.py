"""Reads one sheet of a workbook in a process of its own, so that a file made to harm harms nothing but this process.

Started by `workbooks.py` as a script, apart from the product: the workbook comes by standard input, the rows go to
standard output as CSV (first a line with the names of all sheets, then one with the name of the sheet that is read).
Memory and time are bounded before the first byte is looked at. Why it ended is one word on standard error.
"""

from __future__ import annotations

import csv
import datetime
import io
import resource
import sys

MEMORY_BYTES = 1_500_000_000
CPU_SECONDS = 120
MOST_COLUMNS = 200
MOST_LETTERS = 40_000  # of a cell; a spreadsheet itself stops at 32,767


def text_of(value: object) -> str:
    """A cell as a person would type it: whole numbers without a point, midnight without a time."""
    if isinstance(value, str):
        return value if len(value) <= MOST_LETTERS else value[:MOST_LETTERS]
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        return format(value, ".15g")
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time():
            return value.date().isoformat()
        return value.isoformat(" ", "seconds")
    if isinstance(value, datetime.timedelta):
        seconds = int(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return str(value)


def main(wanted: str, most_rows: int) -> str:
    """Why it ended: "" for well."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import python_calamine

    data = sys.stdin.buffer.read()
    try:
        book = python_calamine.CalamineWorkbook.from_object(io.BytesIO(data))
    except python_calamine.PasswordError:
        return "password"
    except Exception:
        return "damaged"
    del data
    kinds = python_calamine.SheetTypeEnum
    names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == kinds.WorkSheet]
    shown = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == kinds.WorkSheet and sheet.visible == python_calamine.SheetVisibleEnum.Visible
    ]
    if not names:
        return "empty"
    out = csv.writer(io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", write_through=False))
    out.writerow(names)
    candidates = [wanted] if wanted in names else (shown or names)
    for name in candidates:
        try:
            sheet = book.get_sheet_by_name(name)
        except Exception:
            return "damaged"
        # The first sheet with something in it; of an empty workbook the first.
        if sheet.height or name == candidates[-1]:
            break
    if sheet.start is not None and sheet.end is not None:
        if sheet.end[1] >= MOST_COLUMNS and sheet.width > MOST_COLUMNS:
            return "columns"
        left = [""] * sheet.start[1]
    else:
        left = []
    out.writerow([sheet.name])
    for count, row in enumerate(sheet.iter_rows()):
        if count >= most_rows:
            break
        out.writerow([*left, *map(text_of, row)])
    sys.stdout.flush()
    return ""


if __name__ == "__main__":
    try:
        reason = main(sys.argv[1], int(sys.argv[2]))
    except MemoryError:
        reason = "memory"
    except BrokenPipeError:
        reason = "stopped"
    sys.stderr.write(reason)
    sys.exit(1 if reason else 0)
