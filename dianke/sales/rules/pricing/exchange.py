"""A cart as plain data and back: what the till sends, what an order keeps of the moment it was priced, what the shared
test vectors are written in. Values at their default are left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from dianke.promotions.rules.reading import Fields, TermMissing, TermNotOfItsKind
from dianke.promotions.rules.terms import EVERYTHING, CouponTerms, Goods, Promotion
from dianke.sales.rules.pricing.cart import (
    Cart,
    CartCoupon,
    CartLine,
    LineKind,
    Manual,
    Options,
    Points,
    Policy,
    Rounding,
    RoundingWay,
    TierTerms,
)

Json = dict[str, object]
_NO_OPTIONS = Options()
LARGEST_QUANTITY = Decimal(10**8)


def read_cart(data: object) -> Cart:
    """Raises the named errors of `promotions.rules.reading`, with the path of the entry as their field."""
    fields = Fields(data)
    read = Cart(
        currency=fields.text("currency"),
        at=_instant(fields),
        store_id=fields.whole("store_id"),
        lines=fields.each("lines", _line),
        channel=fields.text("channel", default=""),
        is_member=fields.flag("is_member"),
        tier=fields.text("tier", default=""),
        is_birthday_month=fields.flag("is_birthday_month"),
        is_first_purchase=fields.flag("is_first_purchase"),
        segments=_segments(fields),
        promotions=fields.each("promotions", Promotion.read),
        coupons=fields.each("coupons", _coupon),
        tier_terms=fields.part("tier_terms", _tier, None),
        points=fields.part("points", _points, None),
        manual=fields.each("manual", _manual),
        rounding=fields.part("rounding", _rounding, None),
        options=fields.part("options", _options, _NO_OPTIONS),
        picked=_picked(fields),
    )
    fields.finish()
    return read


def cart_as_dict(cart: Cart) -> Json:
    found: Json = {
        "currency": cart.currency,
        "at": cart.at.isoformat(),
        "store_id": cart.store_id,
        "lines": [_written(line) for line in cart.lines],
    }
    for name in ("channel", "is_member", "tier", "is_birthday_month", "is_first_purchase"):
        if getattr(cart, name):
            found[name] = getattr(cart, name)
    if cart.segments:
        found["segments"] = {str(pk): name for pk, name in sorted(cart.segments.items())}
    if cart.promotions:
        found["promotions"] = [promotion.as_dict() for promotion in cart.promotions]
    if cart.coupons:
        found["coupons"] = [{"id": one.id, "terms": one.terms.as_dict()} for one in cart.coupons]
    for name in ("tier_terms", "points", "rounding"):
        if getattr(cart, name) is not None:
            found[name] = _written(getattr(cart, name))
    if cart.manual:
        found["manual"] = [_written(one) for one in cart.manual]
    if cart.options != _NO_OPTIONS:
        found["options"] = _written(cart.options)
    if cart.picked:
        found["picked"] = {source: list(keys) for source, keys in cart.picked.items()}
    return found


def _written(part: object) -> Json:
    found: Json = {}
    for name in part.__slots__:  # type: ignore[attr-defined]
        value = getattr(part, name)
        if value is None or value is False or value == "" or value == () or value == frozenset():
            continue
        if isinstance(value, Goods):
            if not value.is_everything:
                found[name] = value.as_dict()
        elif isinstance(value, Decimal):
            found[name] = format(value.normalize(), "f")
        elif isinstance(value, frozenset):
            found[name] = sorted(value)
        elif isinstance(value, tuple):
            found[name] = list(value)
        else:
            found[name] = value if isinstance(value, int) else str(value)
    return found


def _instant(fields: Fields) -> datetime:
    text = fields.text("at")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise TermNotOfItsKind(value=text, kind="2026-11-11T20:00:00+08:00", field=fields.at("at"))
    return moment


def _line(data: object, path: str) -> CartLine:
    fields = Fields(data, path)
    read = CartLine(
        key=fields.text("key"),
        variant_id=fields.whole("variant_id"),
        product_id=fields.whole("product_id"),
        quantity=_quantity(fields),
        unit_amount=fields.whole("unit_amount"),
        category_ids=_category_ids(fields),
        brand_id=fields.whole_or_none("brand_id"),
        member_unit_amount=fields.whole_or_none("member_unit_amount"),
        amount=fields.whole_or_none("amount"),
        is_price_protected=fields.flag("is_price_protected"),
        is_measured=fields.flag("is_measured"),
        tax_rate_bp=fields.share("tax_rate_bp") if fields.has("tax_rate_bp") else 0,
        tags=fields.texts("tags"),
        kind=fields.choice("kind", LineKind, LineKind.GOODS),
        gift_of=fields.text("gift_of", default=""),
    )
    fields.finish()
    return read


def _category_ids(fields: Fields) -> tuple[int, ...]:
    # Their order says which is nearest; `ids` checks them, the data keeps the order.
    checked = fields.ids("category_ids")
    if not checked:
        return ()
    raw = fields.raw("category_ids")
    assert isinstance(raw, list | tuple)
    return tuple(raw)


def _quantity(fields: Fields) -> Decimal:
    raw = fields.raw("quantity")
    try:
        quantity = Decimal(str(raw))
        good = 0 < quantity <= LARGEST_QUANTITY and quantity == quantity.quantize(Decimal("0.0001"))
    except InvalidOperation:
        good = False
    if not good or isinstance(raw, float | bool):
        raise TermNotOfItsKind(value=raw, kind="0.485", field=fields.at("quantity"))
    return quantity


def _coupon(data: object, path: str) -> CartCoupon:
    fields = Fields(data, path)
    read = CartCoupon(fields.whole("id"), CouponTerms.read(fields.raw("terms"), fields.at("terms")))
    fields.finish()
    return read


def _tier(data: object, path: str) -> TierTerms:
    fields = Fields(data, path)
    read = TierTerms(
        fields.text("name"),
        fields.share("pays_bp"),
        fields.part("goods", Goods.read, EVERYTHING),
        fields.flag("is_for_full_price_only"),
    )
    fields.finish()
    return read


def _points(data: object, path: str) -> Points:
    fields = Fields(data, path)
    read = Points(
        fields.whole("wanted"),
        fields.whole("unit_points", least=1),
        fields.whole("unit_amount", least=1),
        fields.whole("step_points", least=1) if fields.has("step_points") else 1,
        fields.share("max_share_bp") if fields.has("max_share_bp") else 10_000,
        fields.whole("min_amount") if fields.has("min_amount") else 0,
    )
    fields.finish()
    return read


def _manual(data: object, path: str) -> Manual:
    fields = Fields(data, path)
    read = Manual(
        fields.text("line_key") if fields.has("line_key") else None,
        fields.whole_or_none("off_amount"),
        fields.whole_or_none("pays_bp", most=10_000),
        fields.whole_or_none("to_amount"),
        fields.text("reason", default=""),
    )
    fields.finish()
    if [read.off_amount, read.pays_bp, read.to_amount].count(None) != 2:
        raise TermMissing(field=fields.at("off_amount"))
    return read


def _rounding(data: object, path: str) -> Rounding:
    fields = Fields(data, path)
    unit = fields.whole("unit", least=1, most=1_000_000)
    read = Rounding(unit, fields.choice("way", RoundingWay, RoundingWay.DOWN))
    fields.finish()
    return read


def _options(data: object, path: str) -> Options:
    fields = Fields(data, path)
    read = Options(
        fields.choice("policy", Policy, Policy.BEST),
        fields.whole_or_none("max_off_bp", most=10_000),
        fields.flag("is_member_price_alone"),
    )
    fields.finish()
    return read


def _segments(fields: Fields) -> dict[int, str]:
    if not fields.has("segments"):
        return {}
    raw = fields.raw("segments")
    if not isinstance(raw, Mapping) or not all(str(key).isdecimal() for key in raw):
        raise TermNotOfItsKind(value=raw, kind="{…}", field=fields.at("segments"))
    return {int(key): str(name) for key, name in raw.items()}


def _picked(fields: Fields) -> dict[str, tuple[str, ...]]:
    if not fields.has("picked"):
        return {}
    raw = fields.raw("picked")
    if not isinstance(raw, Mapping):
        raise TermNotOfItsKind(value=raw, kind="{…}", field=fields.at("picked"))
    return {str(source): tuple(str(key) for key in keys) for source, keys in raw.items()}
