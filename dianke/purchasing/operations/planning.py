"""The purchase plan: made from stock, orders and forecast, decided line by line, accepted into one order per
supplier."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged
from dianke.purchasing.models import PlanLine, PurchaseOrder, PurchasePlan, Supplier
from dianke.purchasing.operations.numbers import PLAN, next_number
from dianke.purchasing.operations.orders import MAKE, OrderItem, draft_order
from dianke.purchasing.queries.demand import forecaster
from dianke.purchasing.queries.offers import offers_for, price_in_force, prices_for
from dianke.purchasing.queries.supply import goods_to_plan, stock_of, wishes_of
from dianke.purchasing.rules.amounts import whole_packs
from dianke.purchasing.rules.forecasting import NOTHING_KNOWN, Demand, Forecaster
from dianke.purchasing.rules.planning import Stock, Suggestion, suggest
from dianke.stores.models import Store

REVIEW_DAYS = 7


class ReviewOutOfRange(InvalidInput):
    code = "review_days_out_of_range"
    message = _("Orders are planned for 1 to 90 days.")
    default_field = "review_days"


class PlanNotOpen(Conflict):
    code = "purchase_plan_not_open"
    message = _("Plan %(number)s is decided already. Make a new one.")


class PlanLineUnknown(NotFound):
    code = "purchase_plan_line_unknown"
    message = _("This line is not part of the plan any more. Load the plan again.")


class PlanEmpty(InvalidInput):
    code = "purchase_plan_empty"
    message = _("No line of the plan has a quantity and a supplier. Decide what to buy first.")


class PlanQuantityWrong(InvalidInput):
    code = "purchase_plan_quantity_wrong"
    message = _("The quantity cannot be below zero.")
    default_field = "quantity"


@operation(MAKE)
def make_plan(
    *,
    store: Store,
    review_days: int = REVIEW_DAYS,
    variant_ids: Collection[int] | None = None,
    actor: Actor,
    now: datetime,
) -> PurchasePlan:
    """Plan what a store buys today so that it lasts until the next order in `review_days` days; of all goods it
    buys, or those named. Lines are kept for what is suggested and for what somebody has to decide. An open plan of
    the store is discarded for the new one.

    Raises `ReviewOutOfRange`.
    """
    actor.require(MAKE, store_id=store.pk)
    if not 1 <= review_days <= 90:
        raise ReviewOutOfRange
    Store.objects.select_for_update(no_key=True).get(pk=store.pk)  # one plan of a store at a time
    day = store.business_date(now)
    PurchasePlan.objects.filter(store=store, state=PurchasePlan.State.OPEN).update(
        state=PurchasePlan.State.DISCARDED, closed_at=now
    )
    ask = forecaster()
    suggestions = _suggestions(store, day, review_days, variant_ids, ask)
    plan = PurchasePlan.objects.create(
        store=store,
        number=next_number(store=store, kind=PLAN, day=day),
        planned_on=day,
        review_days=review_days,
        forecaster=ask.name[:40],
        made_by_id=actor.user_id,
        made_at=now,
    )
    PlanLine.objects.bulk_create(
        [
            _line(plan, variant_id, stock, found)
            for variant_id, (stock, found) in suggestions.items()
            if found.quantity or found.needs_a_decision
        ]
    )
    record(
        "purchasing.plan_made",
        plan,
        actor=actor,
        now=now,
        store_id=store.pk,
        data={"number": plan.number, "looked_at": len(suggestions), "forecast": plan.forecaster},
    )
    return plan


def _suggestions(
    store: Store, day: date, review_days: int, variant_ids: Collection[int] | None, ask: Forecaster
) -> dict[int, tuple[Stock, Suggestion]]:
    """Every variant looked at. A constant number of queries, and one question to the forecast per number of days."""
    goods = goods_to_plan(store=store, day=day, variant_ids=variant_ids)
    stocks = stock_of(list(goods), store=store)
    offers = offers_for(list(goods), store=store, day=day)
    wishes = wishes_of(goods, store=store, review_days=review_days)
    asked: dict[int, Mapping[int, Demand]] = {}

    def over(variant_id: int) -> Callable[[int], Demand]:
        def demand_over(days: int) -> Demand:
            if days not in asked:
                asked[days] = ask.demand(store_id=store.pk, variant_ids=list(goods), first=day, days=days)
            return asked[days].get(variant_id, NOTHING_KNOWN)

        return demand_over

    found = {}
    for pk in goods:
        wish = wishes[pk]
        if wish is not None:
            stock = stocks.get(pk, Stock())
            suggestion = suggest(
                stock=stock, offers=offers.get(pk, []), demand_over=over(pk), wishes=wish, day=day
            )
            found[pk] = (stock, suggestion)
    return found


def _line(plan: PurchasePlan, variant_id: int, stock: Stock, found: Suggestion) -> PlanLine:
    facts = {
        "on_hand": stock.on_hand,
        "reserved": stock.reserved,
        "on_order": stock.on_order,
        "demand": found.demand.quantity,
        "safety": found.safety,
        "target": found.target,
    }
    return PlanLine(
        plan=plan,
        variant_id=variant_id,
        supplier_id=found.offer.supplier_id if found.offer else None,
        supplier_price_id=found.offer.price_id if found.offer else None,
        suggested_quantity=found.quantity,
        quantity=found.quantity,
        explanation=[reason.as_data() for reason in found.reasons],
        facts={name: str(value) for name, value in facts.items()},
        needs_a_decision=found.needs_a_decision,
    )


def _open_plan(plan: PurchasePlan) -> PurchasePlan:
    rows = PurchasePlan.objects.select_for_update(of=("self",), no_key=True).select_related("store")
    found = rows.get(pk=plan.pk)
    if found.state != PurchasePlan.State.OPEN:
        raise PlanNotOpen(number=found.number)
    return found


@operation(MAKE)
def change_plan_line(
    *,
    plan: PurchasePlan,
    line_id: int,
    quantity: Decimal,
    supplier: Supplier | None = None,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> PlanLine:
    """Decide otherwise than suggested: another quantity (0: not bought), another supplier (None: as it stands). The
    quantity is rounded up to whole packs of the supplier.

    Raises `PlanNotOpen`, `PlanLineUnknown`, `PlanQuantityWrong`.
    """
    actor.require(MAKE, store_id=plan.store_id)
    plan = _open_plan(plan)
    line = plan.lines.select_for_update(of=("self",)).select_related("supplier").filter(pk=line_id).first()
    if line is None:
        raise PlanLineUnknown
    if not (quantity.is_finite() and 0 <= quantity < 10**12):
        raise PlanQuantityWrong
    chosen = supplier or line.supplier
    price = None
    if chosen is not None and quantity:
        prices = prices_for([line.variant_id], store=plan.store, day=plan.planned_on, supplier=chosen)
        price = price_in_force(prices, variant_id=line.variant_id, quantity=quantity)
        quantity = whole_packs(quantity, price.pack_quantity) if price else quantity
    decisions = PlanLine.Decision
    same = quantity == line.suggested_quantity and (supplier is None or supplier == line.supplier)
    values = {
        "quantity": quantity,
        "note": note.strip()[:120],
        "decision": decisions.DISMISSED
        if not quantity
        else decisions.SUGGESTED
        if same
        else decisions.CHANGED,
    }
    if quantity:
        values |= {"supplier": chosen, "supplier_price": price}
    changes = apply_changes(line, values)
    if not changes:
        unchanged()
        return line
    record(
        "purchasing.plan_changed",
        plan,
        also=[f"catalog.variant:{line.variant_id}"],
        actor=actor,
        now=now,
        store_id=plan.store_id,
        data={"variant": line.variant_id, "changes": changes},
    )
    return line


@operation(MAKE)
def accept_plan(
    *, plan: PurchasePlan, line_ids: Collection[int] | None = None, actor: Actor, now: datetime
) -> list[PurchaseOrder]:
    """Make the plan (or the lines named) into drafts, one order per supplier. Raises `PlanNotOpen`, `PlanEmpty`,
    and what drafting an order raises (a price or a supplier that is gone meanwhile)."""
    actor.require(MAKE, store_id=plan.store_id)
    plan = _open_plan(plan)
    rows = plan.lines.select_for_update(of=("self",)).filter(quantity__gt=0, supplier__isnull=False)
    if line_ids is not None:
        rows = rows.filter(pk__in=line_ids)
    by_supplier: dict[Supplier, list[PlanLine]] = {}
    for line in rows.select_related("supplier").order_by("supplier_id", "pk"):
        if line.supplier is not None:
            by_supplier.setdefault(line.supplier, []).append(line)
    if not by_supplier:
        raise PlanEmpty
    orders = []
    for supplier, lines in by_supplier.items():
        order = draft_order(
            supplier=supplier,
            store=plan.store,
            items=[OrderItem(line.variant_id, line.quantity, note=line.note) for line in lines],
            plan=plan,
            actor=actor,
            now=now,
        )
        ordered = {row.variant_id: row for row in order.lines.all()}
        for line in lines:
            line.order_line = ordered[line.variant_id]
            line.decision = PlanLine.Decision.ORDERED
        PlanLine.objects.bulk_update(lines, ["order_line", "decision"])
        orders.append(order)
    apply_changes(plan, {"state": PurchasePlan.State.ACCEPTED, "closed_at": now})
    record(
        "purchasing.plan_accepted",
        plan,
        also=orders,
        actor=actor,
        now=now,
        store_id=plan.store_id,
        data={"number": plan.number, "orders": [order.number for order in orders]},
    )
    return orders


@operation(MAKE)
def discard_plan(*, plan: PurchasePlan, actor: Actor, now: datetime) -> PurchasePlan:
    """Put a plan away undecided. Raises `PlanNotOpen`."""
    actor.require(MAKE, store_id=plan.store_id)
    plan = _open_plan(plan)
    apply_changes(plan, {"state": PurchasePlan.State.DISCARDED, "closed_at": now})
    record(
        "purchasing.plan_discarded",
        plan,
        actor=actor,
        now=now,
        store_id=plan.store_id,
        data={"number": plan.number},
    )
    return plan
