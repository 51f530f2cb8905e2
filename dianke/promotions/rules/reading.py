"""Reads the terms of promotions and coupons out of plain data (JSON of a table, of the API, of the till).

Every wrong entry gives a named error whose `field` is the path of the entry, such as "rule.steps.0.off_amount", so that
a form can show it at its place. Nothing is guessed: an entry nobody knows is an error too.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, time
from typing import TypeVar

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput

LARGEST_AMOUNT = 10**13
WHOLE_BP = 10_000

T = TypeVar("T")
E = TypeVar("E", bound=enum.StrEnum)


class TermMissing(InvalidInput):
    code = "term_missing"
    message = _("This is missing. Fill it in.")


class TermUnknown(InvalidInput):
    code = "term_unknown"
    message = _("“%(name)s” is not part of this offer. Take it out.")


class TermNotWhole(InvalidInput):
    code = "term_not_whole"
    message = _("“%(value)s” is not a whole number from %(least)s to %(most)s.")


class TermNotAChoice(InvalidInput):
    code = "term_not_a_choice"
    message = _("“%(value)s” is not one of: %(choices)s.")


class TermNotOfItsKind(InvalidInput):
    code = "term_not_of_its_kind"
    message = _("“%(value)s” cannot be read here. It takes %(kind)s.")


class TermsContradict(InvalidInput):
    code = "terms_contradict"
    message = _("%(why)s")


class Fields:
    """The entries of one mapping at `path`; `finish` complains of those nobody took."""

    def __init__(self, data: object, path: str = "") -> None:
        if not isinstance(data, Mapping):
            raise TermNotOfItsKind(value=data, kind="{…}", field=path)
        self._data = data
        self._path = path
        self._taken: set[str] = set()

    def at(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def has(self, name: str) -> bool:
        self._taken.add(name)
        return self._data.get(name) is not None

    def raw(self, name: str) -> object:
        self._taken.add(name)
        value: object = self._data.get(name)
        if value is None:
            raise TermMissing(field=self.at(name))
        return value

    def whole(self, name: str, *, least: int = 0, most: int = LARGEST_AMOUNT) -> int:
        value = self.raw(name)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise TermNotWhole(value=value, least=least, most=most, field=self.at(name))
        return value

    def whole_or_none(self, name: str, *, least: int = 0, most: int = LARGEST_AMOUNT) -> int | None:
        return self.whole(name, least=least, most=most) if self.has(name) else None

    def share(self, name: str, *, most: int = WHOLE_BP) -> int:
        """Basis points of a whole."""
        return self.whole(name, most=most)

    def flag(self, name: str) -> bool:
        value = self.raw(name) if self.has(name) else False
        if not isinstance(value, bool):
            raise TermNotOfItsKind(value=value, kind="true/false", field=self.at(name))
        return value

    def text(self, name: str, *, default: str | None = None) -> str:
        if default is not None and not self.has(name):
            return default
        value = self.raw(name)
        if not isinstance(value, str):
            raise TermNotOfItsKind(value=value, kind="…", field=self.at(name))
        return value

    def choice(self, name: str, choices: type[E], default: E | None = None) -> E:
        if default is not None and not self.has(name):
            return default
        return _choice(self.raw(name), choices, self.at(name))

    def choices(self, name: str, choices: type[E]) -> frozenset[E]:
        return frozenset(_choice(value, choices, path) for value, path in self._items(name))

    def ids(self, name: str, *, least: int = 1, most: int = LARGEST_AMOUNT) -> frozenset[int]:
        found = set()
        for value, path in self._items(name):
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise TermNotWhole(value=value, least=least, most=most, field=path)
            found.add(value)
        return frozenset(found)

    def texts(self, name: str) -> frozenset[str]:
        found = set()
        for value, path in self._items(name):
            if not isinstance(value, str) or not value:
                raise TermNotOfItsKind(value=value, kind="…", field=path)
            found.add(value)
        return frozenset(found)

    def moment(self, name: str) -> datetime | None:
        """A time on the clock of the store, without a zone."""
        if not self.has(name):
            return None
        return self._parsed(name, datetime.fromisoformat, "2026-11-11T20:00").replace(microsecond=0)

    def each(self, name: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
        return tuple(read(value, path) for value, path in self._items(name))

    def part(self, name: str, read: Callable[[object, str], T], default: T) -> T:
        return read(self.raw(name), self.at(name)) if self.has(name) else default

    def finish(self) -> None:
        for name in self._data:
            if name not in self._taken:
                raise TermUnknown(name=name, field=self.at(str(name)))

    def _items(self, name: str) -> list[tuple[object, str]]:
        if not self.has(name):
            return []
        value = self.raw(name)
        if isinstance(value, str | Mapping) or not isinstance(value, Collection):
            raise TermNotOfItsKind(value=value, kind="[…]", field=self.at(name))
        return [(one, f"{self.at(name)}.{position}") for position, one in enumerate(value)]

    def _parsed(self, name: str, parse: Callable[[str], datetime], example: str) -> datetime:
        text = self.text(name)
        try:
            moment = parse(text)
        except ValueError:
            raise TermNotOfItsKind(value=text, kind=example, field=self.at(name)) from None
        if moment.tzinfo is not None:
            raise TermNotOfItsKind(value=text, kind=example, field=self.at(name))
        return moment


def _choice(value: object, choices: type[E], path: str) -> E:
    try:
        return choices(str(value))
    except ValueError:
        names = ", ".join(choices)
        raise TermNotAChoice(value=value, choices=names, field=path) from None


def read_hours(data: object, path: str) -> tuple[int, int]:
    """`["20:00", "02:00"]` as minutes of the day; "24:00" is the end of the day."""
    if isinstance(data, str) or not isinstance(data, Collection) or len(data) != 2:
        raise TermNotOfItsKind(value=data, kind="20:00–22:00", field=path)
    begin, end = (_minute(value, path) for value in data)
    if begin == end:
        raise TermsContradict(why=_("The window begins when it ends. Set another hour."), field=path)
    return begin, end


def _minute(value: object, path: str) -> int:
    if value == "24:00":
        return 24 * 60
    try:
        moment = time.fromisoformat(str(value))
    except ValueError:
        raise TermNotOfItsKind(value=value, kind="20:00", field=path) from None
    return moment.hour * 60 + moment.minute


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
