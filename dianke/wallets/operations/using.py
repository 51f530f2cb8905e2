"""Sessions are used: several services of several cards at once, each use earning what its sessions are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dianke.core.actor import Actor
from dianke.customers.models import Customer, Household
from dianke.events.operations import operation, record, step, subject_key, unchanged
from dianke.ledger import operations as ledger
from dianke.ledger.models import Account, Transaction
from dianke.ledger.operations import AccountSpec, Draft, Entry
from dianke.ledger.queries import balances
from dianke.stores.models import Store
from dianke.wallets.models import CardItem, CardUse, CardUseLine, SessionCard
from dianke.wallets.operations.accounts import Settlement, of_sessions, open_chart, revenue, shown
from dianke.wallets.operations.cards import accounts_of
from dianke.wallets.operations.confirming import confirm
from dianke.wallets.operations.locking import lock_cards, refuse_closed
from dianke.wallets.operations.refusals import (
    AmountMissing,
    CardExpired,
    CardUnknown,
    Frozen,
    OtherEntity,
    ReasonMissing,
    SessionsTooFew,
    UseUndone,
)
from dianke.wallets.queries.holds import freezes_of
from dianke.wallets.queries.terms import terms_for
from dianke.wallets.rules.sessions import Left, Use, use

USE = "wallets.use_sessions"
SESSIONS_USED = "wallets.sessions_used"


@dataclass(frozen=True, slots=True)
class SessionUse:
    """So many sessions of a service from a card."""

    card_id: int
    variant_id: int
    count: int


@dataclass(frozen=True, slots=True)
class SessionPart:
    """What of an item is used: `value_amount` is earned by it, in fen; 0 for gifted sessions."""

    card_id: int
    item_id: int
    variant_id: int
    is_gifted: bool
    count: int
    value_amount: int
    reference: str


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """`drafts` are posted by the caller; the rows of the uses stand already."""

    drafts: tuple[Draft, ...]
    parts: tuple[SessionPart, ...]
    uses: tuple[CardUse, ...]


@step
def plan_sessions(
    *,
    uses: Sequence[SessionUse],
    customer_ids: Sequence[int],
    store: Store,
    reference: str,
    business_date: date,
    actor: Actor,
    now: datetime,
    confirmation: str = "",
    waiver: str = "",
    first_number: int = 1,
    counter: AccountSpec | None = None,
) -> SessionPlan:
    """Sessions of cards of these customers (a cluster, head first) or of their household. Paid sessions go before
    gifted ones. What they earn is posted as revenue of the store (or to `counter`); of a card another legal entity
    received the money for, that entity owes it. The cards stay locked until the transaction ends.

    Drafts are `{reference}/sessions:<n>`, one per card. Raises `CardUnknown`, `CardClosed`, `CardExpired`, `Frozen`,
    `SessionsTooFew`, `OtherEntity`, `ConfirmationMissing`, `ConfirmationWrong`, `AmountMissing`.
    """
    if not uses or any(each.count <= 0 for each in uses):
        raise AmountMissing(field="count")
    cards = lock_cards(ids={each.card_id for each in uses})
    served = Customer.objects.get(pk=customer_ids[0])
    _refuse_unusable(cards.values(), customer_ids, store, business_date)
    items = _items(cards)
    left = balances([account for each in items for account in accounts_of(each)])
    taken = _take(uses, items, left)
    how = confirm(
        customer=served,
        is_needed=any(card.needs_confirmation for card in cards.values()),
        code=confirmation,
        waiver=waiver,
        store_id=store.pk,
        actor=actor,
        now=now,
    )
    earns = counter or revenue(store)
    between = {
        pk: Settlement(c.legal_entity_id, store.legal_entity_id, c.currency) for pk, c in cards.items()
    }
    used = {
        item.pk: of_sessions("sessions_used", item.variant_id, cards[item.card_id].legal_entity_id)
        for item in items
    }
    chart = open_chart(
        specs=[earns, *used.values(), *(spec for each in between.values() for spec in each.specs())]
    )
    drafts, parts, rows = [], [], []
    for number, (pk, card) in enumerate(sorted(cards.items()), start=first_number):
        own = [(item, each) for item, each in taken if item.card_id == pk]
        row = _write_use(
            card, own, served, store, f"{reference}/sessions:{number}", business_date, how, waiver, actor, now
        )
        _begin(card, business_date)
        value = sum(each.value for _item, each in own)
        entries = [
            *between[pk].entries(chart, value),
            *([Entry(chart[earns], _signed(earns, value))] if value else []),
        ]
        for item, each in own:
            counted, valued = accounts_of(item)
            entries += [Entry(counted, -each.count), Entry(chart[used[item.pk]], each.count)]
            if each.value:
                entries.append(Entry(valued, -each.value))
        drafts.append(
            Draft(SESSIONS_USED, row.reference, entries, business_date, {"store": store.pk, "card": pk})
        )
        rows.append(row)
        parts += [
            SessionPart(pk, item.pk, item.variant_id, item.is_gifted, each.count, each.value, row.reference)
            for item, each in own
        ]
    return SessionPlan(tuple(drafts), tuple(parts), tuple(rows))


def _signed(spec: AccountSpec, value: int) -> int:
    """Revenue gets more; a clearing account, on the other side, less."""
    return value if spec.code == "revenue" else -value


def _refuse_unusable(cards: object, customer_ids: Sequence[int], store: Store, day: date) -> None:
    rows: list[SessionCard] = list(cards)  # type: ignore[call-overload]
    frozen = freezes_of(card_ids=[card.pk for card in rows])
    family: set[int] | None = None
    for card in rows:
        refuse_closed(card)
        if card.customer_id not in customer_ids:
            family = _family(customer_ids) if family is None else family
            if not card.is_for_household or card.customer_id not in family:
                raise CardUnknown
        if ("card", card.pk) in frozen:
            raise Frozen(number=card.number, reason=frozen["card", card.pk].reason)
        if card.is_expired(day):
            raise CardExpired(day=f"{card.expires_on:%Y-%m-%d}")
        if card.legal_entity_id != store.legal_entity_id:
            terms = terms_for(store, day, legal_entity_id=card.legal_entity_id)
            if not terms.is_on("cross_entity_use"):
                raise OtherEntity(entity=card.legal_entity.short_name)


def _family(customer_ids: Sequence[int]) -> set[int]:
    """Everybody in a household with one of the profile, with all their identities."""
    homes = Household.objects.filter(members__in=customer_ids).values("pk")
    heads = {member.head_id for member in Customer.objects.filter(households__in=homes)}
    return set(Customer.objects.clusters(heads).values_list("pk", flat=True)) if heads else set()


def _items(cards: Mapping[int, SessionCard]) -> list[CardItem]:
    rows = CardItem.objects.filter(card__in=cards).select_related("sessions", "value", "variant__product")
    return list(rows)


def _take(
    uses: Sequence[SessionUse], items: Sequence[CardItem], left: Mapping[int, int]
) -> list[tuple[CardItem, Use]]:
    """What each use takes from which item. The same service of a card twice counts together."""
    wanted: dict[tuple[int, int], int] = {}
    for each in uses:
        key = (each.card_id, each.variant_id)
        wanted[key] = wanted.get(key, 0) + each.count
    taken: list[tuple[CardItem, Use]] = []
    by_id = {item.pk: item for item in items}
    for (card_id, variant_id), count in sorted(wanted.items()):
        own = [item for item in items if (item.card_id, item.variant_id) == (card_id, variant_id)]
        if not own:
            raise CardUnknown(field="variant_id")
        states = [_state(item, left) for item in own]
        found, missing = use(states, count)
        if missing:
            raise SessionsTooFew(left=count - missing, wanted=count, service=str(own[0].variant))
        taken += [(by_id[each.item_id], each) for each in found]
    return taken


def _state(item: CardItem, left: Mapping[int, int]) -> Left:
    counted, valued = accounts_of(item)
    return Left(item.pk, item.is_gifted, left[counted.pk], left[valued.pk])


def _write_use(
    card: SessionCard,
    taken: Sequence[tuple[CardItem, Use]],
    served: Customer,
    store: Store,
    reference: str,
    day: date,
    how: str,
    waiver: str,
    actor: Actor,
    now: datetime,
) -> CardUse:
    row = CardUse.objects.create(
        card=card,
        customer=served,
        store=store,
        reference=reference,
        business_date=day,
        at=now,
        user_id=actor.user_id,
        confirmed=how,
        waiver=waiver if how == CardUse.Confirmed.WAIVED else "",
    )
    CardUseLine.objects.bulk_create(
        CardUseLine(use=row, item=item, count=each.count, value_amount=each.value) for item, each in taken
    )
    return row


def _begin(card: SessionCard, day: date) -> None:
    """A card that counts from its first use begins now."""
    if card.valid_days and card.expires_on is None:
        card.expires_on = day + timedelta(days=card.valid_days - 1)
        card.save(update_fields=["expires_on"])


@operation(None)
def use_sessions(
    *,
    uses: Sequence[SessionUse],
    customer: Customer,
    store: Store,
    reference: str,
    actor: Actor,
    now: datetime,
    confirmation: str = "",
    waiver: str = "",
) -> list[CardUse]:
    """Sessions used without an order. A receipt goes to the customer's phone. Repeating the reference answers with what
    stands. Raises what `plan_sessions` raises."""
    actor.require(USE, store_id=store.pk)
    standing = CardUse.objects.filter(reference=f"{reference}/sessions:1").first()
    if standing is not None:
        unchanged()
        return list(
            CardUse.objects.filter(
                reference__in=[f"{reference}/sessions:{n}" for n in range(1, len(uses) + 1)]
            )
        )
    head = customer.merged_into or customer
    members = Customer.objects.filter(merged_into=head).order_by("pk").values_list("pk", flat=True)
    plan = plan_sessions(
        uses=uses,
        customer_ids=[head.pk, *members],
        store=store,
        reference=reference,
        business_date=store.business_date(now),
        confirmation=confirmation,
        waiver=waiver,
        actor=actor,
        now=now,
    )
    ledger.post_many(drafts=plan.drafts, actor=actor, now=now)
    value = sum(part.value_amount for part in plan.parts)
    cards = [row.card for row in plan.uses]
    owners = {
        subject_key(f"customers.customer:{pk}") for pk in (customer.pk, *(c.customer_id for c in cards))
    }
    record(
        "wallets.sessions_used",
        cards[0],
        also=[*(subject_key(card) for card in cards[1:]), *sorted(owners)],
        actor=actor,
        now=now,
        store_id=store.pk,
        data={
            "uses": [row.pk for row in plan.uses],
            "customer": head.pk,
            "count": sum(part.count for part in plan.parts),
            "value": shown(value, store.currency),
            "value_amount": str(value),
            "confirmed": plan.uses[0].confirmed,
        },
    )
    return list(plan.uses)


@operation(None)
def undo_use(*, use: CardUse, reason: str, actor: Actor, now: datetime) -> CardUse:
    """A use entered by mistake: the sessions and what they earned go back. Raises `UseUndone`, `CardClosed`,
    `ReasonMissing`."""
    actor.require(USE, store_id=use.store_id)
    if not reason.strip():
        raise ReasonMissing
    card = lock_cards(ids=[use.card_id])[use.card_id]
    refuse_closed(card)
    row: CardUse = CardUse.objects.select_for_update().get(pk=use.pk)
    if row.undone_at is not None:
        raise UseUndone
    ledger.reverse(
        transaction=Transaction.objects.get(reference=row.reference),
        reference=f"{row.reference}/undo",
        kind="wallets.use_undone",
        business_date=row.store.business_date(now),
        memo={"store": row.store_id, "card": card.pk},
        actor=actor,
        now=now,
    )
    row.undone_at, row.undone_reason = now, reason
    row.save(update_fields=["undone_at", "undone_reason"])
    record(
        "wallets.use_undone",
        card,
        also=[subject_key(f"customers.customer:{pk}") for pk in sorted({row.customer_id, card.customer_id})],
        actor=actor,
        now=now,
        store_id=row.store_id,
        data={"use": row.pk, "number": card.number, "reason": reason},
    )
    return row


def accounts_in(items: Sequence[CardItem]) -> list[Account]:
    """All accounts of these items."""
    return [account for item in items for account in accounts_of(item)]
