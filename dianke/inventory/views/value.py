"""What the stock is worth at the end of a day: per company, per store, per category, as a file variant by variant, and
the check that the report equals the ledger.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import Category
from dianke.inventory.models import Place
from dianke.inventory.queries import worth
from dianke.inventory.queries.valuation import valuation
from dianke.inventory.views.addresses import COSTS, name_of, stock_crumb, yuan
from dianke.stores.models import LegalEntity
from dianke.web.components import Stat
from dianke.web.exports import write_csv, write_xlsx
from dianke.web.formats import calendar_day, headline
from dianke.web.listing import Column, Kind

ZERO = Decimal(0)


def _day(http: Request) -> date:
    """The day asked for, at most today."""
    today = timezone.localdate(http.now)
    try:
        return min(date.fromisoformat(http.GET.get("day", "")), today)
    except ValueError:
        return today


def _entities(http: Request) -> tuple[list[LegalEntity], list[LegalEntity]]:
    """Those the person may see, and those asked for."""
    every = worth.entities_of(http.actor)
    asked = http.GET.get("entity", "")
    chosen = [entity for entity in every if str(entity.pk) == asked]
    return every, chosen or every


@require_GET
@requires(COSTS)
def value(request: Request) -> HttpResponse:
    """The report of a day."""
    day, today = _day(request), timezone.localdate(request.now)
    every, chosen = _entities(request)
    ids = [entity.pk for entity in chosen]
    names = {entity.pk: entity for entity in chosen}
    totals = {
        row.legal_entity_id: row for row in valuation(as_of=day, actor=request.actor, legal_entity_ids=ids)
    }
    by_place = valuation(as_of=day, actor=request.actor, by_place=True, legal_entity_ids=ids)
    places = Place.objects.select_related("store").in_bulk({row.place_id for row in by_place if row.place_id})
    by_category = worth.value_by_category(day, legal_entity_ids=ids)
    categories = Category.objects.in_bulk({pk for pk, _value in by_category if pk})
    total = sum((row.value for row in totals.values()), ZERO)
    proofs = worth.prove(day, actor=request.actor) if "check" in request.GET else []
    context: dict[str, Any] = {
        "day": day,
        "today": today,
        "day_text": calendar_day(day, today),
        "entities": every,
        "chosen": chosen[0] if len(chosen) == 1 and len(every) > 1 else None,
        "month_ends": _month_ends(today),
        "stats": [Stat(_("Stock value"), headline(round(total, 2)), exact=yuan(total))],
        "by_entity": [
            {"entity": names[pk], "value": yuan(row.value), "share": _share(row.value, total)}
            for pk, row in totals.items()
        ],
        "by_place": [
            {
                "place": places.get(row.place_id or 0),
                "entity": names[row.legal_entity_id],
                "value": yuan(row.value),
                "share": _share(row.value, total),
            }
            for row in sorted(by_place, key=lambda row: -row.value)
        ],
        "by_category": [
            {
                "category": categories.get(pk or 0),
                "value": yuan(amount),
                "share": _share(amount, total),
            }
            for pk, amount in by_category
        ],
        "proofs": [
            {
                "entity": names[proof.legal_entity_id],
                "proof": proof,
                "reported": yuan(proof.reported, 6),
                "summed": yuan(proof.summed, 6),
            }
            for proof in proofs
            if proof.legal_entity_id in names
        ],
        "can_export": request.actor.can("web.export_lists"),
        "crumb_list": [stock_crumb()],
    }
    return render(request, "inventory/stock/value.html", context)


def _share(part: Decimal, whole: Decimal) -> int:
    return round(part * 100 / whole) if whole else 0


def _month_ends(today: date) -> list[date]:
    """The last days of the months before, the latest in front."""
    found, day = [], today.replace(day=1) - timedelta(days=1)
    for _number in range(6):
        found.append(day)
        day = day.replace(day=1) - timedelta(days=1)
    return found


_COLUMNS = (
    Column("entity", gettext_lazy("Legal entity"), value=lambda row: row["entity"].short_name),
    Column("code", gettext_lazy("SKU"), value=lambda row: row["variant"].code),
    Column("name", gettext_lazy("Goods"), value=lambda row: name_of(row["variant"])),
    Column(
        "category",
        gettext_lazy("Category"),
        value=lambda row: str(row["variant"].product.category or ""),
    ),
    Column("unit", gettext_lazy("Unit"), value=lambda row: row["variant"].product.unit.name),
    Column(
        "quantity", gettext_lazy("Quantity"), Kind.NUMBER, value=lambda row: row["item"].quantity.normalize()
    ),
    Column("average", gettext_lazy("Average cost"), Kind.NUMBER, value=lambda row: _average(row["item"])),
    Column(
        "value", pgettext_lazy("of stock", "Value"), Kind.MONEY, value=lambda row: round(row["item"].value, 2)
    ),
)


def _average(item: worth.ItemValue) -> Decimal:
    return round(item.value / item.quantity, 6) if item.quantity else ZERO


@require_GET
@requires(COSTS)
def value_file(request: Request) -> FileResponse:
    """The report variant by variant, as a file; for who may take lists out."""
    if not request.actor.can("web.export_lists"):
        raise Http404
    day, (_every, chosen) = _day(request), _entities(request)
    names = {entity.pk: entity for entity in chosen}

    def rows() -> Iterator[dict[str, Any]]:
        for item, variant in worth.values_of_items(day, legal_entity_ids=list(names)):
            yield {"entity": names[item.legal_entity_id], "item": item, "variant": variant}

    kind = "csv" if request.GET.get("format") == "csv" else "xlsx"
    zone = timezone.get_current_timezone_name()
    file = tempfile.NamedTemporaryFile(suffix=f".{kind}")  # noqa: SIM115  # closed by the answer
    path = Path(file.name)
    if kind == "csv":
        write_csv(path, _COLUMNS, rows(), zone=zone, progress=lambda count: None)
    else:
        note = _("Exported by %(name)s at %(time)s") % {
            "name": request.actor.name,
            "time": timezone.localtime(request.now).strftime("%Y-%m-%d %H:%M"),
        }
        write_xlsx(path, _COLUMNS, rows(), zone=zone, note=note, progress=lambda count: None)
    name = _("Stock value %(day)s") % {"day": day.isoformat()}
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{name}.{kind}")
