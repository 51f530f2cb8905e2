"""What is wrong with a sale that was accepted all the same, in a sentence, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from dianke.sales.models import OrderException
from dianke.sales.views.register_parts import shown

Kind = OrderException.Kind
TONES: Mapping[str, str] = {
    Kind.PRICE: "wait",
    Kind.STOCK: "wait",
    Kind.COUPON: "wait",
    Kind.WALLET: "bad",
    Kind.SEQUENCE: "bad",
    Kind.CLOCK: "wait",
    Kind.PAYMENT: "bad",
    Kind.PERIOD: "wait",
    Kind.LIMIT: "wait",
    Kind.GRANT: "bad",
    Kind.GOODS: "wait",
}


def told(row: OrderException) -> str:
    """What was found, with its figures. `row.order` gives the currency."""
    data, currency = row.data or {}, row.order.currency
    amount = shown(abs(row.amount), currency)
    match row.kind:
        case Kind.PRICE:
            return (
                _("Sold for %(amount)s less than the prices here say.")
                if row.amount > 0
                else _("Sold for %(amount)s more than the prices here say.")
            ) % {"amount": amount}
        case Kind.STOCK:
            if data.get("quantity"):
                return _("%(quantity)s more were sold than lay on the shelf.") % {
                    "quantity": str(data["quantity"]).rstrip("0").rstrip(".")
                }
            return _("The goods could not be taken from stock.")
        case Kind.COUPON:
            return _(
                "A coupon or promotion had been used up already; %(amount)s were given all the same."
            ) % {"amount": amount}
        case Kind.WALLET:
            return _("Stored value, points or sessions for %(amount)s were not there any more.") % {
                "amount": amount
            }
        case Kind.SEQUENCE:
            return _("Number %(number)s of the till came twice.") % {"number": data.get("number", "–")}
        case Kind.CLOCK:
            return _("The till's clock was %(minutes)s minutes off.") % {
                "minutes": round(int(data.get("seconds", 0)) / 60)
            }
        case Kind.PAYMENT:
            return _("What was paid and the total differ by %(amount)s.") % {"amount": amount}
        case Kind.PERIOD:
            return _("Sold on %(day)s, but that period is closed: it counts for the day it came in.") % {
                "day": data.get("day", "–")
            }
        case Kind.LIMIT:
            return _("%(what)s: %(was)s, allowed are %(allowed)s.") % _limit(data, currency)
        case Kind.GRANT:
            return _GRANTS.get(str(data.get("reason")), lambda: _("The till had no valid limits."))()
    return _("A product was sold that is not known here.")


def _limit(data: Mapping[str, Any], currency: str) -> dict[str, str]:
    name = str(data.get("limit", ""))
    what = {
        "sale_count": _("Sales without the server"),
        "total_amount": _("Sales without the server, together"),
        "sale_amount": _("One sale without the server"),
        "points_count": _("Points spent offline"),
        "coupon_count": _("Coupons used offline"),
        "wallet_amount": _("Stored value spent offline"),
    }.get(name, name)

    def value(key: str) -> str:
        found = data.get(key, 0)
        return shown(int(found), currency) if name.endswith("_amount") else str(found)

    return {"what": what, "was": value("was"), "allowed": value("allowed")}


_GRANTS = {
    "FORGED": lambda: _("The limits the till showed are not ours, or were changed."),
    "MISSING": lambda: _("The till sold without having been given limits."),
    "OTHER_TILL": lambda: _("The limits were given to another till."),
    "NOT_YET": lambda: _("Sold before the limits were given."),
    "ENDED": lambda: _("Sold after the limits had ended."),
    "WITHDRAWN": lambda: _("Sold after the limits were withdrawn."),
}


def advice(kind: str) -> str:
    """What to do, as a rule."""
    match kind:
        case Kind.PRICE:
            return _(
                "See which price stood on the shelf. As a rule leave the sale; correct the shelf or the price."
            )
        case Kind.STOCK:
            return _("Count the article and post the count. The sale stands.")
        case Kind.COUPON:
            return _("See who used it before. Leave it, or talk to the customer.")
        case Kind.WALLET:
            return _(
                "Look at balance, points or sessions of the customer. Ask for the payment, or write it off."
            )
        case Kind.SEQUENCE:
            return _("Compare both sales. If it is the same one twice, take one back by a return.")
        case Kind.CLOCK:
            return _("Set the clock of the till. The sale keeps its corrected time.")
        case Kind.PAYMENT:
            return _("Settle it in the order: take the rest, or refund what is too much.")
        case Kind.PERIOD:
            return _("Tell accounting; nothing has to be changed in the sale.")
        case Kind.LIMIT:
            return _("Talk to who sold. Bring tills online more often, or raise the limits of the store.")
        case Kind.GRANT:
            return _("Talk to who sold. Withdraw the till's limits when it is lost or not trusted.")
    return _("Enter the product, then exchange the line of the sale.")
