"""Opening balances of customers out of a file: stored value and sessions left, posted against `opening_balance`, taken
back with the import as long as nothing of them was used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.events.operations import operation, record, step
from dianke.imports.models import ImportRun
from dianke.ledger import operations as ledger
from dianke.ledger.models import Transaction
from dianke.ledger.operations import Draft, Entry
from dianke.stores.models import Store
from dianke.wallets.models import CardItem, CardKind, CardUse, SessionCard, TopUp, Wallet
from dianke.wallets.operations.accounts import of_entity, open_chart
from dianke.wallets.operations.card_changes import state_of
from dianke.wallets.operations.cards import Content, card_entries, issued_counts, make_card
from dianke.wallets.operations.locking import lock_cards, lock_wallets, wallet_of
from dianke.wallets.operations.topping_up import draft_of
from dianke.wallets.queries.lots import fundings_of

OPENED = "wallets.opened"


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """What a row of a file says about a customer: amounts in fen, `left` sessions per item of the
    kind, in its order."""

    number: int
    customer: Customer
    store: Store
    principal: int = 0
    bonus: int = 0
    kind: CardKind | None = None
    left: tuple[int, ...] = ()
    value: int | None = None
    expires_on: date | None = None


@step
def take_in(*, rows: Sequence[OpeningRow], run: ImportRun, day: date, actor: Actor, now: datetime) -> None:
    """Write and post the balances of these rows together. A customer who has an opening balance with the legal entity
    (or a card of that kind) out of a file already keeps that one: the same file again changes nothing."""
    drafts = [
        draft
        for row in rows
        for draft in (_wallet(row, run, day, actor, now), _card(row, run, day, actor, now))
        if draft is not None
    ]
    if drafts:
        ledger.post_many(drafts=drafts, actor=actor, now=now)


def _wallet(row: OpeningRow, run: ImportRun, day: date, actor: Actor, now: datetime) -> Draft | None:
    if not row.principal and not row.bonus:
        return None
    wallet = wallet_of(customer=row.customer, store=row.store, is_named=True, actor=actor, now=now)
    if TopUp.objects.filter(wallet=wallet, kind=TopUp.Kind.OPENING).exists():
        return None
    opened = TopUp.objects.create(
        wallet=wallet,
        kind=TopUp.Kind.OPENING,
        store=row.store,
        paid_amount=row.principal,
        bonus_amount=row.bonus,
        reference=f"imports.run:{run.pk}/row:{row.number}/top-up",
        business_date=day,
        at=now,
        user_id=actor.user_id,
        run=run,
    )
    counter = of_entity("opening_balance", wallet.currency, wallet.legal_entity_id)
    return draft_of(opened, wallet, counter, OPENED, sign=-1)


def _card(row: OpeningRow, run: ImportRun, day: date, actor: Actor, now: datetime) -> Draft | None:
    kind = row.kind
    if kind is None or not any(row.left):
        return None
    if SessionCard.objects.filter(sold_to=row.customer, kind=kind, run__isnull=False).exists():
        return None
    items = list(kind.items.all())
    contents = [
        Content(item.variant_id, left, item.unit_amount)
        for item, left in zip(items, row.left, strict=False)
        if left
    ]
    value = worth_of(kind, row.left) if row.value is None else row.value
    card = make_card(
        customer=row.customer,
        kind=kind,
        contents=contents,
        paid_amount=value,
        store=row.store,
        reference=f"imports.run:{run.pk}/row:{row.number}/card",
        business_date=day,
        expires_on=row.expires_on,
        run_id=run.pk,
        actor=actor,
        now=now,
    )
    counter = of_entity("opening_balance", card.currency, card.legal_entity_id)
    issued = issued_counts(card)
    chart = open_chart(specs=[counter, *issued])
    entries = [*card_entries(card), *(Entry(chart[spec], count) for spec, count in issued.items())]
    if value:
        entries.append(Entry(chart[counter], -value))
    return Draft(OPENED, card.reference, entries, day, {"store": row.store.pk, "card": card.pk})


def worth_of(kind: CardKind, left: Iterable[int]) -> int:
    """What sessions left are worth when the file does not say: their part of the price, by their single prices."""
    items = list(kind.items.all())
    weights = [item.paid_count * (item.unit_amount or 1) for item in items]
    kept = [
        min(count, item.paid_count) * (item.unit_amount or 1)
        for item, count in zip(items, left, strict=False)
    ]
    return kind.price_amount * sum(kept) // sum(weights) if sum(weights) else 0


@step
def take_back(
    *, run: ImportRun, after: tuple[int, int], limit: int, day: date, actor: Actor, now: datetime
) -> tuple[int, int, tuple[int, int] | None]:
    """Take back up to `limit` opening balances of a run, wallets before cards: removed, kept because something of them
    was used, and where to go on."""
    removed = kept = 0
    last_top_up, last_card = after
    top_ups = list(
        TopUp.objects.filter(run=run, pk__gt=last_top_up).order_by("pk").select_related("wallet")[:limit]
    )
    for row in top_ups:
        done = _take_back_wallet(row, day, actor, now)
        removed, kept, last_top_up = removed + done, kept + (not done), row.pk
    if top_ups:
        return removed, kept, (last_top_up, last_card)
    cards = list(SessionCard.objects.filter(run=run, pk__gt=last_card).order_by("pk")[:limit])
    for card in cards:
        done = _take_back_card(card, day, actor, now)
        removed, kept, last_card = removed + done, kept + (not done), card.pk
    return removed, kept, (last_top_up, last_card) if cards else None


def _take_back_wallet(row: TopUp, day: date, actor: Actor, now: datetime) -> bool:
    (wallet,) = lock_wallets(ids=[row.wallet_id])
    whole = row.paid_amount + row.bonus_amount
    if any(f.left < whole for top_up, f in fundings_of(wallet, at=now) if top_up.pk == row.pk):
        return False
    _reverse(row.reference, day, actor, now)
    row.delete()
    if not TopUp.objects.filter(wallet=wallet).exists() and not wallet.freezes.exists():
        Wallet.objects.filter(pk=wallet.pk).delete()
    return True


def _take_back_card(card: SessionCard, day: date, actor: Actor, now: datetime) -> bool:
    locked = lock_cards(ids=[card.pk])[card.pk]
    touched = (
        CardUse.objects.filter(card=locked).exists() or locked.transfers.exists() or locked.freezes.exists()
    )
    if touched or locked.closed_at is not None or locked.extensions.exists() or state_of(locked).used:
        return False
    _reverse(locked.reference, day, actor, now)
    CardItem.objects.filter(card=locked).delete()
    locked.delete()
    return True


def _reverse(reference: str, day: date, actor: Actor, now: datetime) -> None:
    ledger.reverse(
        transaction=Transaction.objects.get(reference=reference),
        reference=f"{reference}/undo",
        kind="wallets.opening_undone",
        business_date=day,
        actor=actor,
        now=now,
    )


@operation("wallets.manage_offers")
def note_openings(*, run: ImportRun, actor: Actor, now: datetime) -> dict[str, int]:
    """The totals of what a run brought, for whoever signs it off: principal, bonus, value of cards (fen), sessions."""
    rows = TopUp.objects.filter(run=run).values_list("paid_amount", "bonus_amount")
    amounts = list(rows)
    items = CardItem.objects.filter(card__run=run).values_list("count", "amount")
    totals = {
        "wallets": len(amounts),
        "principal_amount": sum(paid for paid, _bonus in amounts),
        "bonus_amount": sum(bonus for _paid, bonus in amounts),
        "cards": SessionCard.objects.filter(run=run).count(),
        "sessions": sum(count for count, _amount in items),
        "card_value_amount": sum(amount for _count, amount in items),
    }
    record(
        "wallets.openings_imported",
        f"imports.importrun:{run.pk}",
        actor=actor,
        now=now,
        data={name: str(value) for name, value in totals.items()},
    )
    return totals
