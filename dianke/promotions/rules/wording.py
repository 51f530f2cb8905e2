"""What a promotion or a coupon does, in one plain sentence: 「满300减40，满500减80；周六日；静安店」.

The form shows it while one types, lists and the customer's phone show it too. Names of stores and goods come from
outside.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dianke.promotions.rules.conditions import Audience, Goods, When
from dianke.promotions.rules.kinds import (
    Alike,
    Bundle,
    BuyGet,
    Cash,
    EveryFull,
    Exchange,
    FixedPrice,
    FreeDelivery,
    Gift,
    GiftChoice,
    GiftCoupon,
    Ladder,
    Measure,
    MoneyOff,
    NthPiece,
    Percent,
    PercentOff,
    Step,
)
from dianke.promotions.rules.reading import clock
from dianke.promotions.rules.terms import CouponTerms, Exclusion, Promotion

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Names:
    """Ids to what people call them; what is missing is told by its number."""

    stores: Mapping[int, str] = field(default_factory=dict)
    categories: Mapping[int, str] = field(default_factory=dict)
    brands: Mapping[int, str] = field(default_factory=dict)
    products: Mapping[int, str] = field(default_factory=dict)
    variants: Mapping[int, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    segments: Mapping[int, str] = field(default_factory=dict)


def yuan(amount: int) -> str:
    """Minor units as one says them: 30000 -> "300", 990 -> "9.90"."""
    whole = Decimal(amount) / 100
    return f"{whole:.0f}" if whole == whole.to_integral_value() else f"{whole:.2f}"


def percent_text(pays_bp: int) -> str:
    """ "20% off" / "8折": some languages say what goes off, others what is left to pay in tenths."""
    if pays_bp == 0:
        return pgettext("price", "free")
    said = pgettext("how a percentage is said: off (20 percent off) or tenths (8 tenths to pay)", "off")
    share = Decimal(pays_bp) / 1000 if said == "tenths" else Decimal(10_000 - pays_bp) / 100
    return _("%(share)s%% off") % {"share": format(share.normalize(), "f")}


def joined(parts: Collection[str]) -> str:
    """Words of one list."""
    return pgettext("between the words of a list", ", ").join(parts)


def listed(names: Collection[str]) -> str:
    """The first names, and how many more."""
    shown = list(names)
    text = joined(shown[:MOST_NAMED])
    if len(shown) > MOST_NAMED:
        return _("%(names)s and %(count)s more") % {"names": text, "count": len(shown) - MOST_NAMED}
    return text


# --- what it does ----------------------------------------------------------------------------------------------------
def _from(measure: Measure, full: int) -> str:
    if measure is Measure.QUANTITY:
        return _("from %(count)s pieces") % {"count": full}
    return _("from ¥%(amount)s") % {"amount": yuan(full)}


def _step(measure: Measure, step: Step) -> str:
    what = percent_text(step.pays_bp) if step.pays_bp is not None else ""
    if step.off_amount is not None:
        what = pgettext("step of an offer", "¥%(amount)s off") % {"amount": yuan(step.off_amount)}
    return _("%(what)s %(from)s") % {"what": what, "from": _from(measure, step.full)}


def _first_pieces(text: str, most: int | None) -> str:
    return text if most is None else _("%(text)s, the first %(count)s pieces") % {"text": text, "count": most}


def _alike(text: str, alike: Alike) -> str:
    if alike is Alike.PRODUCT:
        return _("%(text)s (of one product)") % {"text": text}
    if alike is Alike.VARIANT:
        return _("%(text)s (of one article)") % {"text": text}
    return text


def _choices(choices: Collection[GiftChoice], pick: int, names: Names) -> str:
    shown = [_named(names.variants, choice.variant_id) for choice in choices]
    if len(shown) == 1 and pick == 1:
        return shown[0]
    return _("%(count)s of %(names)s") % {"count": pick, "names": listed(shown)}


def _nth(rule: NthPiece, names: Names) -> str:
    values = {"nth": rule.nth, "what": percent_text(rule.pays_bp)}
    return _alike(_("piece %(nth)s %(what)s") % values, rule.alike)


def _bundle(rule: Bundle, names: Names) -> str:
    parts = [
        _("%(count)s × %(goods)s")
        % {"count": part.count, "goods": goods_text(part.goods, names) or _("any goods")}
        for part in rule.parts
    ]
    return _("%(parts)s together for ¥%(amount)s") % {"parts": " + ".join(parts), "amount": yuan(rule.amount)}


def _buy_get(rule: BuyGet, names: Names) -> str:
    values = {"buy": rule.buy, "get": rule.get, "what": percent_text(rule.pays_bp)}
    if rule.pays_bp == 0:
        text = _("buy %(buy)s, get %(get)s free") % values
    else:
        text = _("buy %(buy)s, %(get)s more at %(what)s") % values
    if rule.get_goods is not None and not rule.get_goods.is_everything:
        text = _("%(text)s: %(goods)s") % {"text": text, "goods": goods_text(rule.get_goods, names)}
    return _alike(text, rule.alike)


def _every(rule: EveryFull, names: Names) -> str:
    values = {"full": yuan(rule.full), "count": rule.full, "off": yuan(rule.off_amount)}
    if rule.measure is Measure.QUANTITY:
        return _("¥%(off)s off for every %(count)s pieces") % values
    return _("¥%(off)s off for every ¥%(full)s") % values


def _gift(rule: Gift, names: Names) -> str:
    steps = []
    for step in rule.steps:
        values = {
            "gifts": _choices(step.choices, step.pick, names),
            "from": _from(rule.measure, step.full),
        }
        steps.append(_("gift %(from)s: %(gifts)s") % values)
    text = joined(steps)
    return _("%(text)s (again for every so much)") % {"text": text} if rule.is_repeated else text


def _delivery(rule: FreeDelivery, names: Names) -> str:
    text = _("free delivery")
    if rule.max_amount is not None:
        text = _("¥%(amount)s off the delivery") % {"amount": yuan(rule.max_amount)}
    if rule.full:
        return _("%(what)s %(from)s") % {"what": text, "from": _from(rule.measure, rule.full)}
    return text


def _percent_coupon(rule: Percent, names: Names) -> str:
    text = percent_text(rule.pays_bp)
    if rule.max_amount is None:
        return text
    return _("%(text)s, ¥%(amount)s at most") % {"text": text, "amount": yuan(rule.max_amount)}


def _exchange(rule: Exchange, names: Names) -> str:
    if rule.pays_amount:
        return _("%(count)s pieces for ¥%(amount)s each") % {
            "count": rule.pieces,
            "amount": yuan(rule.pays_amount),
        }
    return _("%(count)s pieces for this coupon") % {"count": rule.pieces}


_SAID: dict[type, Callable[..., str]] = {
    PercentOff: lambda r, n: _first_pieces(percent_text(r.pays_bp), r.max_pieces),
    MoneyOff: lambda r, n: _first_pieces(
        _("¥%(amount)s off each piece") % {"amount": yuan(r.off_amount)}, r.max_pieces
    ),
    FixedPrice: lambda r, n: _first_pieces(
        _("¥%(amount)s a piece") % {"amount": yuan(r.amount)}, r.max_pieces
    ),
    NthPiece: _nth,
    Bundle: _bundle,
    BuyGet: _buy_get,
    Ladder: lambda r, n: joined([_step(r.measure, step) for step in r.steps]),
    EveryFull: _every,
    Gift: _gift,
    FreeDelivery: _delivery,
    Cash: lambda r, n: _("¥%(amount)s off") % {"amount": yuan(r.amount)},
    Percent: _percent_coupon,
    GiftCoupon: lambda r, n: _("gift: %(gifts)s") % {"gifts": _choices(r.choices, r.pick, n)},
    Exchange: _exchange,
}


def rule_text(rule: object, names: Names) -> str:
    """What a rule does, without conditions."""
    return _SAID[type(rule)](rule, names)


# --- for what, when, whom --------------------------------------------------------------------------------------------
def _named(names: Mapping[int, str], pk: int) -> str:
    return names.get(pk) or f"#{pk}"


def goods_text(goods: Goods, names: Names) -> str:
    """ "围巾、面霜，不含特价"; empty for everything."""
    held = [
        *(_named(names.categories, pk) for pk in sorted(goods.category_ids)),
        *(_named(names.brands, pk) for pk in sorted(goods.brand_ids)),
        *(_named(names.products, pk) for pk in sorted(goods.product_ids)),
        *(_named(names.variants, pk) for pk in sorted(goods.variant_ids)),
        *sorted(goods.tags),
    ]
    without = [
        *(_named(names.categories, pk) for pk in sorted(goods.excluded_category_ids)),
        *(_named(names.brands, pk) for pk in sorted(goods.excluded_brand_ids)),
        *(_named(names.products, pk) for pk in sorted(goods.excluded_product_ids)),
        *(_named(names.variants, pk) for pk in sorted(goods.excluded_variant_ids)),
        *sorted(goods.excluded_tags),
    ]
    if not without:
        return listed(held)
    if not held:
        return _("all but %(names)s") % {"names": listed(without)}
    return _("%(names)s without %(without)s") % {"names": listed(held), "without": listed(without)}


def when_text(when: When) -> str:
    """Weekdays, days of the month and hours; the period is told apart."""
    parts = []
    if when.weekdays:
        parts.append(_weekdays(when.weekdays))
    if when.month_days:
        days = joined([str(day) for day in sorted(when.month_days)])
        parts.append(_("day %(days)s of the month") % {"days": days})
    if when.hours:
        parts.append(joined([f"{clock(begin)}–{clock(end)}" for begin, end in when.hours]))
    return " ".join(parts)


def _weekdays(days: Collection[int]) -> str:
    if set(days) == {6, 7}:
        return _("at weekends")
    if set(days) == {1, 2, 3, 4, 5}:
        return _("on weekdays")
    return joined([str(WEEKDAYS_ABBR[day - 1]) for day in sorted(days)])


def audience_text(audience: Audience, names: Names) -> str:
    """Stores, channels, levels and who."""
    parts = []
    if audience.store_ids:
        parts.append(listed([_named(names.stores, pk) for pk in sorted(audience.store_ids)]))
    if audience.channels:
        parts.append(listed([names.channels.get(code, code) for code in sorted(audience.channels)]))
    if audience.tiers:
        parts.append(_("levels %(levels)s") % {"levels": listed(sorted(audience.tiers))})
    elif audience.is_members_only:
        parts.append(_("members only"))
    if audience.segment_ids:
        named = [names.segments[pk] for pk in sorted(audience.segment_ids) if pk in names.segments]
        if named:
            parts.append(_("segments %(segments)s") % {"segments": listed(named)})
        else:
            parts.append(_("for certain customers"))
    if audience.is_birthday_month:
        parts.append(_("in the month of the birthday"))
    if audience.is_first_purchase:
        parts.append(_("on the first purchase"))
    return joined(parts)


def _sentence(parts: Collection[str]) -> str:
    return pgettext("between the parts of an offer", "; ").join(part for part in parts if part)


def promotion_text(promotion: Promotion, names: Names, *, per_customer: int | None = None) -> str:
    """The whole of a promotion in one sentence."""
    parts = [
        rule_text(promotion.rule, names),
        goods_text(promotion.goods, names),
        when_text(promotion.when),
        audience_text(promotion.audience, names),
    ]
    if promotion.max_amount is not None:
        parts.append(_("¥%(amount)s at most for an order") % {"amount": yuan(promotion.max_amount)})
    if promotion.max_times is not None:
        parts.append(_("%(count)s times at most for an order") % {"count": promotion.max_times})
    if per_customer is not None:
        parts.append(_("%(count)s times for one customer") % {"count": per_customer})
    if promotion.exclusion is Exclusion.ORDER:
        parts.append(_("with no other promotion"))
    elif promotion.exclusion is Exclusion.GOODS:
        parts.append(_("no other promotion on these goods"))
    return _sentence(parts)


def coupon_text(terms: CouponTerms, names: Names) -> str:
    """The whole of a coupon in one sentence."""
    what = rule_text(terms.rule, names)
    if terms.threshold_amount:
        full = _("from ¥%(amount)s") % {"amount": yuan(terms.threshold_amount)}
        what = _("%(what)s %(from)s") % {"what": what, "from": full}
    parts = [
        what,
        goods_text(terms.goods, names),
        when_text(terms.when),
        audience_text(terms.audience, names),
    ]
    if terms.is_alone:
        parts.append(_("with no other coupon"))
    if not terms.joins_promotions:
        parts.append(_("not on goods of a promotion"))
    return _sentence(parts)
