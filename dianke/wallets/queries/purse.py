"""What a customer has paid ahead, read over the whole profile: wallets by bucket, what can be used here, cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from dianke.stores.models import Store
from dianke.wallets.models import Bucket, CardItem, SessionCard, Wallet
from dianke.wallets.queries.holds import freezes_of
from dianke.wallets.queries.lots import open_lots
from dianke.wallets.queries.order import in_cluster_order
from dianke.wallets.queries.terms import terms_for


@dataclass(frozen=True, slots=True)
class WalletState:
    """Amounts in fen without what has expired; `next_expiry` is when bonus lapses next and how much of it."""

    wallet_id: int
    customer_id: int
    number: str
    legal_entity_id: int
    legal_entity: str
    currency: str
    principal_amount: int
    bonus_amount: int
    promotional_amount: int
    is_spendable_here: bool
    why_frozen: str = ""
    next_expiry: tuple[datetime, int] | None = None

    @property
    def amount(self) -> int:
        return self.principal_amount + self.bonus_amount + self.promotional_amount


@dataclass(frozen=True, slots=True)
class ItemState:
    item_id: int
    variant_id: int
    service: str
    is_gifted: bool
    count: int
    left: int
    value_left_amount: int


@dataclass(frozen=True, slots=True)
class CardState:
    """`why_not` is empty when sessions can be used here today."""

    card_id: int
    customer_id: int
    kind: str
    number: str
    legal_entity_id: int
    expires_on: str
    needs_confirmation: bool
    items: tuple[ItemState, ...]
    why_not: str = ""

    @property
    def left(self) -> int:
        return sum(item.left for item in self.items)

    @property
    def last_day(self) -> date | None:
        return date.fromisoformat(self.expires_on) if self.expires_on else None

    @property
    def value_left_amount(self) -> int:
        return sum(item.value_left_amount for item in self.items)


@dataclass(frozen=True, slots=True)
class Purse:
    """`spendable_amount` is what can be used at the store asked about, in its currency."""

    wallets: tuple[WalletState, ...]
    cards: tuple[CardState, ...]
    spendable_amount: int

    @property
    def amount(self) -> int:
        return sum(wallet.amount for wallet in self.wallets)


def purse_of(customer_ids: Sequence[int], *, store_id: int | None, at: datetime) -> Purse:
    """Of a profile (`customer_ids`: head first, then those merged into it). Without a store everything counts as
    spendable that is not frozen. Eight statements, whatever is in it."""
    store = None if store_id is None else Store.objects.get(pk=store_id)
    wallets = list(
        Wallet.objects.filter(customer__in=customer_ids).select_related("legal_entity").order_by("pk")
    )
    cards = list(
        SessionCard.objects.filter(customer__in=customer_ids, closed_at=None)
        .select_related("kind")
        .order_by("pk")
    )
    if not wallets and not cards:
        return Purse((), (), 0)
    terms = None if store is None else terms_for(store, store.business_date(at))
    crosses = terms is None or terms.is_on("cross_entity_use")
    frozen = freezes_of(wallet_ids=[w.pk for w in wallets], card_ids=[c.pk for c in cards])
    states = []
    lots = open_lots(wallets)
    here = None if store is None else store.legal_entity_id
    for wallet in in_cluster_order(wallets, customer_ids, here or 0):
        own = [lot for lot in lots if lot.wallet_id == wallet.pk and not lot.is_over(at)]
        sums = {bucket: sum(lot.left for lot in own if lot.bucket == bucket) for bucket in Bucket.values}
        ends = sorted((lot.expires_at, lot.left) for lot in own if lot.expires_at is not None)
        freeze = frozen.get(("wallet", wallet.pk))
        states.append(
            WalletState(
                wallet.pk,
                wallet.customer_id,
                wallet.number,
                wallet.legal_entity_id,
                wallet.legal_entity.short_name,
                wallet.currency,
                sums[Bucket.PRINCIPAL],
                sums[Bucket.BONUS],
                sums[Bucket.PROMOTIONAL],
                freeze is None
                and (store is None or wallet.currency == store.currency)
                and (store is None or crosses or wallet.legal_entity_id == here),
                freeze.reason if freeze else "",
                (ends[0][0], sum(left for when, left in ends if when == ends[0][0])) if ends else None,
            )
        )
    spendable = sum(state.amount for state in states if state.is_spendable_here)
    items = items_left([card.pk for card in cards])
    shown = []
    for card in cards:
        freeze = frozen.get(("card", card.pk))
        why = freeze.reason if freeze else ""
        if not why and store is not None and card.is_expired(store.business_date(at)):
            why = "expired"
        if not why and not crosses and card.legal_entity_id != here:
            why = "other_entity"
        shown.append(
            CardState(
                card.pk,
                card.customer_id,
                card.kind.name,
                card.number,
                card.legal_entity_id,
                f"{card.expires_on:%Y-%m-%d}" if card.expires_on else "",
                card.needs_confirmation,
                tuple(items.get(card.pk, ())),
                why,
            )
        )
    return Purse(tuple(states), tuple(shown), spendable)


def items_left(card_ids: Sequence[int]) -> dict[int, list[ItemState]]:
    """Card → its items with what is left, paid ones first. Two statements."""
    rows = CardItem.objects.filter(card__in=card_ids).select_related("variant__product")
    items = list(rows.order_by("card", "is_gifted", "position", "pk"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, balance FROM ledger_accountbalance WHERE account_id = ANY(%s)",
            [[pk for item in items for pk in (item.sessions_id, item.value_id) if pk is not None]],
        )
        left = dict(cursor.fetchall())
    found: dict[int, list[ItemState]] = {}
    for item in items:
        found.setdefault(item.card_id, []).append(
            ItemState(
                item.pk,
                item.variant_id,
                str(item.variant),
                item.is_gifted,
                item.count,
                left.get(item.sessions_id, 0),
                left.get(item.value_id, 0),
            )
        )
    return found
