"""Stretches of time, always `[from, to)`: the beginning belongs to it, the end does not.

A `Period` runs between two dates or between two instants, or from one of them without an end. Because the
end is left out, neighbouring periods touch without sharing or losing a moment, and a month of agreements,
postings or prices adds up to exactly the month.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, TypeVar, cast

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput

Moment = TypeVar("Moment", bound=date)


class PeriodEndsTooEarly(InvalidInput):
    code = "period_ends_too_early"
    message = _("The period would end (%(to)s) before or as it begins (%(from_)s). Choose a later end.")


class PeriodMixesKinds(InvalidInput):
    code = "period_mixes_kinds"
    message = _("A period runs either between dates or between moments, not from one to the other.")


class InstantWithoutZone(InvalidInput):
    code = "instant_without_zone"
    message = _("A time without its time zone is no moment. Give the zone of the store with it.")


class PeriodWithoutEnd(InvalidInput):
    code = "period_without_end"
    message = _("This period has no end, so it cannot be counted through. Choose an end first.")


class PeriodNotOfDates(InvalidInput):
    code = "period_not_of_dates"
    message = _("Only a period between dates has days. Turn the moments into business dates first.")


@dataclass(frozen=True, slots=True)
class Period(Generic[Moment]):
    """`[from_, to)`; `to=None` is open-ended. Never empty, never backwards.

    Instants must carry a zone and are kept in UTC: two clock times in one zone compare by what the clock
    shows, which is wrong on the night it is set back.
    """

    from_: Moment
    to: Moment | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "from_", _settled(self.from_))
        if self.to is None:
            return
        object.__setattr__(self, "to", _settled(self.to))
        if isinstance(self.from_, datetime) != isinstance(self.to, datetime):
            raise PeriodMixesKinds()
        if self.to <= self.from_:
            raise PeriodEndsTooEarly(from_=self.from_.isoformat(), to=self.to.isoformat())

    @property
    def is_open(self) -> bool:
        return self.to is None

    @property
    def is_of_instants(self) -> bool:
        return isinstance(self.from_, datetime)

    def contains(self, moment: Moment) -> bool:
        settled = self._like_us(moment)
        return self.from_ <= settled and (self.to is None or settled < self.to)

    def covers(self, other: Period[Moment]) -> bool:
        """Whether no moment of `other` lies outside."""
        self._like_us(other.from_)
        if self.to is not None and (other.to is None or other.to > self.to):
            return False
        return self.from_ <= other.from_

    def overlaps(self, other: Period[Moment]) -> bool:
        """Whether they share a moment; neighbours that only touch do not."""
        return self.intersect(other) is not None

    def intersect(self, other: Period[Moment]) -> Period[Moment] | None:
        """What they share, or None."""
        self._like_us(other.from_)
        from_ = max(self.from_, other.from_)
        ends = [end for end in (self.to, other.to) if end is not None]
        to = min(ends) if ends else None
        return Period(from_, to) if to is None or from_ < to else None

    def subtract(self, other: Period[Moment]) -> list[Period[Moment]]:
        """What is left of this one: none, one or two periods in order."""
        shared = self.intersect(other)
        if shared is None:
            return [self]
        left: list[Period[Moment]] = []
        if self.from_ < shared.from_:
            left.append(Period(self.from_, shared.from_))
        if shared.to is not None and (self.to is None or shared.to < self.to):
            left.append(Period(shared.to, self.to))
        return left

    def split_at(self, *moments: Moment) -> list[Period[Moment]]:
        """Cut at the given moments; those outside or at the border cut nothing. The parts make up the
        whole.
        """
        inside = sorted(
            {settled for m in moments if self.contains(settled := self._like_us(m))} - {self.from_}
        )
        edges = [self.from_, *inside]
        return [Period(from_, to) for from_, to in zip(edges, [*inside, self.to], strict=True)]

    def until(self, to: Moment) -> Period[Moment]:
        """The same beginning with another end: how an open agreement is ended."""
        return Period(self.from_, to)

    @property
    def duration(self) -> timedelta:
        """Time from beginning to end. PeriodWithoutEnd when there is none."""
        return self._end() - self.from_

    @property
    def day_count(self) -> int:
        """Number of dates in a period of dates; the last one is the day before `to`."""
        self._only_dates()
        return self.duration.days

    def days(self) -> Iterator[date]:
        """Every date of a bounded period of dates, in order."""
        for offset in range(self.day_count):
            yield self.from_ + timedelta(days=offset)

    def months(self) -> list[Period[date]]:
        """Cut at the first of every month; first and last part may be shorter than a month."""
        self._only_dates()
        end = self._end()
        firsts = []
        first = _next_month(self.from_)
        while first < end:
            firsts.append(first)
            first = _next_month(first)
        return cast("Period[date]", self).split_at(*firsts)

    def _end(self) -> Moment:
        if self.to is None:
            raise PeriodWithoutEnd()
        return self.to

    def _only_dates(self) -> None:
        if self.is_of_instants:
            raise PeriodNotOfDates()

    def _like_us(self, moment: Moment) -> Moment:
        settled = _settled(moment)
        if isinstance(settled, datetime) != self.is_of_instants:
            raise PeriodMixesKinds()
        return settled


def _settled(moment: Moment) -> Moment:
    """A date as it is, an instant in UTC."""
    if not isinstance(moment, datetime):
        return moment
    instant: Any = moment
    if instant.utcoffset() is None:
        raise InstantWithoutZone()
    return cast("Moment", instant.astimezone(UTC))


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def day_period(day: date) -> Period[date]:
    return Period(day, day + timedelta(days=1))


def month_period(year: int, month: int) -> Period[date]:
    first = date(year, month, 1)
    return Period(first, _next_month(first))


def year_period(year: int) -> Period[date]:
    return Period(date(year, 1, 1), date(year + 1, 1, 1))
