"""The programme, its levels and its earning rules as the rules read them: frozen values made from rows (or from the
JSON one statement brings). Amounts are minor units, factors basis points (10 000 is once).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

ONCE = 10_000

T = TypeVar("T")


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _read(kind: type[T], row: Mapping[str, Any] | object) -> T:
    """A value of `kind` from a mapping or a row with those names."""
    get = row.__getitem__ if isinstance(row, Mapping) else lambda name: getattr(row, name)
    values: dict[str, Any] = {}
    for each in fields(kind):  # type: ignore[arg-type]
        value = get(each.name)
        if isinstance(value, list):
            value = tuple(value)
        values[each.name] = _day(value) if each.name in ("from_date", "to_date", "joined_on") else value
    return kind(**values)


@dataclass(frozen=True, slots=True)
class LevelTerms:
    """A level. `None`: not asked for."""

    id: int
    code: str
    name: str
    rank: int
    least_amount: int | None
    least_orders: int | None
    least_points: int | None
    needs_all: bool
    points_bp: int
    discount_bp: int

    @classmethod
    def read(cls, row: Any) -> LevelTerms:
        """From a row or its JSON."""
        return _read(cls, row)

    @property
    def asks(self) -> dict[str, int]:
        """What is asked for, by the name of the sum: "amount", "orders", "points"."""
        wanted = {"amount": self.least_amount, "orders": self.least_orders, "points": self.least_points}
        return {name: least for name, least in wanted.items() if least is not None}


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """An earning rule. Empty conditions fit everything."""

    id: int
    kind: str
    position: int
    points: int
    per_amount: int
    factor_bp: int
    is_repeated: bool
    category_ids: tuple[int, ...]
    product_ids: tuple[int, ...]
    store_ids: tuple[int, ...]
    level_codes: tuple[str, ...]
    weekdays: tuple[int, ...]
    birthday: str
    from_date: date | None
    to_date: date | None

    @classmethod
    def read(cls, row: Any) -> RuleTerms:
        """From a row or its JSON."""
        return _read(cls, row)


@dataclass(frozen=True, slots=True)
class Worth:
    """What points are worth as money off: `points` are worth `amount`, used in multiples of `step`, from
    `minimum` on, for at most `cap_bp` of what is to be paid and `cap_amount`.
    """

    points: int
    amount: int
    step: int = 1
    minimum: int = 0
    cap_bp: int = ONCE
    cap_amount: int | None = None

    def amount_for(self, points: int) -> int:
        """What so many points take off, rounded down."""
        return points * self.amount // self.points

    def amount_for_short(self, points: int) -> int:
        """What is kept back for points that are missing, rounded down: never more than they bought."""
        return self.amount_for(points)

    def most_for(self, payable: int, spendable: int) -> int:
        """How many points can be used on `payable`: what the caps, the step and the balance leave."""
        if self.amount <= 0 or payable <= 0:
            return 0
        limit = payable * self.cap_bp // ONCE
        if self.cap_amount is not None:
            limit = min(limit, self.cap_amount)
        most = min(spendable, limit * self.points // self.amount)
        most -= most % self.step
        return most if most >= max(self.minimum, 1) else 0

    def is_usable(self, points: int) -> bool:
        """Whether so many may be used: a multiple of the step, not below the minimum."""
        return points > 0 and points % self.step == 0 and points >= self.minimum


@dataclass(frozen=True, slots=True)
class ProgrammeTerms:
    """The numbers of the programme; the fields are those of the table."""

    id: int
    name: str
    time_zone: str
    currency: str
    window: str
    window_days: int
    downgrade: str
    grace_days: int
    keeps_after_refund: bool
    pending_days: int
    expiry: str
    expiry_count: int
    notice_days: int
    worth_points: int
    worth_amount: int
    redeem_step: int
    redeem_minimum: int
    redeem_cap_bp: int
    redeem_cap_amount: int | None
    shortfall: str
    return_grace_days: int
    earns_on_tax: bool
    earns_on_bonus: bool
    earns_on_shipping: bool
    earns_on_gift_cards: bool
    stored_value_earns: str

    @classmethod
    def read(cls, row: Any) -> ProgrammeTerms:
        """From a row or its JSON."""
        return _read(cls, row)

    @property
    def zone(self) -> ZoneInfo:
        return _zone(self.time_zone)

    @property
    def worth(self) -> Worth:
        return Worth(
            self.worth_points,
            self.worth_amount,
            self.redeem_step,
            self.redeem_minimum,
            self.redeem_cap_bp,
            self.redeem_cap_amount,
        )

    def day_of(self, at: datetime) -> date:
        """The calendar day at an instant: the programme's midnight decides."""
        return at.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """The instant a day begins."""
        return datetime.combine(day, time(), self.zone)

    def expires_at(self, earned_on: date) -> datetime | None:
        """When points earned on a day are gone; None: never. Points that expire "on the 31st" can be used all that
        day: the instant is the beginning of the day after."""
        if self.expiry == "MONTHS":
            return self.midnight(add_months(earned_on, self.expiry_count) + timedelta(days=1))
        if self.expiry == "END_OF_YEAR":
            return self.midnight(date(earned_on.year + self.expiry_count + 1, 1, 1))
        return None

    def releases_at(self, at: datetime) -> datetime | None:
        """When points of a sale at an instant can be used; None: at once."""
        if not self.pending_days:
            return None
        return self.midnight(self.day_of(at) + timedelta(days=self.pending_days))


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def add_months(day: date, months: int) -> date:
    """The same day of a later month; the last day of a shorter one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(day.day, (following - timedelta(days=1)).day))


def sorted_levels(levels: Sequence[LevelTerms]) -> list[LevelTerms]:
    """The lowest first."""
    return sorted(levels, key=lambda level: level.rank)
