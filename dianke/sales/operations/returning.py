"""Taking goods back: one engine for a return, an exchange and taking back all that was delivered. What is done is what
`queries.returning.preview_return` said, worked out once more under the locks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid5

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict
from dianke.events.operations import operation, record, step, unchanged
from dianke.inventory import operations as stock
from dianke.inventory.operations import Back
from dianke.ledger import operations as ledger
from dianke.loyalty.operations.granting import take_back_level
from dianke.loyalty.operations.returning import plan_return as plan_points
from dianke.promotions.operations.giving_back import give_back
from dianke.sales.models import LineIssue, Order, OrderLine, ReturnLine, SaleReturn, Tender
from dianke.sales.operations import books, writing
from dianke.sales.operations.approving import WhyMissing
from dianke.sales.operations.drawers import check_shift
from dianke.sales.operations.locking import locked
from dianke.sales.operations.refunding import REFUND, Drawer, make_refunds
from dianke.sales.operations.selling import place_sale
from dianke.sales.queries.basket import Sale, Tendered, digest_of
from dianke.sales.queries.pricing import price
from dianke.sales.queries.returning import ReturnItem, ReturnPlan, line_key, offers_of, preview_return
from dianke.stores.models import Store
from dianke.wallets.operations.giving_back import give_back as give_sessions_back
from dianke.wallets.operations.giving_back import plan_give_back

RETURNED = "sales.returned"
Kind = SaleReturn.Kind


class ReturnDiffers(Conflict):
    code = "return_differs"
    message = _(
        "Under this identifier another return stands already (%(number)s). A new one needs a new one."
    )
    default_field = "uuid"


class PreviewOvertaken(Conflict):
    code = "return_preview_overtaken"
    message = _("%(refund)s go back now, not %(expected)s. Look at the preview again and confirm.")
    default_field = "expected_refund"


@operation(REFUND)
def return_goods(
    *,
    order: Order,
    uuid: UUID,
    items: Sequence[ReturnItem],
    reason: str,
    exchange: Sale | None = None,
    store: Store | None = None,
    drawer: Drawer | None = None,
    policy: str = "RECOMPUTE",
    points_policy: str = "",
    expected_refund: int | None = None,
    has_receipt: bool = True,
    actor: Actor,
    now: datetime,
) -> SaleReturn:
    """Take goods of an order back: onto the shelf of `store` (that of the order unless named), money by the
    way it came, points, coupons, stored value and sessions as the preview says. With `exchange` the goods
    taken instead are sold in the same transaction; its payments pay only what they cost more, and what they
    cost less is refunded.

    Under a `uuid` that stands the return that stands is answered. `expected_refund` is what the preview showed. Raises
    the errors of the preview, `PreviewOvertaken`, `ReturnDiffers`, `WhyMissing`, those of `place_sale`, `PointsSpent`.
    """
    actor.require(REFUND, store_id=order.store_id)
    if not reason.strip():
        raise WhyMissing
    order = locked(order=order)
    digest = digest_of(
        [
            order.pk,
            sorted((item.line_id, item.quantity, item.is_restocked) for item in items),
            exchange.digest() if exchange else "",
            policy,
            points_policy,
        ]
    )
    standing = SaleReturn.objects.filter(uuid=uuid).first()
    if standing is not None:
        if standing.digest != digest:
            raise ReturnDiffers(number=standing.number)
        unchanged()
        return standing
    if drawer is not None:
        check_shift(shift_id=drawer.shift_id, register=drawer.register)
    list(OrderLine.objects.filter(order=order).select_for_update().order_by("pk"))
    found = preview_return(order, items, policy=policy, points_policy=points_policy, now=now)
    if expected_refund not in (None, found.refund):
        raise PreviewOvertaken(
            refund=f"{found.refund / 100:,.2f}", expected=f"{(expected_refund or 0) / 100:,.2f}"
        )
    at = store or order.store
    business_date = at.business_date(now)
    reference = f"{order.key}/return:{uuid}"
    costs = _shelve(order, found, at, reference, business_date, actor, now)
    instead, exchanged = _exchange(exchange, found.refund, uuid, order, actor, now)
    sale_return = _written(
        order,
        uuid,
        digest,
        found,
        costs,
        instead,
        exchanged,
        reason,
        at,
        has_receipt,
        business_date,
        actor,
        now,
    )
    money = make_refunds(
        order=order,
        parts=found.parts,
        exchange_amount=exchanged,
        sale_return=sale_return,
        reference=reference,
        drawer=drawer or Drawer(),
        business_date=business_date,
        actor=actor,
        now=now,
    )
    _post(order, found, money, reference, business_date, points_policy, actor, now)
    _sessions_back(order, found, reference, business_date, actor, now)
    _levels_back(order, found, actor, now)
    give_back(reference=order.revision_key, own_reference=reference, actor=actor, now=now, **offers_of(found))
    _lines_back(found)
    order.returned_amount += found.worth
    order.save(update_fields=["earned_amount", "paid_amount", "forfeited_amount", "returned_amount"])
    record(
        "sales.order_returned",
        order,
        also=[sale_return, *([order.customer] if order.customer else [])],
        actor=actor,
        now=now,
        store_id=at.pk,
        data={
            "number": sale_return.number,
            "order": order.number,
            "refund": str(found.refund - exchanged),
            "exchanged": str(exchanged),
        },
    )
    return sale_return


@step
def _shelve(
    order: Order,
    found: ReturnPlan,
    store: Store,
    reference: str,
    business_date: date,
    actor: Actor,
    now: datetime,
) -> Mapping[int, Decimal]:
    """Goods onto the shelf; what they are worth there, by movement they left by (yuan)."""
    backs = [each for back in found.lines for each in back.backs]
    if not backs:
        return {}
    posted = stock.return_of_sale(
        store=store,
        goods=[Back(movement_id, quantity) for movement_id, _issue, quantity in backs],
        reference=reference,
        occurred_at=now,
        business_date=business_date,
        actor=actor,
        now=now,
    )
    issues = {
        issue.pk: issue for issue in LineIssue.objects.filter(pk__in=[issue_id for _m, issue_id, _q in backs])
    }
    for _movement, issue_id, quantity in backs:
        issues[issue_id].returned_quantity += quantity
    LineIssue.objects.bulk_update(issues.values(), ["returned_quantity"])
    movements = [movement_id for movement_id, _issue, _quantity in backs]
    return dict(zip(movements, posted.values, strict=True))


@step
def _exchange(
    exchange: Sale | None, refund: int, uuid: UUID, order: Order, actor: Actor, now: datetime
) -> tuple[Order | None, int]:
    """The goods taken instead, sold, and how much of the refund paid for them: no more than they cost."""
    if exchange is None:
        return None, 0
    buying = replace(exchange, customer=exchange.customer or order.customer)
    day = exchange.store.business_date(now)
    total = price(sale=buying, business_date=day, at=now).paid_amount
    amount = min(refund, total)
    given = buying.payments
    if amount:
        given = (Tendered(uuid5(uuid, "exchange"), "EXCHANGE", amount), *given)
    sold = place_sale(sale=replace(buying, payments=given, exchanged_amount=amount), actor=actor, now=now)
    return sold, amount


@step
def _written(
    order: Order,
    uuid: UUID,
    digest: str,
    found: ReturnPlan,
    costs: Mapping[int, Decimal],
    instead: Order | None,
    exchanged: int,
    reason: str,
    store: Store,
    has_receipt: bool,
    business_date: date,
    actor: Actor,
    now: datetime,
) -> SaleReturn:
    points = found.points
    kind = Kind.RETURN if has_receipt else Kind.NO_RECEIPT
    row = SaleReturn.objects.create(
        uuid=uuid,
        digest=digest,
        number=writing.next_number(
            kind=writing.RETURN, store_code=store.code, store_id=store.pk, day=business_date
        ),
        kind=Kind.EXCHANGE if instead else kind,
        order=order,
        exchange=instead,
        store=store,
        goods_amount=found.worth + found.withheld,
        tax_amount=found.tax,
        withheld_amount=found.withheld,
        kept_points_amount=found.deducted,
        refund_amount=found.refund,
        exchange_amount=exchanged,
        clawed_points=points.clawed_back if points else 0,
        given_points=points.given_back if points else 0,
        effects=dict(found.effects),
        reason=reason.strip()[:200],
        business_date=business_date,
        occurred_at=now,
        user_id=actor.user_id,
    )
    ReturnLine.objects.bulk_create(
        [
            ReturnLine(
                sale_return=row,
                line=back.line,
                quantity=back.quantity,
                amount=back.amount,
                tax_amount=back.tax,
                is_restocked=bool(back.backs),
                cost=sum(
                    (costs.get(movement_id, Decimal(0)) for movement_id, _i, _q in back.backs), Decimal(0)
                ),
            )
            for back in found.lines
        ]
    )
    return row


@step
def _post(
    order: Order,
    found: ReturnPlan,
    money: Sequence[tuple[Tender, int | None, int]],
    reference: str,
    business_date: date,
    points_policy: str,
    actor: Actor,
    now: datetime,
) -> None:
    points = plan_points(
        reference_of_sale=order.key,
        reference=reference,
        left={back.line.key: found.left[back.line.key] for back in found.lines},
        business_date=business_date,
        redeemed_share=found.redeemed_share,
        policy=points_policy,
        actor=actor,
        now=now,
    )
    for reversal in points.reversals:
        ledger.reverse_part(
            transaction=reversal.transaction_id,
            share=reversal.share,
            reference=reversal.reference,
            kind=reversal.kind,
            grace_days=reversal.grace_days,
            business_date=business_date,
            actor=actor,
            now=now,
        )
    books.post(
        order=order,
        moved=books.Moved(worth=-found.worth, tax=-found.tax, money=money, forfeited=found.deducted),
        kind=RETURNED,
        reference=f"{reference}/money",
        business_date=business_date,
        more=points.drafts,
        actor=actor,
        now=now,
    )


@step
def _sessions_back(
    order: Order, found: ReturnPlan, reference: str, business_date: date, actor: Actor, now: datetime
) -> None:
    for back in found.lines:
        if back.session_share is None:
            continue
        plan = plan_give_back(
            reference_of_sale=line_key(order, back.line),
            share=back.session_share,
            reference=f"{reference}/line:{back.line.position}",
            of=("sessions",),
            business_date=business_date,
            actor=actor,
            now=now,
        )
        give_sessions_back(plan=plan, actor=actor, now=now)


@step
def _levels_back(order: Order, found: ReturnPlan, actor: Actor, now: datetime) -> None:
    for back in found.lines:
        if back.line.kind == OrderLine.Kind.LEVEL and back.quantity:
            take_back_level(
                reference=line_key(order, back.line), sale_reference=order.key, actor=actor, now=now
            )


@step
def _lines_back(found: ReturnPlan) -> None:
    for back in found.lines:
        line = back.line
        line.returned_quantity += back.quantity
        line.returned_amount += back.amount
        line.returned_tax_amount += back.tax
    OrderLine.objects.bulk_update(
        [back.line for back in found.lines], ["returned_quantity", "returned_amount", "returned_tax_amount"]
    )
