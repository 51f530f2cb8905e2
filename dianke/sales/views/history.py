"""What became of a file of past orders: figures by class held against the database, its lines, the names of goods."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.money import Money, digits_of
from dianke.imports.models import ImportRun
from dianke.sales.models import HistoryItem, HistoryLine
from dianke.sales.operations.history import BRING_IN
from dianke.sales.queries.history import ClassRow, Part, Reconciled, reconciled
from dianke.web.components import Crumb, Stat
from dianke.web.exports import write_xlsx
from dianke.web.formats import money, number
from dianke.web.listing import Column, Filter, Kind, Listing, as_id, choice_filter, date_filter, register

KINDS = dict(HistoryLine.Kind.choices)
BUYERS = {
    "KNOWN": gettext_lazy("Of customers who are known"),
    "UNKNOWN": gettext_lazy("Of customers who are not known here"),
    "NOBODY": gettext_lazy("Without a customer"),
}
HELD = {
    "ROWS": gettext_lazy("Rows let in and lines kept"),
    "PARTS": gettext_lazy("Sum of the classes and of the buyers"),
    "LINES": gettext_lazy("Lines sold and lines of orders"),
    "ORDERS": gettext_lazy("Amount sold and amount of the orders"),
    "RETURNS": gettext_lazy("Amount taken back and amount of the returns"),
    "BOOKS": gettext_lazy("Amount of the orders and revenue in the ledger"),
}
_AMOUNTS = {"ORDERS", "RETURNS", "BOOKS"}
_TONES = {
    HistoryLine.State.IN_ORDER: "good",
    HistoryLine.State.MATCHED: "good",
    HistoryLine.State.PARTLY: "wait",
    HistoryLine.State.UNMATCHED: "wait",
    HistoryLine.State.WAITING: "wait",
    HistoryLine.State.APART: "off",
}


def _run_or_404(request: Request, pk: int) -> ImportRun:
    """An import of past orders that the actor may see."""
    rows = ImportRun.objects.visible_to(request.actor).filter(importer="history")
    found: ImportRun = get_object_or_404(rows, pk=pk)
    return found


@require_GET
@requires(BRING_IN)
def history(request: Request, pk: int) -> HttpResponse:
    """The figures of one file."""
    run = _run_or_404(request, pk)
    found = reconciled(run, request.actor)
    write = partial(money, currency=found.currency)
    lines_url = f"{reverse('sales:history-lines')}?run={run.pk}"
    goods_url = f"{reverse('sales:history-goods')}?run={run.pk}"
    context = {
        "run": run,
        "crumb_list": [
            Crumb(_("Imports"), reverse("imports:runs")),
            Crumb(run.file_name, reverse("imports:run", args=[run.pk])),
        ],
        "stats": [
            Stat(pgettext("of past orders", "Lines"), number(found.lines), url=lines_url),
            Stat(pgettext("of past orders", "Orders"), number(found.orders)),
            Stat(pgettext("of past orders", "Returns"), number(found.returns)),
            Stat(
                pgettext("of past orders", "Goods"),
                number(found.goods),
                note=_("%(count)s with several names") % {"count": number(found.conflicts)},
                url=goods_url,
            ),
        ],
        "rows": [_shown(row, found, write, lines_url) for row in found.rows],
        "whole": {
            "lines": number(found.lines),
            "quantity": number(found.quantity.normalize()),
            "exact": _exact(found.exact, found.currency),
            "documents": write(Money.from_minor(found.documents_amount, found.currency)),
            "apart": write(Money.from_minor(found.apart_amount, found.currency)),
            "difference": f"{found.difference.normalize():f}" if found.difference else "–",
        },
        "buyers": [
            _part(part, found, str(BUYERS[part.label]), f"{lines_url}&buyer={part.label}")
            for part in found.buyers
        ],
        "countries": [
            _part(part, found, part.label or _("Not said"), f"{lines_url}&q={part.label}")
            for part in found.countries
        ],
        "held": [
            {
                "label": HELD[each.code],
                "said": _held(each.code, each.said, found),
                "found": _held(each.code, each.found, found),
                "is_equal": each.is_equal,
            }
            for each in found.held
        ],
        "waiting": found.waiting,
        "lines_url": lines_url,
        "goods_url": goods_url,
        "can_export": request.actor.can("web.export_lists"),
    }
    return render(request, "sales/history/history.html", context)


def _exact(amount: Decimal, currency: str) -> str:
    return money(round(amount, digits_of(currency)), currency)


def _held(code: str, value: Decimal, found: Reconciled) -> str:
    if code in _AMOUNTS:
        return money(Money.from_minor(int(value), found.currency))
    return _exact(value, found.currency) if code == "PARTS" else number(value)


def _shown(row: ClassRow, found: Reconciled, write: Any, url: str) -> dict[str, Any]:
    difference = row.difference(digits_of(found.currency))
    note = ""
    if row.matched or row.partly or row.unmatched:
        note = _("sale found %(matched)s, in part %(partly)s, not %(unmatched)s") % {
            "matched": number(row.matched),
            "partly": number(row.partly),
            "unmatched": number(row.unmatched),
        }
    return {
        "label": KINDS[row.kind],
        "note": note,
        "url": f"{url}&kind={row.kind}",
        "lines": number(row.lines),
        "papers": number(row.papers),
        "quantity": number(row.quantity.normalize()),
        "exact": _exact(row.exact, found.currency),
        "documents": write(Money.from_minor(row.documents_amount, found.currency)),
        "apart": write(Money.from_minor(row.apart_amount, found.currency)),
        "difference": f"{difference.normalize():f}" if difference else "–",
    }


def _part(part: Part, found: Reconciled, label: str, url: str) -> dict[str, Any]:
    return {
        "label": label,
        "url": url,
        "lines": number(part.lines),
        "papers": number(part.papers),
        "quantity": number(part.quantity.normalize()),
        "exact": _exact(part.exact, found.currency),
    }


# --- as a file -----------------------------------------------------------------------------------------------------
def _file_columns(found: Reconciled) -> Sequence[Column]:
    digits = digits_of(found.currency)

    def amount(name: str) -> Any:
        return lambda row: Decimal(getattr(row, name)).scaleb(-digits)

    return (
        Column("kind", _("Kind"), value=lambda row: str(KINDS.get(row.kind, row.kind))),
        Column("lines", pgettext("of past orders", "Lines"), Kind.NUMBER, value="lines"),
        Column("papers", _("Numbers"), Kind.NUMBER, value="papers"),
        Column("quantity", _("Quantity"), Kind.NUMBER, value=lambda row: row.quantity),
        Column("exact", _("In the file"), Kind.NUMBER, value=lambda row: row.exact),
        Column("documents", _("In orders and returns"), Kind.NUMBER, value=amount("documents_amount")),
        Column("apart", _("Kept apart"), Kind.NUMBER, value=amount("apart_amount")),
        Column("difference", _("Rounding"), Kind.NUMBER, value=lambda row: row.difference(digits)),
        Column("matched", _("Sale found"), Kind.NUMBER, value="matched"),
        Column("partly", _("Sale found in part"), Kind.NUMBER, value="partly"),
        Column("unmatched", _("Without a sale"), Kind.NUMBER, value="unmatched"),
    )


@require_GET
@requires(BRING_IN)
def history_file(request: Request, pk: int) -> FileResponse:
    """The same figures as a workbook; for who may take lists out."""
    if not request.actor.can("web.export_lists"):
        raise Http404
    run = _run_or_404(request, pk)
    found = reconciled(run, request.actor)
    whole = ClassRow(
        _("Total"),
        found.lines,
        sum(row.papers for row in found.rows),
        found.quantity,
        found.exact,
        found.documents_amount,
        found.apart_amount,
        sum(row.matched for row in found.rows),
        sum(row.partly for row in found.rows),
        sum(row.unmatched for row in found.rows),
    )
    file = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115  # closed by the answer
    path = Path(file.name)
    note = _("%(file)s, amounts in %(currency)s, exported by %(name)s") % {
        "file": run.file_name,
        "currency": found.currency,
        "name": request.actor.name,
    }
    write_xlsx(
        path,
        _file_columns(found),
        [*found.rows, whole],
        zone=timezone.get_current_timezone_name(),
        note=note,
        progress=lambda count: None,
    )
    name = _("Past orders %(day)s") % {"day": timezone.localdate(run.uploaded_at).isoformat()}
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{name}.xlsx")


# --- lists ---------------------------------------------------------------------------------------------------------
def _of_buyer(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value == "KNOWN":
        return rows.filter(customer__isnull=False)
    if value in BUYERS:
        rows = rows.filter(customer=None)
        return rows.filter(who="") if value == "NOBODY" else rows.exclude(who="")
    return rows


def _order_url(row: HistoryLine) -> str:
    return reverse("sales:order", args=[row.order_id]) if row.order_id else ""


def _amount(row: HistoryLine) -> Money:
    return Money.from_minor(row.amount, row.store.currency)


def _runs(actor: Any) -> list[tuple[int, str]]:
    rows = ImportRun.objects.visible_to(actor).filter(importer="history").order_by("-pk")
    return list(rows.values_list("pk", "file_name")[:50])


_RUN = Filter("run", gettext_lazy("Import"), lambda rows, value: rows.filter(run_id=as_id(value)), _runs)


@register
class HistoryLines(Listing):
    """Every line of the past with what it was taken for and what became of it."""

    code = "sales.history_lines"
    title = gettext_lazy("Lines of past orders")
    permission = BRING_IN
    default_sort = "row"
    search_fields = ("number", "code", "name", "who", "country")
    search_hint = gettext_lazy("Number, code, name, customer or country")
    empty = (
        "history",
        gettext_lazy("Nothing was brought in yet. Import the orders of your old system from a file."),
        gettext_lazy("Import a file"),
        "imports:new",
        "imports.run_imports",
    )
    columns = (
        Column("row", gettext_lazy("Row"), Kind.NUMBER, value="row", sort="row"),
        Column("number", gettext_lazy("Number there"), value="number", link=_order_url, is_title=True),
        Column("at", gettext_lazy("Time"), Kind.INSTANT, value="at", sort="at"),
        Column("code", gettext_lazy("Code"), value="code"),
        Column("name", gettext_lazy("Description"), value="name"),
        Column("quantity", gettext_lazy("Quantity"), Kind.NUMBER, value=lambda row: row.quantity.normalize()),
        Column("amount", gettext_lazy("Amount"), Kind.MONEY, value=_amount, sort="amount"),
        Column("kind", gettext_lazy("Kind"), value=lambda row: str(KINDS[row.kind])),
        Column(
            "state",
            gettext_lazy("What became of it"),
            Kind.STATUS,
            value="state",
            tone=lambda row: _TONES[row.state],
        ),
        Column("who", gettext_lazy("Customer there"), value="who"),
        Column("country", gettext_lazy("Country or note"), value="country", is_default=False),
        Column("store", gettext_lazy("Store"), value=lambda row: str(row.store), is_default=False),
    )
    filters = (
        _RUN,
        choice_filter("kind", gettext_lazy("Kind"), HistoryLine.Kind.choices),
        choice_filter("state", gettext_lazy("What became of it"), HistoryLine.State.choices, quick=True),
        Filter("buyer", gettext_lazy("Customer"), _of_buyer, lambda actor: list(BUYERS.items())),
        date_filter("at", gettext_lazy("Day"), lookup="at", instants=True),
    )

    def queryset(self) -> QuerySet[HistoryLine]:
        rows: QuerySet[HistoryLine] = HistoryLine.objects.visible_to(self.actor, BRING_IN)
        return rows.select_related("store")


@register
class HistoryGoods(Listing):
    """The codes of the past: what each is called here, why, and what else it was called."""

    code = "sales.history_goods"
    title = gettext_lazy("Names of past goods")
    permission = BRING_IN
    default_sort = "-name_count"
    search_fields = ("code", "name")
    search_hint = gettext_lazy("Code or name")
    empty = (
        "history",
        gettext_lazy(
            "Here stand the goods of past orders, and which name was chosen where several were said."
        ),
        "",
        "",
        "",
    )
    columns = (
        Column("code", gettext_lazy("Code"), value="code", sort="code"),
        Column(
            "name",
            gettext_lazy("Name"),
            value="name",
            is_title=True,
            link=lambda row: reverse("catalog:product", args=[row.variant.product_id]) if row.variant else "",
        ),
        Column("why", gettext_lazy("Why"), value=lambda row: row.get_why_display()),
        Column("names", gettext_lazy("Names said"), Kind.NUMBER, value="name_count", sort="name_count"),
        Column(
            "others",
            gettext_lazy("Other names, with how many lines"),
            value=lambda row: others_of(row),
        ),
        Column(
            "lines",
            pgettext_lazy("of past orders", "Lines"),
            Kind.NUMBER,
            value="line_count",
            sort="line_count",
        ),
    )
    filters = (
        _RUN,
        Filter(
            "several",
            gettext_lazy("Names"),
            lambda rows, value: rows.filter(name_count__gt=1) if value == "1" else rows,
            lambda actor: [("1", gettext_lazy("Several names"))],
            is_quick=True,
        ),
        choice_filter("why", gettext_lazy("Why"), HistoryItem.Why.choices),
    )

    def queryset(self) -> QuerySet[HistoryItem]:
        rows: QuerySet[HistoryItem] = HistoryItem.objects.visible_to(self.actor, BRING_IN)
        return rows.select_related("variant")


def others_of(item: HistoryItem) -> str:
    """The names that were not chosen."""
    others = [(name or _("no name"), count) for name, count, _last in item.names if name != item.name]
    return pgettext("between names in a list", ", ").join(f"{name} × {count}" for name, count in others[:6])
