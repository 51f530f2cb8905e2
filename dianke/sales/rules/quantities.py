"""Quantities of goods: a sum per unit, as pieces, grams and hours are never added. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Quantities:
    """`of`: the id of a unit and how much, by id, none of nothing."""

    of: tuple[tuple[int, Decimal], ...] = ()

    @classmethod
    def summed(cls, pairs: Iterable[tuple[int, Decimal]]) -> Quantities:
        sums: dict[int, Decimal] = {}
        for unit_id, quantity in pairs:
            sums[unit_id] = sums.get(unit_id, Decimal(0)) + quantity
        return cls(tuple(sorted((unit_id, sum) for unit_id, sum in sums.items() if sum)))

    def __add__(self, other: Quantities) -> Quantities:
        return Quantities.summed([*self.of, *other.of])

    def __sub__(self, other: Quantities) -> Quantities:
        return Quantities.summed([*self.of, *((unit_id, -quantity) for unit_id, quantity in other.of)])

    def __bool__(self) -> bool:
        return bool(self.of)

    @property
    def has_one_unit(self) -> bool:
        return len(self.of) == 1

    @property
    def number(self) -> Decimal | None:
        """The quantity where one unit says it all, 0 of nothing; None of unlike units."""
        return sum((quantity for _unit_id, quantity in self.of), Decimal(0)) if len(self.of) < 2 else None

    def in_unit(self, unit_id: int) -> Decimal:
        return dict(self.of).get(unit_id, Decimal(0))


NOTHING = Quantities()


def by_quantity(rows: Iterable[Row], of: Callable[[Row], Quantities], *, is_down: bool) -> list[Row]:
    """Rows by how much: those of one unit together, rows of several by their first one, nothing last."""

    def much(row: Row) -> Decimal:
        return of(row).of[0][1] if of(row) else Decimal(0)

    found = sorted(rows, key=much, reverse=is_down)
    return sorted(found, key=lambda row: (not of(row), of(row).of[0][0] if of(row) else 0))
