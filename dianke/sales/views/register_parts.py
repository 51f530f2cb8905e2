"""What the pages of registers and closed days share: what an address names, amounts for people, figures as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dianke.access.requests import Request
from dianke.core.actor import Actor
from dianke.core.money import Money
from dianke.sales.models import CashMovement, DayClose, Order, Shift
from dianke.sales.rules.day_figures import at
from dianke.stores.models import Register, Store
from dianke.web.components import Crumb
from dianke.web.formats import money
from dianke.web.listing import as_id

VIEW, RUN, CLOSE, SELL = "sales.view_orders", "sales.run_register", "sales.close_days", "sales.sell"
SETTINGS, RECONCILE, CREDIT = "sales.manage_settings", "sales.reconcile_payments", "sales.approve_orders"
FORM = ("GET", "POST")
MOST_CHOICES = 300

SHIFT_TONES: Mapping[str, str] = {
    Shift.State.OPEN: "good",
    Shift.State.COUNTED: "wait",
    Shift.State.CLOSED: "off",
}


# --- what an address names -------------------------------------------------------------------------------------------
def register_or_404(http: Request, pk: int, permission: str = VIEW) -> Register:
    rows = Register.objects.visible_to(http.actor, permission).select_related("store")
    found: Register = get_object_or_404(rows, pk=pk)
    return found


def shift_or_404(http: Request, pk: int, permission: str = VIEW) -> Shift:
    rows = Shift.objects.visible_to(http.actor, permission)
    rows = rows.select_related("register", "store", "opened_by", "closed_by", "counted_by", "taken_over_from")
    found: Shift = get_object_or_404(rows, pk=pk)
    return found


def close_or_404(http: Request, pk: int) -> DayClose:
    rows = DayClose.objects.visible_to(http.actor, CLOSE).select_related("store", "closed_by", "legal_entity")
    found: DayClose = get_object_or_404(rows, pk=pk)
    return found


# --- where somebody works --------------------------------------------------------------------------------------------
def stores_of(actor: Actor, permission: str) -> QuerySet[Store]:
    """The open stores where the actor holds a permission."""
    rows: QuerySet[Store] = Store.objects.visible_to(actor, permission).still_open()
    return rows.order_by("code")


def stores_offered(actor: Actor) -> list[tuple[Any, Any]]:
    return list(stores_of(actor, VIEW).values_list("pk", "short_name")[:MOST_CHOICES])


def chosen_store(http: Request, permission: str) -> Store | None:
    """The store asked for by `?store=`, else the one the person works in, else the first. One query."""
    rows = stores_of(http.actor, permission)
    asked = http.GET.get("store") or http.POST.get("store")
    if asked:
        return rows.filter(pk=as_id(asked)).first()
    if http.actor.store_id:
        return rows.filter(pk=http.actor.store_id).first()
    return rows.first()


def order_url(order: Order) -> str:
    """The page of an order; nothing where there is none."""
    try:
        return reverse("sales:order", args=[order.pk])
    except NoReverseMatch:
        return ""


# --- for people ------------------------------------------------------------------------------------------------------
def shown(minor: int | None, currency: str) -> str:
    """An amount for people, or nothing."""
    return "" if minor is None else money(Money.from_minor(minor, currency))


def over_or_short(minor: int | None, currency: str) -> str:
    """ "¥0.50 short", "¥2.00 over", "exact"; nothing before it is known."""
    if minor is None:
        return ""
    if not minor:
        return pgettext("cash", "exact")
    text = shown(abs(minor), currency)
    return (pgettext("cash", "%(amount)s over") if minor > 0 else pgettext("cash", "%(amount)s short")) % {
        "amount": text
    }


def difference_tone(minor: int | None) -> str:
    return "" if minor is None else "good" if not minor else "wait" if minor > 0 else "bad"


def register_crumbs(register: Register | None = None) -> list[Crumb]:
    crumbs = [Crumb(_("Registers"), reverse("sales:registers"))]
    if register is None:
        return crumbs
    return [*crumbs, Crumb(register.name, reverse("sales:register", args=[register.pk]))]


def shift_crumbs(shift: Shift, *, with_shift: bool = False) -> list[Crumb]:
    crumbs = register_crumbs(shift.register)
    return [*crumbs, Crumb(shift_name(shift), shift_url(shift))] if with_shift else crumbs


def shift_name(shift: Shift) -> str:
    return _("Shift of %(day)s") % {"day": f"{shift.business_date:%Y-%m-%d}"}


def shift_url(shift: Shift) -> str:
    return reverse("sales:shift", args=[shift.pk])


def day_url(store_id: int, day: date) -> str:
    return f"{reverse('sales:day')}?store={store_id}&day={day.isoformat()}"


# --- figures as tables -----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Line:
    """One row of a report: a term and its cells, written."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A part of a report: heading, column heads (the first is that of the names), rows and a sum."""

    title: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    total: Line | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Figures for people: a row of headline terms, and tables."""

    terms: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = field(default=())


def sheet_of(figures: Mapping[str, Any], names: Mapping[str, Mapping[str, str]], currency: str) -> Sheet:
    """The tree of a report as tables. What was not there is left out."""

    def amount(*path: str) -> str:
        return shown(at(figures, *path), currency)

    terms = [
        (pgettext("report", "Sales"), str(at(figures, "sales", "count"))),
        (_("Paid for sales"), amount("sales", "paid")),
        (_("Tax contained"), amount("sales", "tax")),
    ]
    for label, path in (
        (pgettext("report", "Given back"), ("returns", "refund")),
        (_("Orders placed"), ("orders", "count")),
        (_("Drawer opened without a sale"), ("openings",)),
    ):
        value = at(figures, *path)
        if value:
            terms.append((label, shown(value, currency) if path[-1] == "refund" else str(value)))
    tables = [
        _tenders(figures, names, currency),
        _drawer(figures, currency),
        _prepaid(figures, currency),
        _discounts(figures, currency),
        _branch(figures, "categories", _category_names(names), pgettext("report", "By category"), currency),
        _branch(figures, "staff", names.get("staff", {}), pgettext("report", "By person"), currency),
        _taxes(figures, currency),
    ]
    return Sheet(tuple(terms), tuple(table for table in tables if table.lines))


def _tenders(figures: Mapping[str, Any], names: Mapping[str, Any], currency: str) -> Table:
    lines, sums = [], [0, 0]
    for code in figures.get("tenders", {}):
        taken, given = at(figures, "tenders", code, "in"), at(figures, "tenders", code, "out")
        count = at(figures, "tenders", code, "in_count") + at(figures, "tenders", code, "out_count")
        sums = [sums[0] + taken, sums[1] + given]
        cells = (str(count), shown(taken, currency), shown(given, currency), shown(taken - given, currency))
        lines.append(Line(names.get("tenders", {}).get(code, code), cells))
    total = Line(
        _("Together"), ("", *(shown(each, currency) for each in (sums[0], sums[1], sums[0] - sums[1])))
    )
    heads = (
        _("Kind of payment"),
        pgettext("report", "How many"),
        pgettext("report", "Taken"),
        pgettext("report", "Given back"),
        pgettext("report", "Remains"),
    )
    return Table(_("By kind of payment"), heads, tuple(lines), total if len(lines) > 1 else None)


def _drawer(figures: Mapping[str, Any], currency: str) -> Table:
    labels = dict(CashMovement.Kind.choices)
    lines = [
        Line(
            str(labels.get(kind, kind)),
            (
                str(at(figures, "drawer", kind, "count")),
                shown(at(figures, "drawer", kind, "amount"), currency),
            ),
        )
        for kind in figures.get("drawer", {})
    ]
    heads = (pgettext("report", "Movement"), pgettext("report", "How many"), _("Amount"))
    return Table(_("Cash in and out of drawers"), heads, tuple(lines))


def _prepaid(figures: Mapping[str, Any], currency: str) -> Table:
    labels = {
        "top_up": _("Topped up"),
        "cards": _("Session cards sold"),
        "wallet_used": _("Paid with stored value"),
        "wallet_back": _("Given back to stored value"),
        "sessions_used": _("Worth of sessions used"),
        "deposits_taken": _("Deposits taken"),
        "deposits_back": _("Deposits given back"),
    }
    lines = [
        Line(label, (shown(at(figures, "prepaid", key), currency),))
        for key, label in labels.items()
        if at(figures, "prepaid", key)
    ]
    return Table(_("Prepaid value and deposits"), (pgettext("report", "What"), _("Amount")), tuple(lines))


def _discounts(figures: Mapping[str, Any], currency: str) -> Table:
    labels = {
        "promotion": _("Promotions"),
        "coupon": _("Coupons"),
        "member": _("Member prices"),
        "tier": _("Member discounts"),
        "manual": _("Taken off by hand"),
        "points": _("Paid with points"),
        "rounding": pgettext("report", "Rounding"),
        "session": _("Session cards"),
    }
    sums: dict[str, int] = {}
    for sources in figures.get("discounts", {}).values():
        for source, amount in sources.items():
            sums[source] = sums.get(source, 0) + amount
    lines = [Line(labels.get(key, key), (shown(amount, currency),)) for key, amount in sums.items()]
    return Table(_("Taken off list prices"), (pgettext("report", "By what"), _("Amount")), tuple(lines))


def _category_names(names: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    kinds = {
        "NONE": _("Without a category"),
        "FEE": _("Fees"),
        "TOP_UP": _("Top-ups"),
        "LEVEL": pgettext("sold", "Member levels"),
        "CARD": _("Session cards"),
    }
    return {**kinds, **names.get("categories", {})}


def _branch(
    figures: Mapping[str, Any], branch: str, names: Mapping[str, str], title: str, currency: str
) -> Table:
    found = sorted(figures.get(branch, {}), key=lambda key: -at(figures, branch, key, "paid"))
    lines = [
        Line(
            names.get(key, pgettext("report", "Nobody") if key == "NOBODY" else _("Without a category")),
            (str(at(figures, branch, key, "lines")), shown(at(figures, branch, key, "paid"), currency)),
        )
        for key in found
    ]
    return Table(title, (pgettext("report", "Name"), pgettext("report", "Lines"), _("Amount")), tuple(lines))


def _taxes(figures: Mapping[str, Any], currency: str) -> Table:
    lines = [
        Line(
            f"{int(rate) / 100:g} %",
            (
                shown(at(figures, "taxes", rate, "paid"), currency),
                shown(at(figures, "taxes", rate, "tax"), currency),
            ),
        )
        for rate in figures.get("taxes", {})
    ]
    return Table(_("By tax rate"), (_("Tax rate"), _("Amount"), _("Tax contained")), tuple(lines))
