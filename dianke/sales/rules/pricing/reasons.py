"""Codes of the engine as sentences: for receipts, order pages, the till and the API.

The till asks for `texts()` once and fills the places itself; what a place holds is told by its name: `…_amount` and
`amount` are money in fen, `…_bp` is the share that is paid (80%, in Chinese in tenths), all else stands as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from django.utils.text import format_lazy
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from dianke.catalog.rules.sayings import Said, percent
from dianke.core.errors import Text
from dianke.core.money import Money
from dianke.sales.rules.pricing.priced import Adjustment, Note

#: Why a line costs less. %(name)s is the name of the promotion or the coupon.
ADJUSTMENTS: dict[str, Text] = {
    "member_price": _("Member price"),
    "percent_off": _("%(name)s: %(pays_bp)s"),
    "money_off": _("%(name)s: %(off_amount)s off each"),
    "fixed_price": _("%(name)s: special price %(amount)s"),
    "nth_piece": _("%(name)s: piece no. %(nth)s: %(pays_bp)s"),
    "bundle": _("%(name)s: %(amount)s together"),
    "buy_get": _("%(name)s: buy %(buy)s, get %(get)s: %(pays_bp)s"),
    "ladder_amount": _("%(name)s: %(off_amount)s off"),
    "ladder_percent": _("%(name)s: %(pays_bp)s"),
    "every_full": _("%(name)s: %(off_amount)s off each time"),
    "gift": _("%(name)s: gift"),
    "free_delivery": _("%(name)s: free delivery"),
    "coupon_cash": _("Coupon %(name)s: %(amount)s off"),
    "coupon_percent": _("Coupon %(name)s: %(pays_bp)s"),
    "coupon_gift": _("Coupon %(name)s: gift"),
    "coupon_exchange": _("Coupon %(name)s: exchanged"),
    "coupon_delivery": _("Coupon %(name)s: free delivery"),
    "tier": _("Level %(tier)s: %(pays_bp)s"),
    "manual_line": _("Taken off by hand: %(reason)s"),
    "manual_order": _("Taken off the order by hand: %(reason)s"),
    "points": _("Paid with %(points)s points"),
    "rounding": _("Rounding"),
}
#: Why an offer gave nothing. A coupon that gave nothing stays the customer's.
PASSED_OVER: dict[str, Text] = {
    "not_begun": _("%(name)s has not begun yet."),
    "is_over": _("%(name)s is over."),
    "other_day": _("%(name)s holds on other days."),
    "other_hour": _("%(name)s holds at other hours."),
    "other_store": _("%(name)s is for other stores."),
    "other_channel": _("%(name)s is for other channels."),
    "members_only": _("%(name)s is for members. Choose the customer first."),
    "other_tier": _("%(name)s is for other member levels."),
    "other_segment": _("%(name)s is for customers of certain segments."),
    "not_birthday_month": _("%(name)s is for the month of the birthday."),
    "not_first_purchase": _("%(name)s is for the first purchase."),
    "no_goods": _("%(name)s is for other goods."),
    "below_threshold": _("The order has not reached what %(name)s asks for."),
    "too_few_pieces": _("Too few pieces for %(name)s."),
    "nothing_to_get": _("The goods that %(name)s gives are not in the cart."),
    "not_cheaper": _("The goods cost less without %(name)s."),
    "no_effect": _("%(name)s takes nothing off here."),
    "excluded": _("%(name)s does not go together with another promotion that counts here."),
    "budget_spent": _("The budget of %(name)s is used up."),
    "limit_reached": _("The customer has used %(name)s as often as it allows."),
    "order_cap": _("The most that may be taken off one order is reached."),
    "gift_not_chosen": _("The gift of %(name)s has not been chosen yet."),
    "not_beside_others": _("%(name)s does not go together with another coupon."),
    "other_of_group": _("Another coupon of the same group counts here."),
    "enough_of_kind": _("Only %(most)s of %(name)s count in one order."),
}
#: Said after the reason where a segment let the customer have it: to people of the shop, and nowhere a customer looks
#: (receipts, the till's screen): how a shop groups people is its own.
_IN_SEGMENT = _(" (in the segment “%(segment)s”)")
#: What is missing for (more of) an offer.
ADVICE: dict[str, Text] = {
    "spend_more_for_amount": _("%(missing_amount)s more for %(off_amount)s off (%(name)s)"),
    "spend_more_for_percent": _("%(missing_amount)s more to pay only %(pays_bp)s (%(name)s)"),
    "spend_more_for_gift": _("%(missing_amount)s more for a gift (%(name)s)"),
    "spend_more_for_delivery": _("%(missing_amount)s more for free delivery (%(name)s)"),
    "spend_more_for_coupon": _("%(missing_amount)s more to use the coupon %(name)s"),
    "add_pieces_for_amount": _("Pieces to add for %(off_amount)s off: %(missing)s (%(name)s)"),
    "add_pieces_for_percent": _("Pieces to add to pay only %(pays_bp)s: %(missing)s (%(name)s)"),
    "add_pieces_for_gift": _("Pieces to add for a gift: %(missing)s (%(name)s)"),
    "add_pieces_for_delivery": _("Pieces to add for free delivery: %(missing)s (%(name)s)"),
    "add_pieces_for_coupon": _("Pieces to add to use the coupon %(name)s: %(missing)s"),
    "add_pieces_for_nth": _("Pieces to add for one at %(pays_bp)s: %(missing)s (%(name)s)"),
    "add_pieces_for_bundle": _("Pieces to add for %(amount)s together: %(missing)s (%(name)s)"),
    "add_pieces_to_get": _("Pieces to add: %(missing)s (buy %(buy)s, get %(get)s: %(pays_bp)s, %(name)s)"),
    "add_what_is_got": _("Add the goods that this offers: %(pays_bp)s (%(name)s)"),
    "choose_gift": _("Gifts to choose: %(picks)s (%(name)s)"),
}


def why(adjustment: Adjustment, currency: str) -> Said:
    """The reason of an adjustment, as people of the shop read it."""
    said = _said(ADJUSTMENTS, adjustment.code, adjustment.values, currency)
    if "segment" in adjustment.values:
        return replace(said, text=format_lazy("{}{}", said.text, _IN_SEGMENT))
    return said


def why_not(note: Note, currency: str) -> Said:
    """Why an offer was passed over."""
    return _said(PASSED_OVER, note.code, note.values, currency)


def advice(note: Note, currency: str) -> Said:
    """What is missing for an offer."""
    return _said(ADVICE, note.code, note.values, currency)


def texts() -> dict[str, dict[str, str]]:
    """All sentences in the language of the moment, for the till; "shares" are the two ways to say a share."""
    kinds = {"adjustments": ADJUSTMENTS, "passed_over": PASSED_OVER, "advice": ADVICE}
    found = {kind: {code: str(text) for code, text in known.items()} for kind, known in kinds.items()}
    some = _TENTHS if _counts_in_tenths() else "%(percent)s%%"
    return found | {"shares": {"none": str(_FREE), "some": str(some)}}


_FREE = pgettext_lazy("price", "free")
_TENTHS = pgettext_lazy("price", "%(tenths)s tenths")


def _counts_in_tenths() -> bool:
    return (get_language() or "").startswith("zh")


def _share(pays_bp: int) -> str:
    """What is paid of a price: 8000 is "80%", in Chinese "8" tenths; 0 is free."""
    if not pays_bp:
        return str(_FREE)
    if _counts_in_tenths():
        return str(_TENTHS % {"tenths": format((Decimal(pays_bp) / 1000).normalize(), "f")})
    return percent(pays_bp)


def _said(known: Mapping[str, Text], code: str, values: Mapping[str, int | str], currency: str) -> Said:
    return Said(code, known[code], {name: _shown(name, value, currency) for name, value in values.items()})


def _shown(name: str, value: int | str, currency: str) -> object:
    if isinstance(value, str):
        return value
    if name == "amount" or name.endswith("_amount"):
        return Money.from_minor(value, currency)
    return _share(value) if name.endswith("_bp") else value
