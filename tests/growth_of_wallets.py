"""What `Growth` adds of prepaid value: more offers, kinds of cards, rules, and more of everything to the wallet and the
card whose pages are opened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dianke.catalog.models import Variant
from dianke.catalog.operations.products import create_product
from dianke.customers.models import Customer
from dianke.stores.models import Store
from dianke.wallets.models import CardKind, CardUse, Offer, SessionCard, Term, TopUp, Wallet
from dianke.wallets.operations import (
    ItemIn,
    SessionUse,
    StepIn,
    make_card_kind,
    make_offer,
    sell_card,
    set_term,
    top_up,
    use_sessions,
)


class Wallets:
    """`card` is the card whose page is opened; its customer's wallet is the wallet."""

    def __init__(self, store: Store, who: dict[str, Any]) -> None:
        self.store, self.who = store, who
        product = create_product(values={"name": "成长护理", "kind": "SERVICE"}, price_amount=10000, **who)
        self.service: Variant = product.variants.get()
        self.customer = Customer.objects.heads().in_use().earliest("pk")
        self.card: SessionCard | None = None

    def add(self, number: int, word: str) -> None:
        """One more offer, kind and rule; a top-up, a card and a use more for the customer."""
        who = self.who
        offer = make_offer(
            values={"name": f"{word}充值"}, steps=[StepIn(10000, 1000)], stores=[self.store], **who
        )
        kind = make_card_kind(
            values={"name": f"{word}次卡", "price_amount": 50000, "needs_confirmation": False},
            items=[ItemIn(self.service.pk, 90, 2)],
            stores=[self.store],
            **who,
        )
        set_term(
            code="named_cap",
            value=str(10**9 + number),
            from_date=(who["now"] + timedelta(days=number - 400)).date(),
            source=word,
            legal_entity=self.store.legal_entity,
            **who,
        )
        money = {"customer": self.customer, "store": self.store, "payment_kind": "WECHAT"}
        top_up(paid_amount=10000, offer=offer, reference=f"growth:top/{number}", **money, **who)
        card = sell_card(kind=kind, paid_amount=50000, reference=f"growth:card/{number}", **money, **who)
        self.card = self.card or card
        use_sessions(
            uses=[SessionUse(self.card.pk, self.service.pk, 1)],
            customer=self.customer,
            store=self.store,
            reference=f"growth:use/{number}",
            **who,
        )

    def records(self) -> dict[str, Any]:
        """A record for each gap in an address."""
        wallet = Wallet.objects.filter(customer=self.customer).latest("pk").pk
        card = self.card.pk if self.card else SessionCard.objects.latest("pk").pk
        use = CardUse.objects.filter(card=card).latest("pk").pk
        return {
            "/wallets/": wallet,
            "/wallets/top-ups/": TopUp.objects.filter(wallet=wallet).latest("pk").pk,
            "/session-cards/": card,
            "/session-cards/uses/": use,
            "/settings/top-up-offers/": Offer.objects.latest("pk").pk,
            "/settings/session-card-kinds/": CardKind.objects.latest("pk").pk,
            "/settings/prepaid-rules/": Term.objects.latest("pk").pk,
            "/top-up-offers/": Offer.objects.latest("pk").pk,
            "/session-card-kinds/": CardKind.objects.latest("pk").pk,
            "/prepaid-terms/": Term.objects.latest("pk").pk,
        }
