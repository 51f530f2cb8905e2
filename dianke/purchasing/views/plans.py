"""The purchase plan: made for a store, decided line by line on the board, accepted into one order per supplier."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import Variant
from dianke.core.errors import Conflict, DiankeError, InvalidInput
from dianke.purchasing import operations
from dianke.purchasing.forms.parts import quantity_of
from dianke.purchasing.forms.planning import PlanForm, WishesForm
from dianke.purchasing.models import PurchasePlan, Supplier, SupplyRule
from dianke.purchasing.queries.board import board_of
from dianke.purchasing.rules.reasons import sentences
from dianke.purchasing.views.listings import PlanListing
from dianke.purchasing.views.rows import (
    FORM,
    MAKE,
    PLAN_TONES,
    VIEW,
    chosen_store,
    history_page,
    plain,
    plan_or_404,
    sees_costs,
    stores_of,
    typed,
)
from dianke.stores.models import Store
from dianke.web.components import Crumb
from dianke.web.formats import money
from dianke.web.forms import form_view
from dianke.web.list_views import list_view
from dianke.web.listing import as_id
from dianke.web.responses import done, toast

plan_list = list_view(PlanListing)
MOST_STORES = 200


@require_GET
@requires(VIEW)
def board(request: Request) -> HttpResponse:
    """The plan that is being decided for the store one works in, or how to make one."""
    stores = list(stores_of(request.actor)[:MOST_STORES])
    store = chosen_store(request)
    open_plans = PurchasePlan.objects.visible_to(request.actor).filter(state=PurchasePlan.State.OPEN)
    plans = list(open_plans.select_related("store", "made_by").order_by("-made_at")[:MOST_STORES])
    if store is None and plans:
        store = plans[0].store
    store = store or (stores[0] if stores else None)
    plan = next((each for each in plans if store and each.store_id == store.pk), None)
    return _render(request, plan, store=store, stores=stores)


@require_GET
@requires(VIEW)
def plan_page(request: Request, pk: int) -> HttpResponse:
    """One plan: the one being decided, or what became of an earlier one."""
    plan = plan_or_404(request, pk)
    return _render(request, plan, store=plan.store, stores=[])


def _render(
    http: Request,
    plan: PurchasePlan | None,
    *,
    store: Store | None,
    stores: list[Store],
    error: str = "",
    status: int = 200,
    is_part: bool = False,
) -> HttpResponse:
    actor = http.actor
    may_make = store is not None and actor.can(MAKE, store_id=store.pk)
    shows_costs = sees_costs(actor)
    context: dict[str, Any] = {
        "plan": plan,
        "store": store,
        "stores": stores,
        "may_make": may_make,
        "may_decide": may_make and plan is not None and plan.state == PurchasePlan.State.OPEN,
        "sees_costs": shows_costs,
        "error": error,
        "crumb_list": [Crumb(_("Purchase plan"), reverse("purchasing:board"))] if not stores else [],
    }
    if plan is not None:
        found = board_of(plan, page=http.GET.get("page") or http.POST.get("page"))
        context |= {
            "board": found,
            "page": found.page,
            "tone": PLAN_TONES.get(plan.state, ""),
            "groups": [_group(group, shows_costs) for group in found.groups],
            "orders": list(plan.orders.select_related("supplier").order_by("pk"))
            if plan.state == PurchasePlan.State.ACCEPTED
            else [],
        }
    else:
        context["form"] = PlanForm(actor=actor, store=store) if may_make else None
    template = "purchasing/plan/board.html#plan" if is_part else "purchasing/plan/board.html"
    return render(http, template, context, status=status)


def _group(group: Any, shows_costs: bool) -> dict[str, Any]:
    return {
        "supplier": group.supplier,
        "count": group.count,
        "total": money(group.total) if shows_costs and group.total and not group.total.is_zero else "",
        "least": money(_least(group)) if shows_costs and group.is_below_least else "",
        "lines": [
            {
                "row": each,
                "line": each.line,
                "reasons": sentences(each.line.explanation, shows_costs=shows_costs),
                "unit": each.line.variant.product.unit,
                "quantity": typed(each.line.quantity),
                "suggested": plain(each.line.suggested_quantity),
                "is_left_out": each.line.decision == "DISMISSED",
                "total": money(each.total) if shows_costs and each.total is not None else "",
                "pack": plain(each.price.pack_quantity)
                if each.price and each.price.pack_quantity != 1
                else "",
                "facts": [
                    (pgettext("quantity", "In stock"), plain(each.on_hand)),
                    (_("Promised"), plain(each.reserved)),
                    (_("On order"), plain(each.on_order)),
                    (_("Will be needed"), plain(each.demand)),
                    (_("Reserve"), plain(each.safety)),
                ],
            }
            for each in group.lines
        ],
    }


def _least(group: Any) -> Any:
    from dianke.core.money import Money

    return Money.from_minor(group.supplier.minimum_order_amount, group.supplier.currency)


@require_http_methods(FORM)
@requires(MAKE)
def plan_new(request: Request) -> HttpResponse:
    """Make a plan; the open one of the store is discarded for it."""
    form = PlanForm(request.POST or None, actor=request.actor, store=chosen_store(request, MAKE))

    def run(data: dict[str, Any]) -> PurchasePlan:
        return operations.make_plan(
            store=data["store"], review_days=data["review_days"], actor=request.actor, now=request.now
        )

    def told(plan: PurchasePlan) -> str:
        count = plan.lines.count()
        if not count:
            return _("Everything lasts: nothing needs to be bought.")
        text = ngettext("%(count)s product to decide on.", "%(count)s products to decide on.", count)
        return text % {"count": count}

    return form_view(
        request,
        form=form,
        run=run,
        title=_("New purchase plan"),
        submit=_("Make the plan"),
        success=told,
        redirect_to=lambda plan: f"{reverse('purchasing:board')}?store={plan.store_id}",
        cancel_url=reverse("purchasing:board"),
        template="purchasing/plan/new.html",
        context={"crumb_list": [Crumb(_("Purchase plan"), reverse("purchasing:board"))]},
    )


@require_POST
@requires(MAKE)
def plan_line(request: Request, pk: int, line_pk: int) -> HttpResponse:
    """Another quantity or supplier of a line, left out, or taken in again; the board comes back as it is then."""
    plan = plan_or_404(request, pk)
    line = plan.lines.filter(pk=line_pk).first()
    if line is None:
        raise operations.PlanLineUnknown
    act = request.POST.get("act", "")
    quantity = quantity_of(request.POST.get("quantity", ""))
    if act == "leave":
        quantity = Decimal(0)
    elif act == "take":
        quantity = line.suggested_quantity
    asked = as_id(request.POST.get("supplier", ""))
    supplier = get_object_or_404(Supplier.objects.visible_to(request.actor), pk=asked) if asked else None
    if supplier is not None and supplier.pk == line.supplier_id:
        supplier = None
    error = ""
    try:
        if quantity is None:
            raise operations.PlanQuantityWrong
        changed = operations.change_plan_line(
            plan=plan,
            line_id=line_pk,
            quantity=quantity,
            supplier=supplier,
            actor=request.actor,
            now=request.now,
        )
    except (InvalidInput, Conflict) as raised:
        error = str(raised)
    if request.headers.get("HX-Request") != "true":
        if error:
            return _render(request, plan, store=plan.store, stores=[], error=error, status=422)
        return done(request, _("Saved."), to=_back(request, plan))
    answer = _render(
        request,
        plan,
        store=plan.store,
        stores=[],
        error=error,
        status=422 if error else 200,
        is_part=True,
    )
    if not error and act != "leave" and changed.quantity != quantity:
        text = _("Rounded up to whole packs: %(quantity)s.") % {"quantity": plain(changed.quantity)}
        return toast(answer, text)
    return answer


def _back(http: Request, plan: PurchasePlan) -> str:
    return f"{reverse('purchasing:board')}?store={plan.store_id}"


@require_POST
@requires(MAKE)
def plan_accept(request: Request, pk: int) -> HttpResponse:
    """One draft per supplier."""
    plan = plan_or_404(request, pk)
    try:
        orders = operations.accept_plan(plan=plan, actor=request.actor, now=request.now)
    except (InvalidInput, Conflict, DiankeError) as error:
        if not isinstance(error, InvalidInput | Conflict):
            raise
        return _render(request, plan, store=plan.store, stores=[], error=str(error), status=422)
    text = ngettext("%(count)s order drafted.", "%(count)s orders drafted.", len(orders))
    to = (
        reverse("purchasing:order", args=[orders[0].pk])
        if len(orders) == 1
        else f"{reverse('purchasing:orders')}?stage=draft&store={plan.store_id}"
    )
    return done(request, text % {"count": len(orders)}, to=to)


@require_POST
@requires(MAKE)
def plan_discard(request: Request, pk: int) -> HttpResponse:
    """Put the plan away."""
    plan = operations.discard_plan(plan=plan_or_404(request, pk), actor=request.actor, now=request.now)
    text = _("Plan %(number)s is discarded.") % {"number": plan.number}
    return done(request, text, to=_back(request, plan))


@require_GET
@requires(VIEW)
def plan_history(request: Request, pk: int) -> HttpResponse:
    """Who decided what on a plan."""
    plan = plan_or_404(request, pk)
    crumbs = [Crumb(_("Purchase plan"), reverse("purchasing:board"))]
    return history_page(request, plan, name=plan.number, crumbs=crumbs)


@require_http_methods(FORM)
@requires(MAKE)
def wishes(request: Request, pk: int) -> HttpResponse:
    """Reserve, most and set supplier of a product in a store; the next plan keeps to them."""
    rows = Variant.objects.visible_to(request.actor).select_related("product")
    variant = get_object_or_404(rows, pk=pk)
    store = chosen_store(request, MAKE)
    if store is None:
        raise Http404
    rule = SupplyRule.objects.filter(variant=variant, store=store).first()
    form = WishesForm(request.POST or None, actor=request.actor, rule=rule)

    def run(data: dict[str, Any]) -> SupplyRule:
        return operations.set_supply_rule(
            variant=variant, store=store, values=data, actor=request.actor, now=request.now
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Supply of %(name)s") % {"name": variant},
        success=_("Saved. The next plan keeps to it."),
        redirect_to=f"{reverse('purchasing:board')}?store={store.pk}",
        cancel_url=reverse("purchasing:board"),
        context={"crumb_list": [Crumb(_("Purchase plan"), reverse("purchasing:board"))]},
    )
