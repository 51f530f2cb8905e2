"""Rows of opening stock as text: what a quantity, a cost, a day means, and what is wrong with it in words for who
corrects the file.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput


class RowQuantityWrong(InvalidInput):
    code = "opening_quantity_wrong"
    message = _(
        "The quantity is a number above zero with at most four decimals; of a single piece it is one."
    )
    default_field = "quantity"


class RowCostWrong(InvalidInput):
    code = "opening_cost_wrong"
    message = _(
        "The unit cost is a number, zero or more, with at most six decimals. Leave it empty if unknown."
    )
    default_field = "unit_cost"


class RowDateWrong(InvalidInput):
    code = "opening_date_wrong"
    message = _("This is no date. Write it like 2027-03-31.")
    default_field = "expires_on"


_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")


def quantity_of(text: str) -> Decimal:
    """ "1,200.5" as a quantity above zero. Raises `RowQuantityWrong`."""
    found = _number(text)
    if found is None or not 0 < found < 10**12 or found != round(found, 4):
        raise RowQuantityWrong
    return found


def cost_of(text: str) -> Decimal | None:
    """ "¥12.50" as yuan, None for an empty cell. Raises `RowCostWrong`."""
    if not text.strip():
        return None
    found = _number(text.strip().lstrip("¥￥"))
    if found is None or not 0 <= found < 10**12 or found != round(found, 6):
        raise RowCostWrong
    return found


def day_of(text: str) -> date | None:
    """ "2027-03-31", "2027/3/31", "2027年3月31日", None for an empty cell. Raises `RowDateWrong`."""
    if not text.strip():
        return None
    found = _DAY.fullmatch(text.strip())
    if found is None:
        raise RowDateWrong
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        raise RowDateWrong from None


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text.strip().replace(",", "").replace("，", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
