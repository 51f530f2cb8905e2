"""What the terms of prepaid value mean, and which of them holds where and when.

A term is a row with dates and a source (`models/terms.py`); here stands what can be asked and how a value reads. No
amount of any law stands here: without a row nothing is limited.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput, Text


class Shape(enum.StrEnum):
    """How a value is written: fen, days, yes or no (1, 0), or one of some words."""

    AMOUNT = "AMOUNT"
    DAYS = "DAYS"
    FLAG = "FLAG"
    CHOICE = "CHOICE"


@dataclass(frozen=True, slots=True)
class Meaning:
    """`absent` is what holds where no row says anything."""

    code: str
    label: Text
    shape: Shape
    absent: int | str | None
    hint: Text = ""
    choices: Mapping[str, Text] | None = None


SPEND_ORDERS: Mapping[str, Text] = {
    "BONUS_FIRST": _("Bonus first"),
    "PRINCIPAL_FIRST": _("Principal first"),
    "PRO_RATA": _("In proportion"),
    "EARLIEST_EXPIRY": _("What expires first"),
}
WALLET_METHODS: Mapping[str, Text] = {
    "PRINCIPAL_LEFT": _("Principal that is left"),
    "PAID_SHARE": _("Consumption priced at paid/(paid+bonus)"),
}
CARD_METHODS: Mapping[str, Text] = {
    "VALUE_LEFT": _("Unused paid sessions at their value"),
    "LIST_PRICE": _("Used sessions at the single price"),
    "ALL_SESSIONS": _("Paid spread over paid and gifted sessions"),
}

MEANINGS: Mapping[str, Meaning] = {
    row.code: row
    for row in (
        Meaning("named_cap", _("Most in a named wallet"), Shape.AMOUNT, None, _("Principal after a top-up.")),
        Meaning(
            "unnamed_cap", _("Most in an unnamed wallet"), Shape.AMOUNT, None, _("Principal after a top-up.")
        ),
        Meaning(
            "unnamed_least_days",
            _("Unnamed value stays valid at least"),
            Shape.DAYS,
            None,
            _("A shorter validity of bonus is refused for unnamed wallets."),
        ),
        Meaning(
            "identity_from",
            _("Identity asked for from"),
            Shape.AMOUNT,
            None,
            _("A top-up of so much needs a verified document on the profile."),
        ),
        Meaning(
            "cash_below",
            _("Cash only below"),
            Shape.AMOUNT,
            None,
            _("From so much on, a transfer is needed."),
        ),
        Meaning(
            "cooling_off_days",
            _("Unused principal comes back in full within"),
            Shape.DAYS,
            None,
            _("Counted from the payment; only while nothing of it was used."),
        ),
        Meaning(
            "bonus_may_expire",
            _("Bonus may expire"),
            Shape.FLAG,
            1,
            _("Where it may not, the days of an offer are not applied."),
        ),
        Meaning(
            "bonus_grace_days",
            _("Expired bonus given back stays usable for"),
            Shape.DAYS,
            0,
            _("When a purchase paid with it is returned."),
        ),
        Meaning("spend_order", _("What is spent first"), Shape.CHOICE, "BONUS_FIRST", choices=SPEND_ORDERS),
        Meaning(
            "cross_entity_use",
            _("Value of one legal entity is taken at stores of another"),
            Shape.FLAG,
            1,
            _("The entity that received the money then owes the one that sold."),
        ),
        Meaning(
            "bonus_settled",
            _("Bonus used elsewhere is owed too"),
            Shape.FLAG,
            1,
            _("Otherwise the store that sold bears the bonus itself."),
        ),
        Meaning(
            "wallet_refund", _("Refund of a wallet"), Shape.CHOICE, "PRINCIPAL_LEFT", choices=WALLET_METHODS
        ),
        Meaning("card_refund", _("Refund of a card"), Shape.CHOICE, "VALUE_LEFT", choices=CARD_METHODS),
    )
}


class TermUnknown(InvalidInput):
    code = "term_unknown"
    message = _("There is no rule “%(term)s”. Choose one of the list.")
    default_field = "code"


class TermValueWrong(InvalidInput):
    code = "term_value_wrong"
    message = _("“%(value)s” is no value for this rule. Enter an amount, days, 1 or 0, or one of its words.")
    default_field = "value"


def read_value(code: str, value: str) -> int | str:
    """The value of a term: fen, days, 0 or 1, or a word. Raises `TermUnknown`, `TermValueWrong`."""
    meaning = MEANINGS.get(code)
    if meaning is None:
        raise TermUnknown(term=code)
    text = value.strip()
    if meaning.shape is Shape.CHOICE:
        if text not in (meaning.choices or {}):
            raise TermValueWrong(value=value)
        return text
    if not (text.isascii() and text.isdigit()) or len(text) > 15:
        raise TermValueWrong(value=value)
    number = int(text)
    if meaning.shape is Shape.FLAG and number > 1:
        raise TermValueWrong(value=value)
    return number


@dataclass(frozen=True, slots=True)
class Dated:
    """A row as this module reads it; `to_date` exclusive."""

    code: str
    value: str
    province: str
    legal_entity_id: int | None
    from_date: date
    to_date: date | None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds at one place on one day. `rows` are the rows that said so, by code."""

    rows: Mapping[str, Dated]

    def get(self, code: str) -> int | str | None:
        """The value, or what holds without a row."""
        row = self.rows.get(code)
        return MEANINGS[code].absent if row is None else read_value(code, row.value)

    def number(self, code: str) -> int | None:
        """An amount in fen or days; None: not limited."""
        value = self.get(code)
        return value if isinstance(value, int) else None

    def is_on(self, code: str) -> bool:
        """A yes or no."""
        return bool(self.get(code))

    def word(self, code: str) -> str:
        """A choice."""
        return str(self.get(code))

    def source(self, code: str) -> str:
        """Where the value comes from, in the merchant's words."""
        row = self.rows.get(code)
        return "" if row is None else row.source


def terms_at(rows: Iterable[Dated], *, day: date, province: str, legal_entity_id: int | None) -> Terms:
    """Of each code the row that holds on that day: of the legal entity before of the province before of everywhere;
    among these the one that began last."""
    found: dict[str, tuple[tuple[int, date], Dated]] = {}
    for row in rows:
        if row.from_date > day or (row.to_date is not None and row.to_date <= day):
            continue
        if row.legal_entity_id is not None and row.legal_entity_id != legal_entity_id:
            continue
        if row.province and row.province != province:
            continue
        rank = (2 if row.legal_entity_id is not None else 1 if row.province else 0, row.from_date)
        if row.code in MEANINGS and (row.code not in found or found[row.code][0] < rank):
            found[row.code] = (rank, row)
    return Terms({code: row for code, (_rank, row) in found.items()})
