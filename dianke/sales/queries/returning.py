"""What taking goods back will do, worked out before anything is written: goods, money by tender, points,
coupons, stored value, sessions and paid levels. `operations.return_goods` carries out exactly this plan
(docs/algorithms/reversal.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import Conflict, InvalidInput
from dianke.loyalty.queries.paid_levels import preview_level_back
from dianke.loyalty.queries.returning import ReturnPreview
from dianke.loyalty.queries.returning import preview_return as preview_points
from dianke.promotions.queries.giving_back import preview_give_back as preview_offers
from dianke.sales.models import LineIssue, Order, OrderLine, Payment
from dianke.sales.queries.refunds import sources_of
from dianke.sales.rules.positions import part_of
from dianke.sales.rules.pricing import read_cart
from dianke.sales.rules.pricing.returning import Policy, Recorded, Returned, Sold, give_back
from dianke.sales.rules.refunds import Part, plan
from dianke.wallets.queries.giving_back import preview_give_back as preview_wallets

FOUR = Decimal("0.0001")


class NothingReturned(InvalidInput):
    code = "return_nothing"
    message = _("Choose what comes back.")
    default_field = "items"


class ReturnTooMuch(InvalidInput):
    code = "return_too_much"
    message = _("Of “%(name)s” the customer has %(kept)s. Lower the quantity.")
    default_field = "items"


class PrepaidNotReturned(Conflict):
    code = "return_of_prepaid"
    message = _("“%(name)s” is prepaid value. Refund it in the customer's stored value and cards.")
    default_field = "items"


@dataclass(frozen=True, slots=True)
class ReturnItem:
    """So much of a line comes back; `is_restocked` False: it is not fit for the shelf and stays out of stock."""

    line_id: int
    quantity: Decimal
    is_restocked: bool = True


@dataclass(frozen=True, slots=True)
class LineBack:
    """`amount` and the `tax` inside go back; a quantity of 0 settles an earlier return that was cut short. `backs`:
    (movement, issue, quantity) that come back onto the shelf."""

    line: OrderLine
    quantity: Decimal
    amount: int
    tax: int
    backs: tuple[tuple[int, int, Decimal], ...] = ()
    session_share: Fraction | None = None


@dataclass(frozen=True, slots=True)
class ReturnPlan:
    """Minor units. `worth` is what is no longer earned, `withheld` what of the goods' price is kept because
    what stays loses an offer, `deducted` what is kept for points already spent; `refund` is what goes back by
    `parts`, `settled` what only lowers what the customer owes."""

    lines: tuple[LineBack, ...]
    worth: int
    tax: int
    withheld: int
    deducted: int
    refund: int
    settled: int
    parts: tuple[Part, ...]
    left: Mapping[str, int]
    redeemed_share: Fraction
    is_everything: bool
    promotion_amounts: Mapping[int, int]
    points: ReturnPreview | None
    effects: Mapping[str, Any] = field(default_factory=dict)


def preview_return(
    order: Order,
    items: Sequence[ReturnItem],
    *,
    policy: str = "RECOMPUTE",
    points_policy: str = "",
    now: datetime,
) -> ReturnPlan:
    """The plan of a return: everything it will do, with the numbers `return_goods` will use. Writes nothing.

    `policy`: RECOMPUTE (what stays is priced anew, nobody keeps three for two) or PRO_RATA; `points_policy` another way
    with spent points than the programme's. Raises `NothingReturned`, `ReturnTooMuch`, `PrepaidNotReturned`,
    `LevelUsed`, `LevelFollowed`.
    """
    lines = {
        line.pk: line
        for line in order.lines.select_related("variant__product__unit")
        .prefetch_related("adjustments")
        .order_by("pk")
    }
    wanted = _checked(items, lines)
    backs = _money(order, lines, wanted, policy)
    issues: dict[int, list[LineIssue]] = {}
    left_shelf = LineIssue.objects.filter(line__in=[back.line.pk for back in backs], is_consumed=False)
    for issue in left_shelf.order_by("pk"):
        issues.setdefault(issue.line_id, []).append(issue)
    chosen = tuple(
        LineBack(
            back.line,
            back.quantity,
            back.amount,
            back.tax,
            _onto_shelf(back, issues.get(back.line.pk, ()), wanted),
            _session_share(back),
        )
        for back in backs
    )
    worth, tax = sum(back.amount for back in chosen), sum(back.tax for back in chosen)
    gone = {back.line.pk: back for back in chosen}
    left = {
        line.key: part_of(line.paid_amount, line.fulfilled_quantity, line.quantity)
        - line.returned_amount
        - (gone[pk].amount if pk in gone else 0)
        for pk, line in lines.items()
    }
    is_everything = not order.is_open and all(
        line.kept_quantity == (gone[pk].quantity if pk in gone else 0)
        for pk, line in lines.items()
        if not line.is_prepaid
    )
    redeemed_share = _points_share(order, lines, gone, is_everything)
    points = preview_points(
        reference_of_sale=order.key,
        left={back.line.key: left[back.line.key] for back in chosen},
        now=now,
        redeemed_share=redeemed_share,
        policy=points_policy,
    )
    deducted = min(points.deducted_amount if points else 0, worth)
    then = order.position.after(earned=-worth, forfeited=deducted)
    refund = max(0, min(worth - deducted, then.deposit))
    sources = sources_of(order, today=order.store.business_date(now))
    parts = tuple(plan(refund, sources))
    amounts = _offers_back(lines, gone)
    found = ReturnPlan(
        lines=chosen,
        worth=worth,
        tax=tax,
        withheld=_withheld(chosen),
        deducted=deducted,
        refund=sum(part.amount for part in parts),
        settled=worth - deducted - refund,
        parts=parts,
        left=left,
        redeemed_share=redeemed_share,
        is_everything=is_everything,
        promotion_amounts=amounts,
        points=points,
    )
    return _with_effects(order, found, now)


def worth_of(order: Order, items: Sequence[ReturnItem]) -> int:
    """What was paid for these goods, by quantity: what a limit for returns is compared with."""
    lines = {line.pk: line for line in order.lines.all()}
    return sum(_by_quantity(lines[pk], item.quantity).amount for pk, item in _checked(items, lines).items())


# --- what comes back ------------------------------------------------------------------------------------------
def _checked(items: Sequence[ReturnItem], lines: Mapping[int, OrderLine]) -> dict[int, ReturnItem]:
    wanted: dict[int, ReturnItem] = {}
    for item in items:
        line = lines.get(item.line_id)
        if line is None or item.line_id in wanted:
            raise NothingReturned
        if line.is_prepaid:
            raise PrepaidNotReturned(name=line.name)
        if not 0 < item.quantity <= line.kept_quantity:
            raise ReturnTooMuch(name=line.name, kept=f"{line.kept_quantity.normalize():f}")
        wanted[item.line_id] = item
    if not wanted:
        raise NothingReturned
    return wanted


def _money(
    order: Order, lines: Mapping[int, OrderLine], wanted: Mapping[int, ReturnItem], policy: str
) -> list[LineBack]:
    """What each line gives back: by the engine where offers counted, else its share by quantity."""
    by_key = {line.key: line for line in lines.values()}
    if not order.cart:
        return [_by_quantity(lines[pk], item.quantity) for pk, item in wanted.items()]
    cart = read_cart(order.cart)
    in_cart = {line.key for line in cart.lines}
    before = {
        key: Returned(line.returned_quantity, line.returned_amount)
        for key, line in by_key.items()
        if key in in_cart and (line.returned_quantity or line.returned_amount)
    }
    now = {lines[pk].key: item.quantity for pk, item in wanted.items() if lines[pk].key in in_cart}
    others = [
        _by_quantity(lines[pk], item.quantity) for pk, item in wanted.items() if lines[pk].key not in in_cart
    ]
    records = {
        key: Recorded(line.paid_amount, [(a.stage, a.source, a.amount) for a in line.adjustments.all()])
        for key, line in by_key.items()
    }
    back = give_back(sold=Sold.recorded(cart, records), before=before, now=now, policy=Policy(policy))
    found = [LineBack(by_key[b.key], b.quantity, b.amount, b.tax_amount) for b in back.lines]
    return [*found, *others]


def _by_quantity(line: OrderLine, quantity: Decimal) -> LineBack:
    done = line.returned_quantity + quantity
    amount = max(part_of(line.paid_amount, done, line.quantity) - line.returned_amount, 0)
    tax = max(part_of(line.tax_amount, done, line.quantity) - line.returned_tax_amount, 0)
    return LineBack(line, quantity, amount, min(tax, amount))


def _withheld(backs: Sequence[LineBack]) -> int:
    """What the goods cost by quantity, less what is given for them now."""
    return sum(
        max(_by_quantity(back.line, back.quantity).amount - back.amount, 0) for back in backs if back.quantity
    )


def _onto_shelf(
    back: LineBack, issues: Sequence[LineIssue], wanted: Mapping[int, ReturnItem]
) -> tuple[tuple[int, int, Decimal], ...]:
    item = wanted.get(back.line.pk)
    if item is None or not item.is_restocked or not back.quantity:
        return ()
    is_last = back.quantity == back.line.kept_quantity
    found = []
    for variant_id in {issue.variant_id: None for issue in issues}:
        own = [issue for issue in issues if issue.variant_id == variant_id]
        whole = sum((issue.quantity for issue in own), Decimal(0))
        share = whole * back.quantity / back.line.fulfilled_quantity
        rest = sum((issue.quantity - issue.returned_quantity for issue in own), Decimal(0))
        quantity = rest if is_last else min(share.quantize(FOUR, ROUND_DOWN), rest)
        for issue in reversed(own):
            part = min(issue.quantity - issue.returned_quantity, quantity)
            if part > 0:
                found.append((issue.movement_id, issue.pk, part))
                quantity -= part
    return tuple(found)


def _session_share(back: LineBack) -> Fraction | None:
    """Which part of the sessions of a line is given back by now."""
    if "session_card_id" not in back.line.data or not back.quantity:
        return None
    return Fraction(back.line.returned_quantity + back.quantity) / Fraction(back.line.quantity)


# --- what other rooms give back -------------------------------------------------------------------------------
def _points_share(
    order: Order, lines: Mapping[int, OrderLine], gone: Mapping[int, LineBack], is_everything: bool
) -> Fraction:
    """Which part of the points used is given back by now: that of the goods, by their price before points."""
    if is_everything:
        return Fraction(1)
    whole = sum(line.list_amount for line in lines.values() if not line.is_prepaid)
    back = sum(
        part_of(
            line.list_amount,
            line.returned_quantity + (gone[pk].quantity if pk in gone else 0),
            line.quantity,
        )
        for pk, line in lines.items()
        if not line.is_prepaid
    )
    return Fraction(back, whole) if whole else Fraction(0)


def _offers_back(lines: Mapping[int, OrderLine], gone: Mapping[int, LineBack]) -> dict[int, int]:
    """What of each promotion comes back to its budget: the returned share of what it took off."""
    amounts: dict[int, int] = {}
    rows = (
        (line, adjustment)
        for line in lines.values()
        if line.pk in gone
        for adjustment in line.adjustments.all()
        if adjustment.source.startswith("promotion:")
    )
    for line, adjustment in rows:
        before, now = line.returned_quantity, gone[line.pk].quantity
        step = part_of(-adjustment.amount, before + now, line.quantity) - part_of(
            -adjustment.amount, before, line.quantity
        )
        pk = int(adjustment.source.partition(":")[2])
        amounts[pk] = amounts.get(pk, 0) + step
    return {pk: amount for pk, amount in amounts.items() if amount > 0}


def offers_of(found: ReturnPlan) -> dict[str, Any]:
    """The arguments for giving coupons and budgets back: everything with the last of the goods, else no coupon and the
    share of the promotions."""
    if found.is_everything:
        return {"coupon_ids": None, "promotion_amounts": None}
    return {"coupon_ids": (), "promotion_amounts": found.promotion_amounts}


def wallet_shares(order: Order, parts: Sequence[Part]) -> list[tuple[str, Fraction]]:
    """Reference of a payment by stored value and which part of it is given back by now."""
    found = []
    amounts = {part.payment_id: part.amount for part in parts if part.tender_code == "WALLET"}
    for payment in Payment.objects.filter(pk__in=amounts).order_by("pk"):
        back = payment.refunded_amount + amounts[payment.pk]
        found.append((payment.data["key"], Fraction(back, payment.amount)))
    return found


def line_key(order: Order, line: OrderLine) -> str:
    """How other rooms know what they gave for a line."""
    return f"{order.key}/line:{line.position}"


def _with_effects(order: Order, found: ReturnPlan, now: datetime) -> ReturnPlan:
    """The same in plain data: shown before, kept after."""
    offers = preview_offers(reference=order.revision_key, now=now, **offers_of(found))
    wallet = [
        part
        for reference, share in wallet_shares(order, found.parts)
        for part in preview_wallets(reference_of_sale=reference, share=share)
    ]
    sessions = [
        part
        for back in found.lines
        if back.session_share is not None
        for part in preview_wallets(
            reference_of_sale=line_key(order, back.line),
            share=back.session_share,
            of=("sessions",),
        )
    ]
    levels = [
        back
        for each in found.lines
        if each.line.kind == OrderLine.Kind.LEVEL
        and (
            back := preview_level_back(
                reference=line_key(order, each.line), sale_reference=order.key, now=now
            )
        )
    ]
    points = found.points
    effects: dict[str, Any] = {
        "goods": [
            {
                "line_id": back.line.pk,
                "key": back.line.key,
                "name": back.line.name,
                "quantity": f"{back.quantity.normalize():f}",
                "unit": str(back.line.variant.product.unit) if back.line.variant else "",
                "amount": back.amount,
                "tax_amount": back.tax,
                "restocked": [
                    {"movement_id": movement, "quantity": f"{part.normalize():f}"}
                    for movement, _issue, part in back.backs
                ],
            }
            for back in found.lines
        ],
        "money": [
            {
                "payment_id": part.payment_id,
                "tender": part.tender_code,
                "paid_by": part.primary_code,
                "amount": part.amount,
            }
            for part in found.parts
        ],
        "withheld_amount": found.withheld,
        "deducted_amount": found.deducted,
        "settled_amount": found.settled,
        "points_taken_back": points.clawed_back if points else 0,
        "points_given_back": points.given_back if points else 0,
        "points_owed": points.owed if points else 0,
        "spend_taken_back": points.spend_back if points else 0,
        "level_before": points.tier_before if points else "",
        "level_after": (points.tier_after or points.tier_before) if points else "",
        "coupons": [
            {
                "id": back.id,
                "name": back.name,
                "expires_at": back.expires_at.isoformat() if back.expires_at else None,
                "is_expired": back.is_expired,
            }
            for back in offers
            if back.what == "coupon"
        ],
        "promotions": [
            {"id": back.id, "name": back.name, "amount": back.amount}
            for back in offers
            if back.what == "promotion"
        ],
        "wallet": [
            {
                "principal_amount": part.principal_amount,
                "bonus_amount": part.bonus_amount,
                "promotional_amount": part.promotional_amount,
            }
            for part in wallet
        ],
        "levels": [
            {
                "name": back.name,
                "from": back.from_date.isoformat(),
                "to": back.to_date.isoformat() if back.to_date else "",
                "after": back.level_after,
            }
            for back in levels
        ],
        "sessions": [{"count": p.session_count, "value_amount": p.session_value_amount} for p in sessions],
    }
    return replace(found, effects=effects)
