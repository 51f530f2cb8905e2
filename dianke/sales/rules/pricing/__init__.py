"""The pricing engine: what a cart costs, with every step from the list price and the reason of each.

    from dianke.sales.rules.pricing import price_cart, read_cart
    priced = price_cart(cart)

Pure calculation on whole minor units: no database, no clock. `cart` is what goes in, `priced` what comes out, `reasons`
makes sentences of codes, `returning` says what returned goods give back. The same rules stand in JavaScript in
static/sales/pricing for the till; docs/algorithms/pricing.md tells both, with the worked tables the tests read.
"""

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
from dianke.sales.rules.pricing.engine import price_cart
from dianke.sales.rules.pricing.exchange import cart_as_dict, read_cart
from dianke.sales.rules.pricing.priced import Adjustment, GiftOffer, Given, Note, Priced, PricedLine, Stage

__all__ = [
    "Adjustment",
    "Cart",
    "CartCoupon",
    "CartLine",
    "GiftOffer",
    "Given",
    "LineKind",
    "Manual",
    "Note",
    "Options",
    "Points",
    "Policy",
    "Priced",
    "PricedLine",
    "Rounding",
    "RoundingWay",
    "Stage",
    "TierTerms",
    "cart_as_dict",
    "price_cart",
    "read_cart",
]
