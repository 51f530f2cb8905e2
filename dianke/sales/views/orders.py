"""Orders of customers: the list, and the page of one with its stages, lines, money and papers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.sales.models import Delivery, Order, OrderLine, Payment, Refund
from dianke.sales.operations.approving import APPROVE_OPERATION
from dianke.sales.queries import receipts
from dianke.sales.queries.deliveries import of_order, plannable
from dianke.sales.queries.fixed_prices import Keeping, is_one_keeping, keeping_of
from dianke.sales.queries.quotes import valid_until
from dianke.sales.rules.states import may_be_cancelled, may_be_changed, may_be_fulfilled, may_be_paid
from dianke.sales.views.deliveries import TONES as DELIVERY_TONES
from dianke.sales.views.orders_listing import OrderListing
from dianke.sales.views.orders_next import next_of
from dianke.sales.views.orders_rows import (
    APPROVE,
    DELIVER,
    PAYMENT_TONES,
    REFUND,
    REFUND_TONES,
    SELL,
    TONES,
    VIEW,
    counted,
    history_page,
    is_overdue,
    order_crumbs,
    order_or_404,
    shown,
    state_label,
    steps_of,
)
from dianke.sales.views.orders_stages import board_of, stage_steps
from dianke.stores.models import Trade
from dianke.stores.queries import local_date
from dianke.web.components import Fact, Stat
from dianke.web.list_views import list_view
from dianke.work.models import Approval

States = Order.State
order_list = list_view(OrderListing, "sales/orders/list.html")


@require_GET
@requires(VIEW)
def order_page(request: Request, pk: int) -> HttpResponse:
    """An order: how far it is, what was ordered, how its money stands."""
    order = order_or_404(request, pk)
    actor = request.actor
    lines = list(
        order.lines.select_related("variant__product__unit", "piece")
        .prefetch_related("adjustments", "people__user")
        .order_by("position")
    )
    payments = list(order.payments.select_related("tender", "user").order_by("position"))
    refunds = list(order.refunds.select_related("tender__fallback", "user").order_by("pk"))
    changes = list(order.changes.select_related("user").order_by("pk"))
    board = board_of(order, changes)
    waiting = sum(p.amount for p in payments if p.state in (Payment.State.PENDING, Payment.State.UNKNOWN))
    deliveries = list(of_order(order))
    can = _acts(order, lines, actor, waiting, has_stages=bool(board.stages))
    approval = _approval(order) if order.state == States.PLACED else None
    keeping = keeping_of(order, lines) if order.state == States.DRAFT else {}
    context: dict[str, Any] = {
        "order": order,
        "customer": (order.customer.merged_into or order.customer) if order.customer else None,
        "tone": TONES.get(order.state, ""),
        "is_quote": order.state == States.DRAFT,
        "valid_until": valid_until(order) if order.state == States.DRAFT else None,
        "state_label": state_label(order),
        "is_overdue": is_overdue(order, local_date(request.now)),
        "steps": stage_steps(order, board),
        "board": board,
        "stats": _stats(order, waiting),
        "rows": [_row(line, order, keeping) for line in lines],
        "discounts": _discounts(lines, order.currency),
        "listed": shown(order.list_amount, order.currency),
        "total": shown(order.total_amount, order.currency),
        "tax": shown(order.tax_amount, order.currency) if order.tax_amount else "",
        "has_deliveries": any(line.fulfilled_quantity for line in lines),
        "has_returns": any(line.returned_quantity for line in lines),
        "payments": [_payment(each, order.currency) for each in payments],
        "refunds": [_refund(each, order.currency) for each in refunds],
        "instalments": _instalments(order, request.now),
        "returns": list(order.returns.select_related("exchange", "user").order_by("-pk")),
        "exceptions": list(order.exceptions.filter(seen_at=None).order_by("pk")),
        "approval": approval,
        "main": next_of(order, can=can, board=board, approval=approval, deliveries=deliveries),
        "has_prepaid": any(line.is_prepaid for line in lines),
        "facts": _facts(order, lines),
        "can_do": can,
        "receipt_url": ""
        if order.state == States.DRAFT
        else request.build_absolute_uri(reverse("sales:receipt-public", args=[receipts.link_token(order)])),
        "sent_back": _sent_back(order, changes),
        "deliveries": [(each, DELIVERY_TONES[Delivery.State(each.state)]) for each in deliveries],
        "old_gold": [(gold, shown(gold.amount, gold.currency)) for gold in order.old_gold.all()],
        "can_take_old_gold": can["pay"] and order.store.trade == Trade.JEWELRY,
        "prices_kept": _kept(keeping, request.now),
        "crumb_list": order_crumbs(),
    }
    return render(request, "sales/orders/order.html", context)


def _acts(
    order: Order, lines: list[OrderLine], actor: Any, waiting: int, *, has_stages: bool
) -> dict[str, bool]:
    """What may be done with it now, by its state and by who asks."""
    state, at = order.state, order.store_id
    sells = actor.can(SELL, store_id=at)
    refunds = actor.can(REFUND, store_id=at)
    delivers = actor.can(DELIVER, store_id=at)
    approves = actor.can(APPROVE, store_id=at)
    delivered = any(line.fulfilled_quantity for line in lines)
    rest = any(line.open_quantity for line in lines)
    kept = any(line.kept_quantity for line in lines if not line.is_prepaid)
    held = order.position.deposit > 0
    closes = sells and may_be_fulfilled(state) and delivered and not order.position.receivable
    return {
        "submit": sells and state == States.DRAFT,
        "decide": approves and state == States.PLACED,
        "pay": sells and may_be_paid(state) and order.due_amount - waiting > 0,
        "deliver": delivers and may_be_fulfilled(state) and rest,
        "stage": (sells or delivers) and has_stages and order.is_open and state != States.PLACED,
        "lines": sells and may_be_changed(state) and not delivered,
        "draft": sells and state == States.DRAFT,
        "due_date": sells and order.is_open,
        "return": refunds and state != States.CANCELLED and kept,
        "cancel": sells and may_be_cancelled(state) and not delivered and (refunds or not held),
        "close": closes and (refunds or not rest),
        "rest": rest,
        "trip": delivers,
        "plan": delivers and order.customer_id is not None and _is_plannable(order, has_stages=has_stages),
        "print": state != States.DRAFT,
        "refund": refunds,
        "ask": sells,
    }


def _is_plannable(order: Order, *, has_stages: bool) -> bool:
    """Whether something may still be brought, or installed once it is there."""
    if not may_be_fulfilled(order.state) or order.state == States.INSTALLED:
        return False
    if order.state == States.DELIVERED:
        return has_stages and bool(plannable(order, Delivery.Kind.INSTALLATION))
    return bool(plannable(order))


def _kept(keeping: Mapping[int, Keeping], now: datetime) -> dict[str, Any] | None:
    """Of the prices of the day in a quote: until when the first of them is kept, and which are not any more."""
    if not keeping:
        return None
    over = sum(each.until < now for each in keeping.values())
    return {
        "until": min(each.until for each in keeping.values()),
        "is_one": is_one_keeping(keeping),
        "is_over": over == len(keeping),
        "is_partly_over": 0 < over < len(keeping),
    }


def _row(line: OrderLine, order: Order, keeping: Mapping[int, Keeping]) -> dict[str, Any]:
    people = list(line.people.all())
    is_alone = len(people) == 1 and people[0].user_id == order.made_by_id
    return {
        "line": line,
        "keeping": None if is_one_keeping(keeping) else keeping.get(line.pk),
        "url": reverse("catalog:product", args=[line.variant.product_id]) if line.variant else "",
        "code": line.piece.tag if line.piece else (line.variant.code if line.variant else ""),
        "quantity": counted(line.quantity, line),
        "delivered": counted(line.fulfilled_quantity, line) if line.fulfilled_quantity else "",
        "returned": counted(line.returned_quantity, line) if line.returned_quantity else "",
        "price": shown(line.list_price_amount, order.currency),
        "listed": shown(line.list_amount, order.currency) if line.list_amount != line.paid_amount else "",
        "steps": steps_of(line.adjustments.all(), order.currency),
        "total": shown(line.paid_amount, order.currency),
        "people": ""
        if is_alone
        else "、".join(
            each.user.name if len(people) == 1 else f"{each.user.name} {each.share_bp / 100:g}%"
            for each in people
        ),
    }


def _discounts(lines: list[OrderLine], currency: str) -> list[dict[str, str]]:
    """What was taken off the whole order, summed by reason."""
    sums: dict[tuple[str, str, str], tuple[Any, int]] = {}
    for line in lines:
        for step in line.adjustments.all():
            key = (step.stage, step.source, step.reason)
            first, amount = sums.get(key, (step, 0))
            sums[key] = first, amount + step.amount
    texts = steps_of([first for first, _amount in sums.values()], currency)
    amounts = [shown(amount, currency) for _first, amount in sums.values()]
    return [{"text": each["text"], "amount": amount} for each, amount in zip(texts, amounts, strict=True)]


def _stats(order: Order, waiting: int) -> list[Stat]:
    currency = order.currency
    found = [Stat(_("Total"), shown(order.total_amount, currency))]
    if order.state != States.DRAFT or order.paid_amount:
        found += _paid_stats(order, waiting)

    if order.deposit_amount:
        kind = str(order.get_deposit_kind_display())
        missing = order.deposit_amount - order.paid_amount
        note = ""
        if order.is_open:
            note = (
                _("%(amount)s of it not paid") % {"amount": shown(missing, currency)}
                if missing > 0
                else _("paid in full")
            )
        found.append(Stat(kind, shown(order.deposit_amount, currency), note=note))
    if order.returned_amount:
        found.append(Stat(pgettext("of an order", "Taken back"), shown(order.returned_amount, currency)))
    if order.forfeited_amount:
        found.append(Stat(pgettext("of an order", "Deposit kept"), shown(order.forfeited_amount, currency)))
    return found


def _paid_stats(order: Order, waiting: int) -> list[Stat]:
    due = 0 if order.state == States.DRAFT else order.due_amount
    note = _("%(amount)s under way") % {"amount": shown(waiting, order.currency)} if waiting else ""
    return [
        Stat(pgettext("of an order", "Paid"), shown(order.paid_amount, order.currency), note=note),
        Stat(pgettext("of an order", "Still to pay"), shown(due, order.currency)),
    ]


def _payment(row: Payment, currency: str) -> dict[str, Any]:
    return {
        "row": row,
        "tone": PAYMENT_TONES.get(row.state, ""),
        "amount": shown(row.amount, currency),
        "change": shown(row.change_amount, currency) if row.change_amount else "",
        "handed": shown(row.tendered_amount, currency) if row.change_amount else "",
        "is_open": row.state in (Payment.State.PENDING, Payment.State.UNKNOWN),
    }


def _refund(row: Refund, currency: str) -> dict[str, Any]:
    return {
        "row": row,
        "tone": REFUND_TONES.get(row.state, ""),
        "amount": shown(-row.amount, currency),
        "is_open": row.state != Refund.State.DONE,
        "fallback": row.tender.fallback.name if row.tender.fallback else _("Cash"),
    }


def _instalments(order: Order, now: Any) -> list[dict[str, Any]]:
    """What is to be paid by when: what was paid covers the earliest first."""
    paid, today = order.paid_amount, local_date(now)
    found = []
    for row in order.instalments.order_by("position"):
        part = min(paid, row.amount)
        paid -= part
        is_late = part < row.amount and row.due_date < today and order.is_open
        if part == row.amount:
            tone, label = "good", pgettext("instalment", "Paid")
        elif is_late:
            tone, label = "bad", pgettext("instalment", "Overdue")
        else:
            tone, label = "off", pgettext("instalment", "Open")
        found.append(
            {
                "row": row,
                "amount": shown(row.amount, order.currency),
                "missing": shown(row.amount - part, order.currency) if 0 < part < row.amount else "",
                "tone": tone,
                "label": label,
            }
        )
    return found


def _facts(order: Order, lines: list[OrderLine]) -> list[Fact]:
    facts = [
        Fact(_("Store"), order.store.short_name),
        Fact(_("Seller"), order.legal_entity.name),
        Fact(pgettext("till", "Register"), order.register.name if order.register else ""),
        Fact(_("Channel"), order.get_channel_display()),
        Fact(pgettext("of an order", "Sold by"), order.made_by.name if order.made_by else ""),
        Fact(_("Approved by"), order.approved_by.name if order.approved_by else ""),
        Fact(_("Business date"), order.business_date),
        Fact(_("Promised for"), order.due_date),
        Fact(_("Points earned"), plain_points(order.earned_points)),
        Fact(_("Points used"), plain_points(order.used_points)),
        Fact(_("Note"), order.note),
        Fact(_("Why it ended"), order.closed_reason),
    ]
    return [fact for fact in facts if fact.value not in (None, "")]


def plain_points(points: int) -> str:
    return f"{points:,}" if points else ""


def _approval(order: Order) -> Approval | None:
    rows = Approval.objects.filter(
        subject=f"sales.order:{order.pk}",
        operation=APPROVE_OPERATION,
        outcome=Approval.Outcome.PENDING,
    )
    return rows.order_by("-pk").first()


def _sent_back(order: Order, changes: list[Any]) -> str:
    """Why an order that waited is a draft again."""
    if order.state != States.DRAFT or not changes or changes[-1].before != States.PLACED:
        return ""
    return str(changes[-1].data.get("note", "")) or _("The approval was refused or has expired.")


@require_GET
@requires(VIEW)
def order_history(request: Request, pk: int) -> HttpResponse:
    """Who did what to the order."""
    return history_page(request, order_or_404(request, pk))


@require_GET
@requires(VIEW)
def order_receipt(request: Request, pk: int) -> HttpResponse:
    """The receipt as PDF, marked as a copy once it was printed."""
    order = order_or_404(request, pk)
    if order.state == States.DRAFT:
        raise Http404
    language = receipts.language_of_receipts()
    link = request.build_absolute_uri(reverse("sales:receipt-public", args=[receipts.link_token(order)]))
    with override(language):
        receipt = receipts.receipt_of(order, link=link, is_copy=order.prints.exists(), now=request.now)
        paper = receipts.receipt_pdf(receipt, language=language)
    answer = HttpResponse(paper, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{order.number}.pdf"'
    return answer
