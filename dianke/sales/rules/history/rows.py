"""A row of a file of past orders as a line: numbers, times and amounts out of text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from hashlib import blake2b
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput

_MOST = Decimal(10) ** 12
_AMOUNT_SIGNS = str.maketrans("", "", " ,，¥￥£$€\u00a0")
_MOMENT = re.compile(
    r"(\d{1,4})[-/.年](\d{1,2})[-/.月](\d{1,4})日?"
    r"(?:[ T]+(\d{1,2})[:：](\d{2})(?:[:：](\d{2})(?:\.\d+)?)?\s*(AM|PM)?)?\Z",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?\Z")
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - in the zone of whichever store


class OrderNumberMissing(InvalidInput):
    code = "history_number_missing"
    message = _("The number of the order is missing. Without it the line belongs to no order; fill it in.")
    default_field = "number"


class CodeMissing(InvalidInput):
    code = "history_code_missing"
    message = _("Code and name of the goods are both missing. Fill in one of them.")
    default_field = "code"


class NumberNotUnderstood(InvalidInput):
    code = "history_number_wrong"
    message = _("This is no number with at most %(digits)s decimals. Correct it.")


class MomentNotUnderstood(InvalidInput):
    code = "history_moment_wrong"
    message = _(
        "The day is not understood. Write it like 2025-03-31 14:05, or choose the order of day and month."
    )
    default_field = "at"


class TooLong(InvalidInput):
    code = "history_text_long"
    message = _("The text is too long: at most %(most)s characters. Shorten it.")


class DiscountTooHigh(InvalidInput):
    code = "history_discount_high"
    message = _("The discount is more than the line costs. Correct it, or leave it out.")
    default_field = "discount"


@dataclass(frozen=True, slots=True)
class PastRow:
    """A line as the file says it. `exact` is quantity times unit price less discount, `amount` the same in minor units
    (rounded half up away from zero). `who` names the buyer within the source: "" is nobody."""

    row: int
    number: str
    code: str
    name: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    at: datetime
    who: str
    country: str
    seller: str
    tender: str

    @property
    def exact(self) -> Decimal:
        return self.quantity * self.unit_price - self.discount

    def amount(self, digits: int) -> int:
        return minor(self.exact, digits)

    @property
    def digest(self) -> str:
        """The same for the same line, in whichever file."""
        parts = (
            self.code,
            self.name,
            self.quantity.normalize(),
            self.unit_price.normalize(),
            self.discount.normalize(),
        )
        text = "\x1f".join(map(str, (*parts, self.at.isoformat(), self.who)))
        return blake2b(text.encode(), digest_size=8).hexdigest()


def minor(amount: Decimal, digits: int) -> int:
    """In minor units, halves away from zero."""
    return int(amount.scaleb(digits).quantize(Decimal(1), ROUND_HALF_UP))


def past_row(row: int, cells: Mapping[str, str], *, who: str, zone: ZoneInfo, day_order: str) -> PastRow:
    """The line of a row. Raises an `InvalidInput` with its field for the first thing that is wrong."""
    number = _short(cells, "number", 40)
    code = _short(cells, "code", 40).upper()
    name = _short(cells, "name", 200)
    if not number:
        raise OrderNumberMissing
    if not code and not name:
        raise CodeMissing
    quantity = decimal_of(cells.get("quantity", ""), 4, field="quantity")
    unit_price = decimal_of(cells.get("unit_price", ""), 6, field="unit_price")
    discount = decimal_of(cells.get("discount", "") or "0", 4, field="discount")
    if discount and not 0 <= discount <= quantity * unit_price:
        raise DiscountTooHigh
    return PastRow(
        row=row,
        number=number,
        code=code or name[:40].upper(),
        name=name,
        quantity=quantity,
        unit_price=unit_price,
        discount=discount,
        at=moment_of(cells.get("at", ""), zone, day_order),
        who=who,
        country=_short(cells, "country", 60),
        seller=_short(cells, "seller", 60),
        tender=_short(cells, "tender", 40),
    )


def _short(cells: Mapping[str, str], field: str, most: int) -> str:
    text = " ".join(cells.get(field, "").split())
    if len(text) > most:
        raise TooLong(field=field, most=most)
    return text


def decimal_of(text: str, digits: int, *, field: str) -> Decimal:
    """A number as people write it: 1,234.50, £2.55, 3.0. Raises `NumberNotUnderstood`."""
    try:
        found = Decimal(text.translate(_AMOUNT_SIGNS))
    except InvalidOperation:
        raise NumberNotUnderstood(field=field, digits=digits) from None
    if not found.is_finite() or abs(found) >= _MOST or found != round(found, digits):
        raise NumberNotUnderstood(field=field, digits=digits)
    return found


@lru_cache(maxsize=65_536)
def moment_of(text: str, zone: ZoneInfo, day_order: str = "YMD") -> datetime:
    """The instant in the zone of the store; a day alone is its noon. `day_order` (DMY, MDY) is asked only where the
    year does not come first. Raises `MomentNotUnderstood`."""
    if _SERIAL.match(text):  # the day number of a spreadsheet
        return (_EPOCH + timedelta(seconds=round(Decimal(text) * 86_400))).replace(tzinfo=zone)
    found = _MOMENT.match(text)
    if found is None:
        raise MomentNotUnderstood
    first, second, third = (int(part) for part in found.group(1, 2, 3))
    if first > 31:
        year, month, day = first, second, third
    else:
        day, month = (second, first) if day_order == "MDY" else (first, second)
        year = third + 2000 if third < 100 else third
        if day_order == "YMD":
            raise MomentNotUnderstood
    hour, minute, second_ = (int(part or 0) for part in found.group(4, 5, 6))
    if found[4] is None:
        hour = 12
    elif found[7]:
        hour = hour % 12 + (12 if found[7].upper() == "PM" else 0)
    try:
        return datetime(year, month, day, hour, minute, second_, tzinfo=zone)
    except ValueError:
        raise MomentNotUnderstood from None
