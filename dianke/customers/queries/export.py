"""Everything kept about a person, gathered for the person: as tables, for JSON, CSV and paper.

Each table is a list of plain rows under a code; other rooms add theirs with `register_export`. JSON is for machines
and follows `data/customer_export.schema.json`; CSV is one file per table in a ZIP, safe against formulas in names; the
pages of the PDF say on every foot who made the copy, when, and its number. Other people are never named in it.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from dianke.customers.models import (
    Customer,
)
from dianke.customers.queries.export_tables import OWN_PARTS, ExportPart, Row, Text, instant
from dianke.stores.models import Merchant
from dianke.web import paper
from dianke.web.exports import safe_text

FORMAT, VERSION = "dianke.customer-data", 1
PAPER_STYLE = Path(__file__).parents[1] / "data" / "customer_copy.css"


@dataclass(frozen=True, slots=True)
class Table:
    """A gathered table."""

    code: str
    label: Text
    columns: Mapping[str, Text]
    rows: Sequence[Row]

    def cells(self) -> list[list[str]]:
        """The rows as text, in the order of the columns."""
        return [[plain_text(row.get(key)) for key in self.columns] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a person's data: for whom, who made it and when, its number in the log."""

    head: Customer
    tables: Sequence[Table]
    merchant: str
    made_by: str
    made_at: datetime
    number: str

    @property
    def watermark(self) -> str:
        """The sentence on every page and file."""
        return gettext("Copy %(number)s for customer %(customer)s, made by %(who)s on %(when)s") % {
            "number": self.number,
            "customer": self.head.member_number,
            "who": self.made_by,
            "when": f"{self.made_at:%Y-%m-%d %H:%M %Z}",
        }

    @property
    def file_name(self) -> str:
        """Without ending; the number of the customer and no name."""
        return f"dianke-{self.head.member_number}-{self.made_at:%Y%m%d}"


_parts: dict[str, ExportPart] = {}


def register_export(part: ExportPart) -> None:
    """Let a room add what it keeps about customers, from its `ready()`."""
    _parts[part.code] = part


def copy_for(head: Customer, *, made_by: str, made_at: datetime, number: str) -> Copy:
    """Gather everything of the cluster. The caller has made sure who asks, and has noted the copy in the log.

    Raises `DataKeyDestroyed` for a person who was erased.
    """
    ids = list(Customer.objects.cluster(head.head_id).order_by("pk").values_list("pk", flat=True))
    tables = [
        Table(part.code, part.label, part.columns, list(part.rows_for(ids)))
        for part in (*OWN_PARTS, *_parts.values())
    ]
    merchant = Merchant.objects.values_list("name", flat=True).first() or ""
    return Copy(head, tables, merchant, made_by, made_at, number)


# --- as files ------------------------------------------------------------------------------------------------
def plain_text(value: Any) -> str:
    """A value as one reads it in a table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str) if value else ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def as_json(copy: Copy) -> bytes:
    """The copy for machines, UTF-8, by `data/customer_export.schema.json`."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "copy": copy.number,
        "merchant": copy.merchant,
        "made_by": copy.made_by,
        "made_at": instant(copy.made_at),
        "customer": {"id": copy.head.pk, "member_number": copy.head.member_number},
        "tables": {table.code: list(table.rows) for table in copy.tables},
    }
    return json.dumps(content, ensure_ascii=False, indent=1, default=str).encode()


def as_csv_zip(copy: Copy) -> bytes:
    """One CSV (UTF-8 with byte-order mark) per table that has rows, and a note of who made the copy."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", f"{copy.merchant}\r\n{copy.watermark}\r\n")
        for table in copy.tables:
            if not table.rows:
                continue
            text = io.StringIO(newline="")
            writer = csv.writer(text)
            writer.writerow([safe_text(label) for label in table.columns.values()])
            writer.writerows([safe_text(cell) for cell in cells] for cells in table.cells())
            writer.writerow([safe_text(copy.watermark)])
            archive.writestr(f"{table.code}.csv", b"\xef\xbb\xbf" + text.getvalue().encode())
    return packed.getvalue()


def as_pdf(html: str) -> bytes:
    """The page of a copy as PDF. Raises `PdfUnavailable`."""
    return paper.as_pdf(html, style=PAPER_STYLE)
