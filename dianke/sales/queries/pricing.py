"""What a basket costs: prices of the catalogue, offers of the moment, the customer's level, coupons and
points, brought to the one engine (rules/pricing). The till's preview, the quote, the order and the sale all
ask here, so what is shown is what is paid.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Piece
from dianke.core.errors import InvalidInput
from dianke.loyalty.queries.standing import Standing, standing_of
from dianke.promotions.queries.held import coupons_by_id
from dianke.promotions.queries.running import running
from dianke.promotions.queries.segments import segments_holding
from dianke.promotions.rules.terms import CouponTerms, Promotion
from dianke.sales.models import OrderLine
from dianke.sales.queries.basket import Item, Sale
from dianke.sales.queries.costed import Costed, costed
from dianke.sales.queries.fixed_prices import FixedPrice, KeptPrices
from dianke.sales.queries.goods import Known, known
from dianke.sales.queries.listed import line_amount, list_prices
from dianke.sales.queries.occasions import occasions_of
from dianke.sales.rules.pricing import cart_as_dict, price_cart
from dianke.sales.rules.pricing.cart import (
    Cart,
    CartCoupon,
    CartLine,
    LineKind,
    Manual,
    Points,
    Rounding,
    RoundingWay,
    TierTerms,
)
from dianke.sales.rules.pricing.priced import Priced, Stage

Kind = OrderLine.Kind
#: How an order may be rounded: code -> (unit in fen, way).
ROUNDINGS: Mapping[str, tuple[int, RoundingWay]] = {
    "JIAO": (10, RoundingWay.DOWN),
    "YUAN": (100, RoundingWay.DOWN),
    "NEAREST_JIAO": (10, RoundingWay.HALF_UP),
    "NEAREST_YUAN": (100, RoundingWay.HALF_UP),
}
MOST_LINES = 500
LARGEST_QUANTITY = Decimal(10**9)


class BasketEmpty(InvalidInput):
    code = "sale_empty"
    message = _("There is nothing to be sold. Add at least one line.")
    default_field = "items"


class BasketTooLong(InvalidInput):
    code = "sale_too_long"
    message = _("One order has %(most)s lines at most. Make two of it.")
    default_field = "items"


class LineKeyTwice(InvalidInput):
    code = "sale_line_twice"
    message = _("Two lines have the key “%(key)s”. Give each line a key of its own.")
    default_field = "items"


class NotForSale(InvalidInput):
    code = "not_for_sale"
    message = _("“%(name)s” is not sold. Take it out, or put it on offer in the catalogue first.")
    default_field = "items"


class LineWrong(InvalidInput):
    code = "sale_line_wrong"
    message = _(
        "Line “%(key)s”: the quantity must be more than zero and fit its unit, and amounts below zero are none."
    )
    default_field = "items"


class CouponNotUsable(InvalidInput):
    code = "sale_coupon_not_usable"
    message = _("Coupon %(code)s cannot be used here: %(why)s")
    default_field = "coupon_ids"


class PointsTooMany(InvalidInput):
    code = "sale_points_too_many"
    message = _("%(possible)s points at most can be used here. Lower the number.")
    default_field = "points"


@dataclass(frozen=True, slots=True)
class Basket:
    """A priced basket. `engine` is the whole answer of the engine (advice, what was passed over). `fixed`: the price of
    the day of its pieces, by their id."""

    lines: tuple[Costed, ...]
    known: Known
    standing: Standing | None
    engine: Priced | None
    cart: Cart | None = None
    pieces: Mapping[int, Piece] = field(default_factory=dict)
    fixed: Mapping[int, FixedPrice] = field(default_factory=dict)

    @property
    def list_amount(self) -> int:
        return sum(line.list_amount for line in self.lines)

    @property
    def paid_amount(self) -> int:
        return sum(line.paid_amount for line in self.lines)

    @property
    def tax_amount(self) -> int:
        return sum(line.tax_amount for line in self.lines)

    @property
    def manual_amount(self) -> int:
        """What was taken off by hand."""
        return -sum(a.amount for line in self.lines for a in line.adjustments if a.stage == Stage.MANUAL)

    def kept_cart(self) -> dict[str, object]:
        """What an order keeps of its pricing: the cart with the offers that counted, where one did and the price is the
        engine's. Empty: returns give every line its share by quantity."""
        steps = [step for line in self.lines for step in line.adjustments]
        offers = {step.source for step in steps if step.source.startswith(("promotion:", "coupon:"))}
        if self.cart is None or not offers or any(step.source == "client" for step in steps):
            return {}
        return cart_as_dict(
            replace(
                self.cart,
                promotions=tuple(each for each in self.cart.promotions if each.source in offers),
                coupons=tuple(each for each in self.cart.coupons if each.source in offers),
            )
        )

    @property
    def points_used(self) -> int:
        return self.engine.points_used if self.engine else 0


def price(
    *,
    sale: Sale,
    business_date: date,
    at: datetime,
    tender_codes: Collection[str] = (),
    kept: KeptPrices | None = None,
) -> Basket:
    """Price a basket. The number of statements does not depend on the number of lines. `kept`: prices of the day that
    were promised and still hold. Raises `BasketEmpty`, `BasketTooLong`, `LineKeyTwice`, `LineWrong`, `NotForSale`,
    `WithoutPrice`, `CouponNotUsable`, `PointsTooMany`."""
    items = _checked(sale.items)
    found = known(
        variant_ids=[item.variant_id for item in items if item.variant_id],
        customer=sale.customer,
        tender_codes=tender_codes,
        business_date=business_date,
    )
    _check_goods(items, found, is_lenient=sale.is_offline)
    standing = standing_of(found.customer_ids, at=at, with_progress=False) if found.customer_ids else None
    pieces = _pieces(items)
    listed, fixed = list_prices(sale, items, found, standing, pieces, at, kept or {})
    in_cart = [item for item in items if _is_in_cart(item)]
    engine = cart = None
    if in_cart:
        cart = _cart(sale, in_cart, found, standing, listed, pieces, at)
        engine = price_cart(cart)
        if sale.points > engine.points_possible and not sale.is_offline:
            raise PointsTooMany(possible=engine.points_possible)
    priced = {line.key: line for line in engine.lines} if engine else {}
    lines = tuple(costed(item, found, listed, priced.get(item.key)) for item in items)
    return Basket(lines, found, standing, engine, cart, pieces, fixed)


# --- what is asked --------------------------------------------------------------------------------------------
def _checked(items: Sequence[Item]) -> Sequence[Item]:
    if not items:
        raise BasketEmpty
    if len(items) > MOST_LINES:
        raise BasketTooLong(most=MOST_LINES)
    keys: set[str] = set()
    for item in items:
        if item.key in keys:
            raise LineKeyTwice(key=item.key)
        keys.add(item.key)
        amounts = (item.amount, item.unit_amount, item.discount_amount, item.sold_amount)
        fits = item.quantity.is_finite() and 0 < item.quantity < LARGEST_QUANTITY
        if not fits or any(amount is not None and not 0 <= amount < 10**14 for amount in amounts):
            raise LineWrong(key=item.key)
        if item.variant_id is None and (
            item.amount is None or item.kind not in (Kind.FEE, *OrderLine.OF_CUSTOMER)
        ):
            raise LineWrong(key=item.key)
        if item.kind == Kind.LEVEL and item.quantity != 1:
            raise LineWrong(key=item.key)
    return items


def _check_goods(items: Sequence[Item], found: Known, *, is_lenient: bool) -> None:
    for item in items:
        if item.variant_id is None:
            continue
        goods = found.goods.get(item.variant_id)
        if goods is None or not (goods.may_be_sold or is_lenient):
            raise NotForSale(name=goods.name if goods else item.name or item.key)
        if item.quantity != round(item.quantity, min(goods.digits, 4)):
            raise LineWrong(key=item.key)


def _is_in_cart(item: Item) -> bool:
    """Whether offers look at it: prepaid value and what sessions pay are no goods to be made cheaper."""
    return item.session_card_id is None and (item.variant_id is not None or item.kind == Kind.FEE)


def _pieces(items: Sequence[Item]) -> dict[int, Piece]:
    ids = [item.piece_id for item in items if item.piece_id]
    return Piece.objects.in_bulk(ids) if ids else {}


# --- the cart -------------------------------------------------------------------------------------------------
def _cart(
    sale: Sale,
    items: Sequence[Item],
    found: Known,
    standing: Standing | None,
    listed: Mapping[str, tuple[int, int | None]],
    pieces: Mapping[int, Piece],
    at: datetime,
) -> Cart:
    local = at.astimezone(ZoneInfo(sale.store.time_zone))
    offers = running(store_id=sale.store.pk, channel=sale.channel, at=at, customer_ids=found.customer_ids)
    coupons = _coupons(sale, found, at)
    audiences = [*(offer.audience for offer in offers), *(coupon.terms.audience for coupon in coupons)]
    occasions = occasions_of(found.customer_ids, audiences, day=local.date(), order_uuid=sale.uuid)
    return Cart(
        currency=sale.store.currency,
        at=local,
        store_id=sale.store.pk,
        channel=sale.channel,
        is_member=bool(standing and standing.programme_id is not None),
        tier=standing.tier_code if standing else "",
        is_birthday_month=occasions.is_birthday_month,
        is_first_purchase=occasions.is_first_purchase,
        segments=segments_holding(
            found.customer_ids, asked_segments([*offers, *(coupon.terms for coupon in coupons)])
        ),
        lines=tuple(_cart_line(item, found, listed[item.key], pieces) for item in items),
        promotions=tuple(offers),
        coupons=coupons,
        tier_terms=_tier(standing),
        points=_points(sale, standing),
        manual=tuple(_manual(items, listed, sale.store.currency)),
        rounding=Rounding(*ROUNDINGS[sale.rounding]) if sale.rounding in ROUNDINGS else None,
    )


def asked_segments(offers: Iterable[Promotion | CouponTerms]) -> frozenset[int]:
    """The segments that some offer asks for."""
    return frozenset().union(*(offer.audience.segment_ids for offer in offers))


def _cart_line(
    item: Item, found: Known, price: tuple[int, int | None], pieces: Mapping[int, Piece]
) -> CartLine:
    goods = found.goods.get(item.variant_id or 0)
    unit, member = price
    if goods is None:
        kind = LineKind.DELIVERY if item.data.get("fee") == "DELIVERY" else LineKind.SERVICE_CHARGE
        return CartLine(item.key, 0, 0, item.quantity, unit, tax_rate_bp=item.tax_rate_bp, kind=kind)
    piece = pieces.get(item.piece_id or 0)
    return CartLine(
        key=item.key,
        variant_id=goods.variant_id,
        product_id=goods.product_id,
        quantity=item.quantity,
        unit_amount=unit,
        category_ids=goods.category_ids,
        brand_id=goods.brand_id,
        member_unit_amount=member,
        is_price_protected=bool(piece and piece.is_priced_by_day),
        tax_rate_bp=goods.tax_rate_bp,
        gift_of=str(item.data.get("gift_of", "")),
    )


def _coupons(sale: Sale, found: Known, at: datetime) -> tuple[CartCoupon, ...]:
    if not sale.coupon_ids:
        return ()
    held = {
        coupon.id: coupon
        for coupon in coupons_by_id(
            sale.coupon_ids, at=at, store_id=sale.store.pk, customer_ids=found.customer_ids
        )
    }
    chosen = []
    for pk in sale.coupon_ids:
        coupon = held.get(pk)
        if coupon is None or not coupon.usable:
            if sale.is_offline:
                continue
            why = str(coupon.why_not) if coupon else str(_("it is not a coupon of this customer"))
            raise CouponNotUsable(code=coupon.code if coupon else pk, why=why)
        chosen.append(CartCoupon(coupon.id, coupon.terms))
    return tuple(chosen)


def _tier(standing: Standing | None) -> TierTerms | None:
    if standing is None or not standing.tier_id or not standing.discount_bp:
        return None
    return TierTerms(standing.tier_name, 10_000 - standing.discount_bp)


def _points(sale: Sale, standing: Standing | None) -> Points | None:
    worth = standing.worth if standing else None
    if standing is None or worth is None or worth.amount <= 0:
        return None
    return Points(
        wanted=min(sale.points, standing.points),
        unit_points=worth.points,
        unit_amount=worth.amount,
        step_points=worth.step,
        max_share_bp=worth.cap_bp,
    )


def _manual(
    items: Sequence[Item], listed: Mapping[str, tuple[int, int | None]], currency: str
) -> list[Manual]:
    found = []
    for item in items:
        if item.unit_amount is not None and item.unit_amount != listed[item.key][0]:
            to_amount = line_amount(item.unit_amount, item.quantity, currency)
            found.append(Manual(item.key, to_amount=to_amount, reason=item.reason))
        if item.discount_amount:
            found.append(Manual(item.key, off_amount=item.discount_amount, reason=item.reason))
    return found
