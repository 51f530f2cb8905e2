"""The board of the day: today's metals, how their prices went, who set them; a new board, a correction, old metal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.forms.day_prices import BoardForm, BuyBackForm, CorrectionForm
from dianke.catalog.forms.parts import milligrams
from dianke.catalog.models import DayPrice
from dianke.catalog.models.day_prices import scope_of
from dianke.catalog.operations import day_prices as operations
from dianke.catalog.operations.day_prices import SET, Quote, may_set
from dianke.catalog.queries.day_prices import BoardRow, board, board_of_scopes, history
from dianke.catalog.rules.jewelry import buy_back, metal_name
from dianke.catalog.views.listings import VIEW, merchant_currency
from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.core.money import Money
from dianke.stores.models import Region, Store
from dianke.web import charts
from dianke.web.components import Crumb
from dianke.web.formats import money
from dianke.web.forms import form_view
from dianke.web.listing import as_id
from dianke.web.responses import done

CHART_DAYS = 90
SHOWN_ROWS = 30
#: A change by more than this share is asked about once more.
LARGE_CHANGE = Decimal("0.05")


class Scope:
    """Whose board is looked at: a store's, a region's, or (neither) the merchant's."""

    def __init__(self, store: Store | None = None, region: Region | None = None) -> None:
        self.store, self.region = store, region
        self.key = scope_of(store.pk if store else None, region.pk if region else None)

    @property
    def label(self) -> str:
        if self.store:
            return self.store.short_name
        return self.region.name if self.region else _("Whole business")

    @property
    def currency(self) -> str:
        return self.store.currency if self.store else merchant_currency()

    def rows(self, http: Request) -> list[BoardRow]:
        if self.region is None:
            return board(self.store, http.now)
        keys, region = [], self.region
        parents = dict(Region.objects.values_list("pk", "parent_id"))
        at: int | None = region.pk
        while at is not None:
            keys.append(scope_of(None, at))
            at = parents.get(at)
        return board_of_scopes([*keys, ""], None, http.now)


def scope_of_request(http: Request) -> Scope:
    """The board asked for by `?board=`, else that of the store the person works in."""
    asked = http.GET.get("board", http.POST.get("board", "-"))
    stores = Store.objects.visible_to(http.actor, VIEW)
    kind, _sep, key = asked.partition(":")
    if kind == "store":
        return Scope(store=get_object_or_404(stores, pk=as_id(key)))
    if kind == "region":
        return Scope(region=get_object_or_404(Region.objects.visible_to(http.actor, VIEW), pk=as_id(key)))
    if asked == "-":
        return Scope(store=store_of(http))
    return Scope()


def scope_to_set(http: Request) -> Scope | None:
    """The board asked for, if the person may set it (else `BoardOutOfReach` is raised); where none was asked for, the
    first they may set, None if there is none."""
    asked = scope_of_request(http)
    if may_set(http.actor, store=asked.store, region=asked.region):
        return asked
    if "board" in http.GET or "board" in http.POST:
        raise operations.BoardOutOfReach
    stores = Store.objects.visible_to(http.actor, VIEW).still_open()[:200]
    return next(
        (Scope(store=store) for store in stores if may_set(http.actor, store=store, region=None)), None
    )


def store_of(http: Request) -> Store | None:
    """The store the person works in: the one chosen above, or the only one they have; None for all."""
    actor = http.actor
    stores = Store.objects.visible_to(actor, VIEW)
    if actor.store_id:
        return stores.filter(pk=actor.store_id).first()
    reached = actor.stores_for(VIEW)
    return stores.filter(pk__in=reached).first() if reached is not None and len(reached) == 1 else None


def scopes_offered(http: Request, current: Scope) -> list[dict[str, Any]]:
    """The boards one may look at, for a choice."""
    actor = http.actor
    offered = [Scope()]
    offered += [Scope(region=region) for region in Region.objects.visible_to(actor, VIEW)[:50]]
    offered += [Scope(store=store) for store in Store.objects.visible_to(actor, VIEW).still_open()[:200]]
    return [
        {"key": each.key or "all", "label": each.label, "is_current": each.key == current.key}
        for each in offered
    ]


@require_GET
@requires(VIEW)
def board_page(request: Request) -> HttpResponse:
    """Today's metals large, the course of one of them, and who set what when."""
    scope = scope_of_request(request)
    rows = scope.rows(request)
    wanted = request.GET.get("metal", "")
    shown = next((row for row in rows if _code(row) == wanted), rows[0] if rows else None)
    setters = DayPrice.objects.select_related("set_by").in_bulk([row.day_price_id for row in rows])
    before = _before(rows)
    cards = [
        {
            "row": row,
            "sell": money(Money.from_minor(row.sell_amount, row.currency)),
            "buy": money(Money.from_minor(row.buy_back_amount, row.currency))
            if row.buy_back_amount is not None
            else "",
            "change": _difference(row, before.get(row.day_price_id)),
            "set_by": setters[row.day_price_id].set_by if row.day_price_id in setters else None,
            "is_own": row.scope == scope.key,
            "is_shown": row is shown,
            "url": f"?board={scope.key or 'all'}&metal={_code(row)}",
            "code": _code(row),
        }
        for row in rows
    ]
    stale = [
        row for row in rows if timezone.localtime(row.from_at).date() < timezone.localtime(request.now).date()
    ]
    actor = request.actor
    can_set = actor.can(SET) and may_set(actor, store=scope.store, region=scope.region)
    context: dict[str, Any] = {
        "scope": scope,
        "scope_key": scope.key or "all",
        "scopes": scopes_offered(request, scope),
        "cards": cards,
        "shown": shown,
        "is_stale": bool(rows) and len(stale) == len(rows),
        "can_set": can_set,
        "change_url": f"{reverse('catalog:day-price-change')}?board={scope.key or 'all'}",
        "buy_back_url": f"{reverse('catalog:buy-back')}?board={scope.key or 'all'}",
        **(_course(request, shown) if shown else {}),
    }
    return render(request, "catalog/day/board.html", context)


def _code(row: BoardRow | DayPrice) -> str:
    return f"{row.metal}-{row.fineness}"


def _before(rows: Sequence[BoardRow]) -> dict[int, DayPrice]:
    """The price each row of the board took the place of, by the id of the row. One query."""
    wanted = Q(pk=0)
    for row in rows:
        wanted |= Q(metal=row.metal, fineness=row.fineness, scope=row.scope, from_at__lt=row.from_at)
    newest = DayPrice.objects.filter(wanted).order_by("metal", "fineness", "scope", "-from_at", "-pk")
    found = {
        (each.metal, each.fineness, each.scope): each
        for each in newest.distinct("metal", "fineness", "scope")
    }
    keys = {row.day_price_id: (row.metal, row.fineness, row.scope) for row in rows}
    return {pk: found[key] for pk, key in keys.items() if key in found}


def _difference(row: BoardRow, before: DayPrice | None) -> dict[str, Any] | None:
    if before is None or before.sell_amount is None or before.sell_amount == row.sell_amount:
        return None
    step = row.sell_amount - before.sell_amount
    return {
        "is_up": step > 0,
        "amount": money(Money.from_minor(abs(step), row.currency)),
        "since": before.from_at,
    }


def _course(http: Request, row: BoardRow) -> dict[str, Any]:
    """The chart and the rows behind it, on the board the price comes from."""
    kind, _sep, key = row.scope.partition(":")
    store = Store.objects.filter(pk=as_id(key)).first() if kind == "store" else None
    region = Region.objects.filter(pk=as_id(key)).first() if kind == "region" else None
    since = http.now - timedelta(days=CHART_DAYS)
    found = history(row.metal, row.fineness, store=store, region=region, from_at=since)
    points = [
        each.day_price
        for each in reversed(found)
        if not each.is_corrected
        and each.day_price.sell_amount is not None
        and each.day_price.from_at <= http.now
    ]
    chart = None
    if len(points) > 1:
        first, last = points[0], points[-1]
        moved = (last.sell_amount or 0) - (first.sell_amount or 0)
        amount = money(Money.from_minor(abs(moved), row.currency))
        title = (
            _("%(metal)s rose by %(amount)s")
            if moved > 0
            else _("%(metal)s fell by %(amount)s")
            if moved < 0
            else _("%(metal)s stayed where it was")
        ) % {"metal": row.name, "amount": amount}
        series: dict[Any, list[Decimal | None]] = {
            _("Price per gram"): [_major(point.sell_amount, row.currency) for point in points]
        }
        if any(point.buy_back_amount for point in points):
            series[_("Buy-back per gram")] = [_major(point.buy_back_amount, row.currency) for point in points]
        chart = charts.line(
            "day-price-course",
            title=title,
            subtitle=_("Every price set in the last %(days)s days") % {"days": CHART_DAYS},
            unit=_("yuan/g"),
            categories=[f"{timezone.localtime(point.from_at):%m-%d %H:%M}" for point in points],
            series=series,
        )
        # A course of prices is read by its ups and downs, which a scale from zero would flatten.
        chart.option["yAxis"]["scale"] = True
    may_correct = http.actor.can(SET) and may_set(http.actor, store=store, region=region)
    lines = [
        {
            "price": each.day_price,
            "is_corrected": each.is_corrected,
            "sell": _shown(each.day_price.sell_amount, row.currency),
            "buy": _shown(each.day_price.buy_back_amount, row.currency),
            "may_correct": may_correct and not each.is_corrected,
        }
        for each in found[:SHOWN_ROWS]
    ]
    return {"figure": chart, "lines": lines}


def _major(minor: int | None, currency: str) -> Decimal | None:
    return None if minor is None else Money.from_minor(minor, currency).amount


def _shown(minor: int | None, currency: str) -> str:
    return "" if minor is None else money(Money.from_minor(minor, currency))


@require_http_methods(["GET", "POST"])
@requires(SET)
def board_change(request: Request) -> HttpResponse:
    """Set the board: first the figures, then what would change against what stands, then it counts."""
    scope = scope_to_set(request)
    if scope is None:  # no store of theirs yet
        return redirect("catalog:day-prices")
    rows = scope.rows(request)
    form = BoardForm(request.POST or None, rows=rows, own_scope=scope.key, currency=scope.currency)
    back = f"{reverse('catalog:day-prices')}?board={scope.key or 'all'}"
    status, changes = 200, []
    if request.method == "POST":
        status = 422
        if form.is_valid():
            quotes = form.quotes()
            if not quotes:
                form.add_error(None, _("Nothing differs from the board. Change a price first."))
            elif "confirmed" in request.POST:
                try:
                    set_rows = operations.set_board(
                        quotes=quotes,
                        store=scope.store,
                        region=scope.region,
                        actor=request.actor,
                        now=request.now,
                    )
                except (InvalidInput, Conflict, NotAllowed) as error:
                    form.add_error(None, str(error))
                else:
                    count = len(set_rows)
                    text = ngettext(
                        "%(count)s price counts from now on.", "%(count)s prices count from now on.", count
                    )
                    return done(request, text % {"count": count}, to=back)
            elif "again" not in request.POST:
                status, changes = 200, [_change(quote, rows, scope.currency) for quote in quotes]
    context = {
        "form": form,
        "scope": scope,
        "scope_key": scope.key or "all",
        "changes": changes,
        "back": back,
        "crumb_list": [Crumb(_("Prices of the day"), back)],
    }
    return render(request, "catalog/day/change.html", context, status=status)


def _change(quote: Quote, rows: Sequence[BoardRow], currency: str) -> dict[str, Any]:
    """One line of the confirmation."""
    row = next((each for each in rows if (each.metal, each.fineness) == (quote.metal, quote.fineness)), None)
    before = row.sell_amount if row else None
    after = quote.sell_amount or 0
    share = abs(Decimal(after - before) / before) if before else Decimal(0)
    return {
        "name": metal_name(quote.metal, quote.fineness),
        "before": _shown(before, currency),
        "after": _shown(quote.sell_amount, currency),
        "buy_before": _shown(row.buy_back_amount if row else None, currency),
        "buy_after": _shown(quote.buy_back_amount, currency),
        "percent": format((Decimal(after - before) / before * 100).quantize(Decimal("0.01")), "+f") + "%"
        if before
        else "",
        "is_large": share > LARGE_CHANGE,
    }


@require_http_methods(["GET", "POST"])
@requires(SET)
def correction(request: Request, pk: int) -> HttpResponse:
    """Put a price right from the moment it began, with the reason."""
    row = get_object_or_404(
        DayPrice.objects.visible_to(request.actor).select_related("store", "region"), pk=pk
    )
    form = CorrectionForm(
        request.POST or None,
        initial={"sell_amount": row.sell_amount, "buy_back_amount": row.buy_back_amount},
    )
    for name in ("sell_amount", "buy_back_amount"):
        form.fields[name].currency = row.currency  # type: ignore[attr-defined]

    def run(data: dict[str, Any]) -> DayPrice:
        return operations.correct_day_price(
            day_price=row,
            sell_amount=data["sell_amount"],
            buy_back_amount=data["buy_back_amount"],
            reason=data["reason"],
            actor=request.actor,
            now=request.now,
        )

    back = f"{reverse('catalog:day-prices')}?board={row.scope or 'all'}&metal={_code(row)}"
    name = metal_name(row.metal, row.fineness)
    since = f"{timezone.localtime(row.from_at):%m-%d %H:%M}"
    return form_view(
        request,
        form=form,
        run=run,
        title=_("Correct %(metal)s of %(since)s") % {"metal": name, "since": since},
        success=_("Corrected. The wrong price stays in the history."),
        redirect_to=back,
        cancel_url=back,
        submit=_("Correct"),
        context={"crumb_list": [Crumb(_("Prices of the day"), back)]},
    )


@require_GET
@requires(VIEW)
def buy_back_page(request: Request) -> HttpResponse:
    """What old metal is worth today, with the lines to read out. Writes nothing."""
    scope = scope_of_request(request)
    rows = [row for row in scope.rows(request) if row.buy_back_amount is not None]
    chosen = next((row for row in rows if _code(row) == request.GET.get("metal")), rows[0] if rows else None)
    form = BuyBackForm(request.GET if "weight" in request.GET else None)
    answer, status = None, 200
    if chosen is not None and form.is_bound and form.is_valid():
        data = form.cleaned_data
        price = chosen.buying()
        try:
            if price is not None:
                answer = buy_back(
                    tested_mg=milligrams(data["weight"]),
                    tested_fineness=data["fineness"],
                    loss_bp=int((data["loss"] or 0) * 100),
                    price=price,
                )
        except ValidationError as error:
            form.add_error("weight", error)
        except InvalidInput as error:
            form.add_domain_error(error)
    if form.is_bound and form.errors:
        status = 422
    back = f"{reverse('catalog:day-prices')}?board={scope.key or 'all'}"
    context = {
        "form": form,
        "scope_key": scope.key or "all",
        "rows": [(_code(row), row, _shown(row.buy_back_amount, row.currency)) for row in rows],
        "chosen": _code(chosen) if chosen else "",
        "answer": answer,
        "amount": _shown(answer.amount, answer.currency) if answer else "",
        "crumb_list": [Crumb(_("Prices of the day"), back)],
    }
    return render(request, "catalog/day/buy_back.html", context, status=status)
