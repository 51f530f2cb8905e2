"""Tables of the room. Balances are the ledger's; here stands whose they are, how they came, and what was decided."""

from dianke.wallets.models.cards import (
    CardItem,
    CardKind,
    CardKindItem,
    CardUse,
    CardUseLine,
    Confirmation,
    Conversion,
    Extension,
    SessionCard,
)
from dianke.wallets.models.holds import Freeze, Refund, Reissue, Transfer
from dianke.wallets.models.offers import Offer, OfferStep
from dianke.wallets.models.terms import Term
from dianke.wallets.models.wallets import Bucket, PaymentKind, TopUp, Wallet

__all__ = [
    "Bucket",
    "CardItem",
    "CardKind",
    "CardKindItem",
    "CardUse",
    "CardUseLine",
    "Confirmation",
    "Conversion",
    "Extension",
    "Freeze",
    "Offer",
    "OfferStep",
    "PaymentKind",
    "Refund",
    "Reissue",
    "SessionCard",
    "Term",
    "TopUp",
    "Transfer",
    "Wallet",
]
