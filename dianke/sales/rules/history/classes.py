"""What a line of the past is. Which numbers, codes and words say so is dated data (`sales/data/history_terms.toml`)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any


class LineClass(StrEnum):
    """SALE to VOUCHER become lines of orders; the three that take back become returns of them as far as their sale is
    found; the rest stands beside the orders."""

    SALE = "SALE"
    FEE = "FEE"
    VOUCHER = "VOUCHER"
    CANCELLATION = "CANCELLATION"
    RETURN = "RETURN"
    FEE_BACK = "FEE_BACK"
    DISCOUNT = "DISCOUNT"
    EXPENSE = "EXPENSE"
    CORRECTION = "CORRECTION"


SOLD = (LineClass.SALE, LineClass.FEE, LineClass.VOUCHER)
TAKEN_BACK = (LineClass.CANCELLATION, LineClass.RETURN, LineClass.FEE_BACK)
APART = (LineClass.DISCOUNT, LineClass.EXPENSE, LineClass.CORRECTION)


@dataclass(frozen=True, slots=True)
class Terms:
    """One edition of the data, holding from a day on."""

    from_date: date
    profile: str
    cancelled: re.Pattern[str]
    bookkeeping: re.Pattern[str]
    codes: Mapping[LineClass, re.Pattern[str]]
    words: frozenset[str]
    known: dict[str, LineClass | None] = field(default_factory=dict, compare=False, repr=False)

    def class_of_code(self, code: str) -> LineClass | None:
        """FEE, VOUCHER, DISCOUNT, EXPENSE, or None for goods."""
        if code not in self.known:
            self.known[code] = next(
                (kind for kind, found in self.codes.items() if found.fullmatch(code)), None
            )
        return self.known[code]

    def is_no_name(self, description: str) -> bool:
        """Whether the description is a remark of whoever counted the shelves, or nothing."""
        return not description or description.strip().casefold() in self.words


def _pattern(texts: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{text})" for text in texts) or r"(?!)", re.IGNORECASE)


def terms_from(data: Mapping[str, Any]) -> tuple[Terms, ...]:
    """The editions of a parsed file, the oldest first."""
    editions = [
        Terms(
            each["from"],
            each.get("profile", ""),
            _pattern(each.get("cancelled", ())),
            _pattern(each.get("bookkeeping", ())),
            {LineClass(kind): _pattern(texts) for kind, texts in each.get("codes", {}).items()},
            frozenset(word.casefold() for word in each.get("words", {}).get("CORRECTION", ())),
        )
        for each in data["edition"]
    ]
    return tuple(sorted(editions, key=lambda terms: terms.from_date))


@cache
def shipped_terms(profile: str = "") -> tuple[Terms, ...]:
    """The editions that come with the product for files of a known system; of one without its own the usual ones."""
    path = resources.files("dianke.sales") / "data" / "history_terms.toml"
    editions = terms_from(tomllib.loads(path.read_text(encoding="utf-8")))
    own = tuple(terms for terms in editions if terms.profile == profile)
    return own or tuple(terms for terms in editions if not terms.profile)


def terms_of(day: date, editions: Sequence[Terms]) -> Terms:
    """The newest edition that holds on a day; of a day before all of them the oldest."""
    return next((terms for terms in reversed(editions) if terms.from_date <= day), editions[0])


def class_of(
    *, number: str, code: str, description: str, quantity: Decimal, unit_price: Decimal, terms: Terms
) -> LineClass:
    """What a line is, asked in this order: the bookkeeping's paper or an expense by its code; a discount; no price, or
    below zero a remark instead of a name: a correction; then sold or taken back, goods or what is charged beside
    them."""
    by_code = terms.class_of_code(code)
    if terms.bookkeeping.fullmatch(number) or by_code is LineClass.EXPENSE:
        return LineClass.EXPENSE
    if by_code is LineClass.DISCOUNT or unit_price < 0:
        return LineClass.DISCOUNT
    is_cancelled = terms.cancelled.fullmatch(number) is not None
    if not unit_price or not quantity:
        return LineClass.CORRECTION
    if quantity > 0:
        return by_code or LineClass.SALE
    if by_code is LineClass.FEE:
        return LineClass.FEE_BACK
    if is_cancelled:
        return LineClass.CANCELLATION
    if terms.is_no_name(description) and by_code is None:
        return LineClass.CORRECTION
    return LineClass.RETURN
