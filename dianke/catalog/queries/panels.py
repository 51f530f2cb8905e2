"""What rooms put onto the page of a product: figures at a glance and cards of their own.

Stock adds what lies where, purchasing what is on order; a room registers from its `ready()`. What an actor may not see
is not asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.utils.functional import Promise

from dianke.catalog.models import Piece, Product, Variant
from dianke.core.actor import Actor
from dianke.stores.models import Store
from dianke.web.components import Stat

Text = str | Promise


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product as somebody looks at it: with its variants, in the store they work in (None: all stores).
    `shared` is for what several panels of a room read once."""

    product: Product
    variants: Sequence[Variant]
    actor: Actor
    now: datetime
    store: Store | None = None
    shared: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Value:
    """A figure below the head. `of(view)` answers it written out, or None where there is nothing to say."""

    code: str
    permission: str
    of: Callable[[ProductView], Stat | None]
    order: int = 100


@dataclass(frozen=True, slots=True)
class Section:
    """A card of the page. `context(view)` gives what `template` shows as `section`, or None to leave it out."""

    code: str
    label: Text
    template: str
    permission: str
    context: Callable[[ProductView], Mapping[str, Any] | None]
    order: int = 100
    place: Literal["main", "side"] = "main"


#: Cells beside the variants or the pieces of a product, such as how many there are: `of(ids, actor, store)` answers a
#: text by id, for all of them at once.
Cells = Callable[[Sequence[int], Actor, Store | None], Mapping[int, Text]]


@dataclass(frozen=True, slots=True)
class VariantColumn:
    """A further column of the variants (or pieces) of a product, with one look-up for all rows."""

    code: str
    label: Text
    permission: str
    of: Cells
    order: int = 100


_values: dict[str, Value] = {}
_sections: dict[str, Section] = {}
_columns: dict[type[Variant] | type[Piece], dict[str, VariantColumn]] = {Variant: {}, Piece: {}}


def register_value(value: Value) -> None:
    """Adds a figure; the same code again replaces it."""
    _values[value.code] = value


def register_section(section: Section) -> None:
    """Adds a card; the same code again replaces it."""
    _sections[section.code] = section


def register_variant_column(column: VariantColumn) -> None:
    """Adds a column to the variants of a product; the same code again replaces it."""
    _columns[Variant][column.code] = column


def register_piece_column(column: VariantColumn) -> None:
    """Adds a column to the pieces of a product (where each is); the same code again replaces it."""
    _columns[Piece][column.code] = column


def values_of(view: ProductView) -> list[Stat]:
    """The figures the actor may see, in order."""
    ordered = sorted(_values.values(), key=lambda value: (value.order, value.code))
    found = [value.of(view) for value in ordered if view.actor.can(value.permission)]
    return [stat for stat in found if stat is not None]


def sections_of(view: ProductView, place: str) -> list[tuple[Section, Mapping[str, Any]]]:
    """The cards of a column the actor may see, with what they show."""
    ordered = sorted(_sections.values(), key=lambda section: (section.order, section.code))
    found = []
    for section in ordered:
        if section.place == place and view.actor.can(section.permission):
            shown = section.context(view)
            if shown is not None:
                found.append((section, shown))
    return found


def columns_of(
    model: type[Variant] | type[Piece], ids: Sequence[int], actor: Actor, store: Store | None
) -> list[tuple[VariantColumn, Mapping[int, Text]]]:
    """The further columns of variants or pieces with their cells by id; one look-up each."""
    ordered = sorted(_columns[model].values(), key=lambda column: (column.order, column.code))
    return [
        (column, column.of(ids, actor, store)) for column in ordered if actor.can(column.permission) and ids
    ]
