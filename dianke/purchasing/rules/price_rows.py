"""A row of a supplier's price list as it is typed in spreadsheets: "12.5", "1,200元", "13%", "0.13", "24"."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput
from dianke.core.money import parse as parse_money
from dianke.purchasing.rules.amounts import WHOLE_BP


class NotANumber(InvalidInput):
    code = "price_row_not_a_number"
    message = _("This is no number. Write it like 12 or 3.5.")


class NotATaxRate(InvalidInput):
    code = "price_row_not_a_tax_rate"
    message = _("This is no tax rate. Write it like 13% or 0.13.")


class NotADate(InvalidInput):
    code = "price_row_not_a_date"
    message = _("This is no date. Write it like 2026-11-22.")


@dataclass(frozen=True, slots=True)
class PriceTerms:
    """What a row says, None where the file has no such column: then what stands stays."""

    price_amount: int
    pack_quantity: Decimal | None = None
    pack_name: str | None = None
    supplier_code: str | None = None
    tax_rate_bp: int | None = None
    lead_days: int | None = None


def price_of(text: str, currency: str) -> int:
    """Minor units. Raises what is wrong with the amount."""
    return parse_money(text, currency, field="price").to_minor()


def number_of(text: str, *, field: str) -> Decimal:
    """A quantity, four decimals at most. Raises `NotANumber`."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise NotANumber(field=field) from None
    if not number.is_finite() or number < 0 or number >= 10**12 or number != round(number, 4):
        raise NotANumber(field=field)
    return number


def days_of(text: str) -> int:
    """Whole days: "7", "7天". Raises `NotANumber`."""
    plain = re.sub(r"(个?工作日|days?|天|日)$", "", unicodedata.normalize("NFKC", text).strip(), flags=re.I)
    number = number_of(plain, field="lead_days")
    if number != int(number) or number > 3650:
        raise NotANumber(field="lead_days")
    return int(number)


def tax_rate_of(text: str) -> int:
    """Basis points of "13%", "13" or "0.13". Raises `NotATaxRate`."""
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        number = Decimal(plain.rstrip("%").strip())
    except InvalidOperation:
        raise NotATaxRate(field="tax") from None
    if not number.is_finite():
        raise NotATaxRate(field="tax")
    points = number * (WHOLE_BP if "%" not in plain and number < 1 else 100)
    if points != int(points) or not 0 <= points <= WHOLE_BP:
        raise NotATaxRate(field="tax")
    return int(points)


def day_of(text: str) -> date:
    """ "2026-11-22", "2026/11/22", "2026.11.22", "2026年11月22日". Raises `NotADate`."""
    found = re.fullmatch(
        r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", unicodedata.normalize("NFKC", text).strip()
    )
    if found is None:
        raise NotADate(field="from")
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        raise NotADate(field="from") from None
