"""Quantities of reports in words, on files and for programs: each in its unit, unlike ones side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from dianke.catalog.models import Unit
from dianke.core.errors import Text
from dianke.sales.rules.quantities import Quantities
from dianke.web.formats import number

#: So many units fit into a row of a table.
MOST_IN_A_ROW = 2
#: A line may end behind the dot, not between a number and its unit.
_BETWEEN = "\u00a0· "


def units_of(quantities: Iterable[Quantities]) -> tuple[Unit, ...]:
    """The units of all of these. One statement at most."""
    ids = {unit_id for each in quantities for unit_id, _quantity in each.of}
    return tuple(Unit.objects.filter(pk__in=ids).order_by("pk"))


def quantity_text(quantities: Quantities, units: Sequence[Unit], *, most: int | None = None) -> str:
    """ "12 件 · 35.2 克"; nothing of nothing. A number and its unit stay on one line. Of more than `most` units the
    first are written out and all are counted."""
    names = {unit.pk: unit.name for unit in units}
    shown = [f"{number(plain(much))}\u00a0{names[unit_id]}" for unit_id, much in quantities.of]
    if most is None or len(shown) <= most:
        return _BETWEEN.join(shown)
    every = _("… %(count)s units in all") % {"count": len(shown)}
    return f"{_BETWEEN.join(shown[:most])} {every}"


def plain(quantity: Decimal) -> Decimal:
    """Without zeros that say nothing: 12.5000 is 12.5, 120 stays 120."""
    return Decimal(format(quantity.normalize(), "f"))


def in_unit_label(label: Text, unit: Unit) -> str:
    """The head of a column of one unit."""
    return _("%(label)s (%(unit)s)") % {"label": label, "unit": unit.name}


def for_programs(quantities: Quantities, units: Sequence[Unit]) -> list[dict[str, Any]]:
    """One per unit, by its code."""
    codes = {unit.pk: unit.code for unit in units}
    return [{"unit": codes[unit_id], "quantity": plain(much)} for unit_id, much in quantities.of]
