"""The matrix of variants: every combination of the chosen values of a product's attributes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import product as every_combination

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput

MOST_AXES = 4
MOST_VARIANTS = 500
SEPARATOR = " / "


class TooManyAxes(InvalidInput):
    code = "too_many_axes"
    message = _("A product has at most %(limit)s attributes. Make two products of it, or leave one out.")
    default_field = "axes"


class AxisEmpty(InvalidInput):
    code = "axis_empty"
    message = _("“%(name)s” has no value yet. Choose at least one, or leave the attribute out.")
    default_field = "axes"


class TooManyVariants(InvalidInput):
    code = "too_many_variants"
    message = _("These values make %(count)s variants; at most %(limit)s are possible. Choose fewer values.")
    default_field = "axes"


@dataclass(frozen=True, slots=True)
class Axis:
    """An attribute with the chosen values, in their order; each once."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One variant to be: a value for each axis, the label people read, and the ending of its SKU."""

    values: tuple[str, ...]
    label: str
    ending: str


def matrix(axes: Sequence[Axis]) -> list[Cell]:
    """Every combination, the last axis running fastest, as a shop lists them: 红 / S, 红 / M, 蓝 / S …

    Raises `TooManyAxes`, `AxisEmpty`, `TooManyVariants`. Without axes there is the one variant "".
    """
    if len(axes) > MOST_AXES:
        raise TooManyAxes(limit=MOST_AXES)
    count = 1
    for axis in axes:
        if not axis.values:
            raise AxisEmpty(name=axis.name)
        count *= len(axis.values)
    if count > MOST_VARIANTS:
        raise TooManyVariants(count=count, limit=MOST_VARIANTS)
    cells = []
    for numbered in every_combination(*(tuple(enumerate(axis.values, 1)) for axis in axes)):
        values = tuple(name for _number, name in numbered)
        ending = "-".join(str(number) for number, _name in numbered)
        cells.append(Cell(values, label_of(values), ending))
    return cells


def label_of(values: Iterable[str]) -> str:
    """ "红 / L"."""
    return SEPARATOR.join(values)


def new_code(stem: str, ending: str, taken: Collection[str], longest: int = 48) -> str:
    """A SKU nobody has: the code of the product and the ending, then with a counter behind it."""
    wanted = f"{stem[: longest - len(ending) - 4]}-{ending}" if ending else stem[:longest]
    if wanted not in taken:
        return wanted
    number = 2
    while (found := f"{wanted[: longest - 5]}-{number}") in taken:
        number += 1
    return found
