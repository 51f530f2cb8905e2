"""A row of a list of suppliers as it is typed in spreadsheets: "月结30天", "货到付款", "是", "3天", "2,000"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput
from dianke.core.money import parse as parse_money
from dianke.purchasing.rules.price_rows import days_of

TEXTS: Mapping[str, int] = {
    "name": 80,
    "short_name": 20,
    "telephone": 32,
    "order_email": 120,
    "address": 200,
    "website": 200,
    "note": 2000,
    "contact_name": 40,
    "contact_phone": 32,
}
_YES = {"是", "有", "可", "yes", "y", "true", "1", "√", "专票"}
_NO = {"否", "无", "不", "不可", "no", "n", "false", "0", "普票"}
_PREPAID = re.compile(r"预付|款到|先款|prepaid|in advance", re.I)
_ON_DELIVERY = re.compile(r"货到|现结|现付|现款|on delivery|cod|cash", re.I)
_MONTH_END = re.compile(r"月结|月底|month end|end of (the )?month", re.I)


class NotYesOrNo(InvalidInput):
    code = "supplier_row_not_yes_or_no"
    message = _("Write yes or no.")


class NotTerms(InvalidInput):
    code = "supplier_row_not_terms"
    message = _("Unknown terms. Write them like “month end 30 days”, “on delivery”, “prepaid” or “30 days”.")


class NotARating(InvalidInput):
    code = "supplier_row_not_a_rating"
    message = _("A rating is a number from 1 to 5.")


def read(row: Mapping[str, str], currency: str) -> dict[str, Any]:
    """What the row says, as `add_supplier` takes it; an empty cell says nothing. Raises what is wrong with a cell."""
    values: dict[str, Any] = {name: row[name][:most] for name, most in TEXTS.items() if row.get(name)}
    for name in ("code", "tax_number"):
        if row.get(name):
            values[name] = row[name].upper()[:32]
    if row.get("currency"):
        values["currency"] = row["currency"].upper()[:3]
    if row.get("lead_days"):
        values["lead_days"] = days_of(row["lead_days"])
    if row.get("minimum"):
        amount = parse_money(row["minimum"], values.get("currency", currency), field="minimum")
        values["minimum_order_amount"] = amount.to_minor()
    if row.get("deductible"):
        values["is_tax_deductible"] = yes_or_no(row["deductible"], field="deductible")
    if row.get("rating"):
        values["rating"] = rating_of(row["rating"])
    if row.get("terms"):
        values["payment_terms"], values["payment_days"] = terms_of(row["terms"])
    return values


def yes_or_no(text: str, *, field: str) -> bool:
    """Raises `NotYesOrNo`."""
    word = unicodedata.normalize("NFKC", text).strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise NotYesOrNo(field=field)


def rating_of(text: str) -> int:
    """ "4", "4星", "★★★★". Raises `NotARating`."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = len(plain) if plain and set(plain) == {"★"} else plain.rstrip("星分")
    if str(found) not in {"1", "2", "3", "4", "5"}:
        raise NotARating(field="rating")
    return int(found)


def terms_of(text: str) -> tuple[str, int]:
    """Payment terms and days: "月结30天" is thirty days after the end of the month. Raises `NotTerms`."""
    plain = unicodedata.normalize("NFKC", text).strip()
    number = re.search(r"\d{1,3}", plain)
    days = int(number.group()) if number else 0
    if _PREPAID.search(plain):
        return "PREPAID", 0
    if _MONTH_END.search(plain):
        return "MONTH_END", days
    if _ON_DELIVERY.search(plain):
        return "ON_DELIVERY", 0
    if number:
        return "DAYS", days
    raise NotTerms(field="terms")
