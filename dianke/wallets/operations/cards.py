"""Session cards are sold: alone, as a line of an order, as an opening balance, or out of an old card's value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.events.operations import operation, record, step, subject_key, unchanged
from dianke.ledger import operations as ledger
from dianke.ledger.models import Account
from dianke.ledger.operations import AccountSpec, Draft, Entry, ReferenceTaken
from dianke.ledger.rules import sessions
from dianke.stores.models import Store
from dianke.wallets.models import CardItem, CardKind, SessionCard
from dianke.wallets.operations.accounts import clearing, of_sessions, open_chart, shown
from dianke.wallets.operations.drawers import moved_money
from dianke.wallets.operations.locking import new_number
from dianke.wallets.operations.refusals import AmountMissing, KindEmpty, KindNotSold
from dianke.wallets.rules.sessions import split_paid

SELL = "wallets.top_up"
CARD_SOLD = "wallets.card_sold"


@dataclass(frozen=True, slots=True)
class CardPlan:
    """`drafts` are posted by the caller; `card` stands already."""

    drafts: tuple[Draft, ...]
    card: SessionCard


@dataclass(frozen=True, slots=True)
class Content:
    """So many sessions of a service to put on a card."""

    variant_id: int
    count: int
    unit_amount: int
    is_gifted: bool = False


def contents_of(kind: CardKind) -> list[Content]:
    """What the kind holds now: paid sessions, then gifted ones."""
    rows = list(kind.items.all())
    return [
        *(Content(row.variant_id, row.paid_count, row.unit_amount) for row in rows if row.paid_count),
        *(
            Content(row.variant_id, row.gifted_count, row.unit_amount, True)
            for row in rows
            if row.gifted_count
        ),
    ]


def refuse_not_sold(kind: CardKind, store: Store) -> None:
    """Raises `KindNotSold`."""
    stores = {each.pk for each in kind.stores.all()}
    if kind.ended_at is not None or kind.currency != store.currency or (stores and store.pk not in stores):
        raise KindNotSold(kind=kind.name)


@step
def plan_card_sale(
    *,
    customer: Customer,
    kind: CardKind,
    paid_amount: int,
    store: Store,
    reference: str,
    business_date: date,
    actor: Actor,
    now: datetime,
    counter: AccountSpec | None = None,
    payment_kind: str = "",
    payment_reference: str = "",
) -> CardPlan:
    """A card as a line of an order, at what is paid for it (a discount lowers the value of its sessions). The card
    stands; the draft is the caller's to post. `counter`: as in `plan_top_up`. Raises `KindNotSold`, `KindEmpty`."""
    if paid_amount < 0:
        raise AmountMissing(field="paid_amount")
    refuse_not_sold(kind, store)
    tills = counter or clearing(store)
    card = make_card(
        customer=customer,
        kind=kind,
        contents=contents_of(kind),
        paid_amount=paid_amount,
        store=store,
        reference=f"{reference}/card",
        business_date=business_date,
        payment_kind=payment_kind,
        payment_reference=payment_reference,
        actor=actor,
        now=now,
    )
    chart = open_chart(specs=[tills, *issued_specs(card)])
    issued = [Entry(chart[spec], count) for spec, count in issued_counts(card).items()]
    entries = [*card_entries(card), *issued, *([Entry(chart[tills], paid_amount)] if paid_amount else [])]
    draft = Draft(CARD_SOLD, card.reference, entries, business_date, {"store": store.pk, "card": card.pk})
    return CardPlan((draft,), card)


@step
def make_card(
    *,
    customer: Customer,
    kind: CardKind,
    contents: Sequence[Content],
    paid_amount: int,
    store: Store,
    reference: str,
    business_date: date,
    actor: Actor,
    now: datetime,
    payment_kind: str = "",
    payment_reference: str = "",
    expires_on: date | None = None,
    run_id: int | None = None,
) -> SessionCard:
    """The rows of a card with its items and their accounts; posts nothing. What was paid is spread over the paid items
    by their single prices. Raises `KindEmpty`."""
    if not contents:
        raise KindEmpty
    if expires_on is None and kind.valid_days and kind.starts == CardKind.Starts.AT_SALE:
        expires_on = business_date + timedelta(days=kind.valid_days - 1)
    card = SessionCard.objects.create(
        kind=kind,
        number=new_number(),
        customer=customer,
        sold_to=customer,
        store=store,
        legal_entity_id=store.legal_entity_id,
        currency=store.currency,
        paid_amount=paid_amount,
        is_for_household=kind.is_for_household,
        needs_confirmation=kind.needs_confirmation,
        valid_days=kind.valid_days,
        expires_on=expires_on,
        payment_kind=payment_kind,
        payment_reference=payment_reference,
        reference=reference,
        business_date=business_date,
        sold_at=now,
        user_id=actor.user_id,
        run_id=run_id,
    )
    paid = [each for each in contents if not each.is_gifted]
    if not paid and paid_amount:
        raise KindEmpty
    amounts = iter(split_paid(paid_amount, [(each.count, each.unit_amount) for each in paid]))
    items = CardItem.objects.bulk_create(
        CardItem(
            card=card,
            variant_id=each.variant_id,
            is_gifted=each.is_gifted,
            count=each.count,
            amount=0 if each.is_gifted else next(amounts),
            unit_amount=each.unit_amount,
            position=position,
        )
        for position, each in enumerate(contents)
    )
    opened = ledger.open_accounts(specs=[spec for item in items for spec in _own_specs(card, item)])
    for item, pair in zip(items, zip(opened[::2], opened[1::2], strict=True), strict=True):
        item.sessions, item.value = pair
    CardItem.objects.bulk_update(items, ["sessions", "value"])
    return card


def _own_specs(card: SessionCard, item: CardItem) -> list[AccountSpec]:
    """The holder is the item, not the customer: a card changes hands with its accounts."""
    holder, entity = subject_key(item), card.legal_entity_id
    return [
        AccountSpec(
            "customer_sessions",
            sessions(str(item.variant_id)),
            holder=holder,
            legal_entity_id=entity,
            floor=0,
        ),
        AccountSpec("session_value", card.currency, holder=holder, legal_entity_id=entity, floor=0),
    ]


def items_of(card: SessionCard) -> list[CardItem]:
    """With their accounts, paid ones first."""
    return list(card.items.select_related("sessions", "value", "variant__product"))


def accounts_of(item: CardItem) -> tuple[Account, Account]:
    """Of its sessions and of their value."""
    if item.sessions is None or item.value is None:
        raise LookupError(f"item {item.pk} has no accounts")
    return item.sessions, item.value


def card_entries(card: SessionCard) -> list[Entry]:
    """Everything on a new card."""
    entries = []
    for item in items_of(card):
        counted, valued = accounts_of(item)
        entries.append(Entry(counted, item.count))
        if item.amount:
            entries.append(Entry(valued, item.amount))
    return entries


def issued_specs(card: SessionCard) -> list[AccountSpec]:
    """What was issued of each service."""
    return list(issued_counts(card))


def issued_counts(card: SessionCard) -> dict[AccountSpec, int]:
    """How many sessions of each service a new card holds."""
    counts: dict[AccountSpec, int] = {}
    for item in items_of(card):
        spec = of_sessions("sessions_issued", item.variant_id, card.legal_entity_id)
        counts[spec] = counts.get(spec, 0) + item.count
    return counts


@operation(None)
def sell_card(
    *,
    customer: Customer,
    kind: CardKind,
    paid_amount: int,
    store: Store,
    payment_kind: str,
    reference: str,
    actor: Actor,
    now: datetime,
    payment_reference: str = "",
) -> SessionCard:
    """A card that stands alone, paid at once. Under a reference that stands it answers with what stands. Raises what
    `plan_card_sale` raises, `ReferenceTaken`."""
    actor.require(SELL, store_id=store.pk)
    standing: SessionCard | None = SessionCard.objects.filter(reference=f"{reference}/card").first()
    if standing is not None:
        same = (standing.sold_to_id, standing.kind_id, standing.paid_amount)
        if same != (customer.pk, kind.pk, paid_amount):
            raise ReferenceTaken(reference=reference)
        unchanged()
        return standing
    business_date = store.business_date(now)
    tills = moved_money(
        store=store,
        payment_kind=payment_kind,
        amount=max(paid_amount, 0),
        reference=f"{reference}/card",
        business_date=business_date,
        actor=actor,
        now=now,
    )
    plan = plan_card_sale(
        customer=customer,
        kind=kind,
        paid_amount=paid_amount,
        store=store,
        reference=reference,
        business_date=business_date,
        counter=tills,
        payment_kind=payment_kind,
        payment_reference=payment_reference,
        actor=actor,
        now=now,
    )
    ledger.post_many(drafts=plan.drafts, actor=actor, now=now)
    record_card("wallets.card_sold", plan.card, {}, actor=actor, now=now)
    return plan.card


def record_card(
    kind: str,
    card: SessionCard,
    data: dict[str, str],
    *,
    actor: Actor,
    now: datetime,
    store_id: int | None = None,
    also: Sequence[str] = (),
) -> None:
    """The event of something done with a card."""
    record(
        kind,
        card,
        also=[subject_key(f"customers.customer:{card.customer_id}"), *also],
        actor=actor,
        now=now,
        store_id=store_id if store_id is not None else card.store_id,
        data={
            "number": card.number,
            "kind": card.kind.name,
            "paid": shown(card.paid_amount, card.currency),
            "paid_amount": str(card.paid_amount),
            **data,
        },
    )
