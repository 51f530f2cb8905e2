"""What can be said of two prepared records, in one small language with two readings: Python and SQL.

A level of a comparison is written once, as a condition; `holds` judges one pair at entry and `sql` a million pairs
in DuckDB. Both read a missing value (None, NULL) as "cannot be said", which is not true. Every condition says the
same of (left, right) and (right, left), so a score cannot depend on the order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from dianke.matching.likeness import edits, likeness

#: A value of a prepared record. Lists are never empty: no value is None.
Value = str | int | float | tuple[str, ...] | None
Prepared = Mapping[str, Value]


class Condition(Protocol):
    def holds(self, left: Prepared, right: Prepared) -> bool:
        """Whether it is true of the pair."""

    def sql(self) -> str:
        """The same over the rows `l` and `r`; NULL counts as false."""


@dataclass(frozen=True, slots=True)
class Same:
    """Both have the value, and it is the same."""

    column: str

    def holds(self, left: Prepared, right: Prepared) -> bool:
        value = left[self.column]
        return value is not None and value == right[self.column]

    def sql(self) -> str:
        return f"l.{self.column} = r.{self.column}"


@dataclass(frozen=True, slots=True)
class Differ:
    """Both have a value, and the values differ."""

    column: str

    def holds(self, left: Prepared, right: Prepared) -> bool:
        one, other = left[self.column], right[self.column]
        return one is not None and other is not None and one != other

    def sql(self) -> str:
        return f"l.{self.column} <> r.{self.column}"


@dataclass(frozen=True, slots=True)
class Crossed:
    """One column of one record is another column of the other."""

    first: str
    second: str

    def holds(self, left: Prepared, right: Prepared) -> bool:
        return any(
            one is not None and one == other
            for one, other in (
                (left[self.first], right[self.second]),
                (right[self.first], left[self.second]),
            )
        )

    def sql(self) -> str:
        return f"(l.{self.first} = r.{self.second} OR r.{self.first} = l.{self.second})"


@dataclass(frozen=True, slots=True)
class Shared:
    """Two lists have an entry in common."""

    column: str

    def holds(self, left: Prepared, right: Prepared) -> bool:
        one, other = left[self.column], right[self.column]
        return isinstance(one, tuple) and isinstance(other, tuple) and not set(one).isdisjoint(other)

    def sql(self) -> str:
        return f"list_has_any(l.{self.column}, r.{self.column})"


@dataclass(frozen=True, slots=True)
class Edits:
    """The texts are at most so many slips of typing apart."""

    column: str
    most: int
    other: str = ""

    def holds(self, left: Prepared, right: Prepared) -> bool:
        second = self.other or self.column
        return any(
            isinstance(one, str) and isinstance(two, str) and edits(one, two) <= self.most
            for one, two in ((left[self.column], right[second]), (right[self.column], left[second]))
        )

    def sql(self) -> str:
        if not self.other:
            return f"damerau_levenshtein(l.{self.column}, r.{self.column}) <= {self.most}"
        return (
            f"(damerau_levenshtein(l.{self.column}, r.{self.other}) <= {self.most}"
            f" OR damerau_levenshtein(r.{self.column}, l.{self.other}) <= {self.most})"
        )


@dataclass(frozen=True, slots=True)
class Alike:
    """Jaro's and Winkler's likeness of the texts is at least so much (0 to 1)."""

    column: str
    least: float
    other: str = ""

    def holds(self, left: Prepared, right: Prepared) -> bool:
        second = self.other or self.column
        return any(
            isinstance(one, str) and isinstance(two, str) and likeness(one, two) >= self.least
            for one, two in ((left[self.column], right[second]), (right[self.column], left[second]))
        )

    def sql(self) -> str:
        if not self.other:
            return f"jaro_winkler_similarity(l.{self.column}, r.{self.column}) >= {self.least}"
        return (
            f"(jaro_winkler_similarity(l.{self.column}, r.{self.other}) >= {self.least}"
            f" OR jaro_winkler_similarity(r.{self.column}, l.{self.other}) >= {self.least})"
        )


@dataclass(frozen=True, slots=True)
class Within:
    """One column of one record occurs inside another column of the other."""

    part: str
    whole: str

    def holds(self, left: Prepared, right: Prepared) -> bool:
        return any(
            isinstance(part, str) and isinstance(whole, str) and part in whole
            for part, whole in ((left[self.part], right[self.whole]), (right[self.part], left[self.whole]))
        )

    def sql(self) -> str:
        return f"(contains(l.{self.whole}, r.{self.part}) OR contains(r.{self.whole}, l.{self.part}))"


@dataclass(frozen=True, slots=True)
class BeginsWith:
    """The text of one begins with that of the other."""

    column: str

    def holds(self, left: Prepared, right: Prepared) -> bool:
        one, other = left[self.column], right[self.column]
        return (
            isinstance(one, str)
            and isinstance(other, str)
            and (one.startswith(other) or other.startswith(one))
        )

    def sql(self) -> str:
        column = self.column
        return f"(starts_with(l.{column}, r.{column}) OR starts_with(r.{column}, l.{column}))"


@dataclass(frozen=True, slots=True)
class Near:
    """The numbers are at most so far apart."""

    column: str
    by: int

    def holds(self, left: Prepared, right: Prepared) -> bool:
        one, other = left[self.column], right[self.column]
        return isinstance(one, int) and isinstance(other, int) and abs(one - other) <= self.by

    def sql(self) -> str:
        return f"abs(l.{self.column} - r.{self.column}) <= {self.by}"


@dataclass(frozen=True, slots=True)
class Longer:
    """Both texts have at least so many characters."""

    column: str
    least: int

    def holds(self, left: Prepared, right: Prepared) -> bool:
        return all(
            isinstance(value, str) and len(value) >= self.least
            for value in (left[self.column], right[self.column])
        )

    def sql(self) -> str:
        return f"(length(l.{self.column}) >= {self.least} AND length(r.{self.column}) >= {self.least})"


@dataclass(frozen=True, slots=True)
class Both:
    """Both records have exactly this value."""

    column: str
    value: str

    def holds(self, left: Prepared, right: Prepared) -> bool:
        return left[self.column] == self.value == right[self.column]

    def sql(self) -> str:
        return f"(l.{self.column} = '{self.value}' AND r.{self.column} = '{self.value}')"


@dataclass(frozen=True, slots=True)
class OneIs:
    """At least one of the records has this value."""

    column: str
    value: str

    def holds(self, left: Prepared, right: Prepared) -> bool:
        return self.value in (left[self.column], right[self.column])

    def sql(self) -> str:
        return f"(coalesce(l.{self.column}, '') = '{self.value}' OR coalesce(r.{self.column}, '') = '{self.value}')"


@dataclass(frozen=True, slots=True)
class OneLacks:
    """At least one of the records has no value."""

    column: str

    def holds(self, left: Prepared, right: Prepared) -> bool:
        return left[self.column] is None or right[self.column] is None

    def sql(self) -> str:
        return f"(l.{self.column} IS NULL OR r.{self.column} IS NULL)"


@dataclass(frozen=True, slots=True, init=False)
class Several:
    """Conditions put together, in the order in which they are judged."""

    conditions: tuple[Condition, ...]

    def __init__(self, *conditions: Condition) -> None:
        object.__setattr__(self, "conditions", conditions)

    def joined_by(self, word: str) -> str:
        return "(" + f" {word} ".join(condition.sql() for condition in self.conditions) + ")"


class All(Several):
    """Every one of them is true."""

    __slots__ = ()

    def holds(self, left: Prepared, right: Prepared) -> bool:
        return all(condition.holds(left, right) for condition in self.conditions)

    def sql(self) -> str:
        return self.joined_by("AND")


class Some(Several):
    """At least one of them is true."""

    __slots__ = ()

    def holds(self, left: Prepared, right: Prepared) -> bool:
        return any(condition.holds(left, right) for condition in self.conditions)

    def sql(self) -> str:
        return self.joined_by("OR")


@dataclass(frozen=True, slots=True)
class Otherwise:
    """Always true: the last level, of those who have values that agree in nothing."""

    def holds(self, left: Prepared, right: Prepared) -> bool:
        return True

    def sql(self) -> str:
        return "TRUE"
