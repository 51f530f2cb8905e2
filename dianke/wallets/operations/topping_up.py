"""Money comes into a wallet: a top-up with its bonus, value given without payment, and taking a top-up back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.customers.models import ContactKind, ContactPoint, Customer
from dianke.events.operations import operation, record, step, subject_key, unchanged
from dianke.ledger import operations as ledger
from dianke.ledger.models import Transaction
from dianke.ledger.operations import AccountSpec, Draft, Entry, ReferenceTaken
from dianke.ledger.queries import balance
from dianke.stores.models import Store
from dianke.wallets.models import Offer, PaymentKind, TopUp, Wallet
from dianke.wallets.operations.accounts import clearing, of_entity, open_chart, shown
from dianke.wallets.operations.drawers import moved_money, take_money_back
from dianke.wallets.operations.locking import lock_wallets, refuse_frozen, wallet_of
from dianke.wallets.operations.refusals import (
    AmountMissing,
    CapReached,
    CashRefused,
    IdentityMissing,
    OfferNotValid,
    ReasonMissing,
    TopUpUsed,
    ValidityTooShort,
)
from dianke.wallets.queries.lots import SOURCE, fundings_of
from dianke.wallets.queries.order import cluster_of
from dianke.wallets.queries.terms import terms_for
from dianke.wallets.rules.offers import Given, Step, given_for
from dianke.wallets.rules.terms import Terms

TOP_UP = "wallets.top_up"
TOPPED_UP, GIFT_GIVEN = "wallets.topped_up", "wallets.gift_given"


@dataclass(frozen=True, slots=True)
class TopUpPlan:
    """`drafts` are posted by the caller; `top_up` stands already."""

    drafts: tuple[Draft, ...]
    top_up: TopUp


# --- what an offer gives -------------------------------------------------------------------------------------
def why_not(offer: Offer, customer: Customer, store: Store, *, now: datetime) -> str | Promise:
    """Why an offer does not hold for a customer at a store now; empty when it does."""
    if offer.ended_at is not None or (offer.ends_at is not None and offer.ends_at <= now):
        return _("it has ended.")
    if offer.starts_at is not None and offer.starts_at > now:
        return _("it has not begun.")
    if offer.currency != store.currency:
        return _("it is in another currency.")
    stores = {each.pk for each in offer.stores.all()}
    if stores and store.pk not in stores:
        return _("it is for other stores.")
    head = customer.merged_into or customer
    if offer.levels and head.level not in offer.levels:
        return _("it is for members of another level.")
    if offer.per_customer is not None:
        times = TopUp.objects.filter(offer=offer, wallet__customer__in=cluster_of(customer)).count()
        if times >= offer.per_customer:
            return _("this customer has had it as often as allowed.")
    return ""


def offered(offer: Offer | None, paid_amount: int) -> Given:
    """What an offer gives for so much paid."""
    if offer is None:
        return Given(0, 0)
    steps = [Step(row.paid_amount, row.bonus_amount, row.promotional_amount) for row in offer.steps.all()]
    return given_for(steps, paid_amount, is_repeating=offer.is_repeating)


# --- as a line of an order, or alone -------------------------------------------------------------------------
@step
def plan_top_up(
    *,
    customer: Customer,
    paid_amount: int,
    store: Store,
    reference: str,
    business_date: date,
    actor: Actor,
    now: datetime,
    offer: Offer | None = None,
    is_named: bool = True,
    payment_kind: str = "",
    payment_reference: str = "",
    counter: AccountSpec | None = None,
) -> TopUpPlan:
    """A top-up as a line of an order: the wallet is opened and locked, the row written, the draft is the caller's to
    post. `counter` (the clearing of orders unless named) gets more by what was paid.

    Raises `AmountMissing`, `OfferNotValid`, `CapReached`, `IdentityMissing`, `CashRefused`, `ValidityTooShort`,
    `Frozen`.
    """
    if paid_amount <= 0:
        raise AmountMissing(field="paid_amount")
    # Read under the lock of the wallet, so that two top-ups at once count each other.
    wallet = wallet_of(customer=customer, store=store, is_named=is_named, actor=actor, now=now)
    refuse_frozen(wallet)
    if offer is not None and (reason := why_not(offer, customer, store, now=now)):
        raise OfferNotValid(offer=offer.name, why=reason)
    terms = terms_for(store, business_date)
    check_terms(wallet, paid_amount, payment_kind, terms)
    given = offered(offer, paid_amount)
    expires_at = bonus_expiry(offer, wallet, terms, now) if given.bonus or given.promotional else None
    top_up = TopUp.objects.create(
        wallet=wallet,
        kind=TopUp.Kind.TOP_UP,
        offer=offer,
        store=store,
        paid_amount=paid_amount,
        bonus_amount=given.bonus,
        promotional_amount=given.promotional,
        bonus_expires_at=expires_at,
        payment_kind=payment_kind,
        payment_reference=payment_reference,
        reference=f"{reference}/top-up",
        business_date=business_date,
        at=now,
        user_id=actor.user_id,
    )
    return TopUpPlan((draft_of(top_up, wallet, counter or clearing(store), TOPPED_UP),), top_up)


def draft_of(top_up: TopUp, wallet: Wallet, counter: AccountSpec, kind: str, *, sign: int = 1) -> Draft:
    """What a top-up posts: each bucket its lot, what was paid against `counter` (less where that stands on the credit
    side: `sign` -1), what was given against the cost of bonus."""
    given = top_up.bonus_amount + top_up.promotional_amount
    expense = of_entity("bonus_expense", wallet.currency, wallet.legal_entity_id)
    chart = open_chart(specs=[counter, expense])
    source, until = f"{SOURCE}{top_up.pk}", top_up.bonus_expires_at
    entries = [
        Entry(wallet.principal, top_up.paid_amount, None, source),
        Entry(wallet.bonus, top_up.bonus_amount, until, source),
        Entry(wallet.promotional, top_up.promotional_amount, until, source),
        Entry(chart[counter], sign * top_up.paid_amount),
        Entry(chart[expense], given),
    ]
    return Draft(
        kind,
        top_up.reference,
        [entry for entry in entries if entry.amount],
        top_up.business_date,
        {"store": top_up.store_id},
    )


def check_terms(wallet: Wallet, paid_amount: int, payment_kind: str, terms: Terms) -> None:
    """What the terms say about so much in this wallet. Raises `CapReached`, `IdentityMissing`, `CashRefused`."""
    code = "named_cap" if wallet.is_named else "unnamed_cap"
    refuse_above_cap(wallet, paid_amount, code, terms)
    least = terms.number("identity_from")
    if least is not None and paid_amount >= least and not _has_document(wallet.customer):
        raise IdentityMissing(amount=shown(least, wallet.currency), source=terms.source("identity_from"))
    least = terms.number("cash_below")
    if least is not None and paid_amount >= least and payment_kind == PaymentKind.CASH:
        raise CashRefused(amount=shown(least, wallet.currency), source=terms.source("cash_below"))


def refuse_above_cap(wallet: Wallet, more: int, code: str, terms: Terms) -> None:
    """Raises `CapReached` when the principal would be above the cap."""
    cap = terms.number(code)
    if cap is None:
        return
    after = balance(wallet.principal) + more
    if after > cap:
        raise CapReached(
            after=shown(after, wallet.currency), cap=shown(cap, wallet.currency), source=terms.source(code)
        )


def _has_document(customer: Customer) -> bool:
    rows = ContactPoint.objects.current().filter(
        customer__in=cluster_of(customer), kind=ContactKind.DOCUMENT, verified_at__isnull=False
    )
    return bool(rows.exists())


def bonus_expiry(offer: Offer | None, wallet: Wallet, terms: Terms, now: datetime) -> datetime | None:
    """When what an offer gives expires: by its days, where the terms let bonus expire. Raises `ValidityTooShort`."""
    if offer is None or offer.bonus_days is None or not terms.is_on("bonus_may_expire"):
        return None
    least = terms.number("unnamed_least_days")
    if not wallet.is_named and least is not None and offer.bonus_days < least:
        raise ValidityTooShort(days=least, source=terms.source("unnamed_least_days"))
    return now + timedelta(days=offer.bonus_days)


@operation(None)
def top_up(
    *,
    customer: Customer,
    paid_amount: int,
    store: Store,
    payment_kind: str,
    reference: str,
    actor: Actor,
    now: datetime,
    offer: Offer | None = None,
    is_named: bool = True,
    payment_reference: str = "",
) -> TopUp:
    """A top-up that stands alone, paid at once by one kind of payment. Under a reference that stands it answers with
    what stands. Raises what `plan_top_up` raises, `ReferenceTaken`."""
    actor.require(TOP_UP, store_id=store.pk)
    standing: TopUp | None = (
        TopUp.objects.select_related("wallet").filter(reference=f"{reference}/top-up").first()
    )
    if standing is not None:
        same = (standing.wallet.customer_id, standing.paid_amount, standing.store_id)
        if same != (customer.pk, paid_amount, store.pk):
            raise ReferenceTaken(reference=reference)
        unchanged()
        return standing
    if paid_amount <= 0:
        raise AmountMissing(field="paid_amount")
    # The wallet is locked before the shift: `plan_top_up` finds it locked already.
    wallet_of(customer=customer, store=store, is_named=is_named, actor=actor, now=now)
    business_date = store.business_date(now)
    tills = moved_money(
        store=store,
        payment_kind=payment_kind,
        amount=paid_amount,
        reference=f"{reference}/top-up",
        business_date=business_date,
        actor=actor,
        now=now,
    )
    plan = plan_top_up(
        customer=customer,
        paid_amount=paid_amount,
        store=store,
        reference=reference,
        business_date=business_date,
        offer=offer,
        is_named=is_named,
        payment_kind=payment_kind,
        payment_reference=payment_reference,
        counter=tills,
        actor=actor,
        now=now,
    )
    ledger.post_many(drafts=plan.drafts, actor=actor, now=now)
    _record("wallets.topped_up", plan.top_up, actor=actor, now=now)
    return plan.top_up


@operation("wallets.manage_offers")
def give_promotional(
    *,
    customer: Customer,
    amount: int,
    store: Store,
    reason: str,
    reference: str,
    expires_at: datetime | None,
    actor: Actor,
    now: datetime,
) -> TopUp:
    """Value given without payment. It is never refunded. Raises `AmountMissing`, `ReasonMissing`, `Frozen`."""
    if amount <= 0:
        raise AmountMissing
    if not reason.strip():
        raise ReasonMissing
    wallet = wallet_of(customer=customer, store=store, is_named=True, actor=actor, now=now)
    refuse_frozen(wallet)
    if not terms_for(store, store.business_date(now)).is_on("bonus_may_expire"):
        expires_at = None
    gift = TopUp.objects.create(
        wallet=wallet,
        kind=TopUp.Kind.GIFT,
        store=store,
        paid_amount=0,
        promotional_amount=amount,
        bonus_expires_at=expires_at,
        reference=f"{reference}/top-up",
        business_date=store.business_date(now),
        at=now,
        user_id=actor.user_id,
    )
    ledger.post_many(drafts=[draft_of(gift, wallet, clearing(store), GIFT_GIVEN)], actor=actor, now=now)
    _record("wallets.gift_given", gift, actor=actor, now=now, reason=reason)
    return gift


@operation("wallets.refund_wallets")
def undo_top_up(*, top_up: TopUp, reason: str, actor: Actor, now: datetime) -> TopUp:
    """A top-up entered by mistake is taken back whole, the payment with it. Raises `TopUpUsed`, `ReasonMissing`,
    `AlreadyReversed`."""
    actor.require("wallets.refund_wallets", store_id=top_up.store_id)
    if not reason.strip():
        raise ReasonMissing
    (wallet,) = lock_wallets(ids=[top_up.wallet_id])
    refuse_frozen(wallet)
    refuse_used(wallet, [top_up], now)
    transaction = Transaction.objects.get(reference=top_up.reference)
    undo, business_date = f"{top_up.reference}/undo", top_up.store.business_date(now)
    take_money_back(
        reference=top_up.reference, own_reference=undo, business_date=business_date, actor=actor, now=now
    )
    ledger.reverse(
        transaction=transaction,
        reference=undo,
        kind="wallets.top_up_undone",
        business_date=business_date,
        memo={"store": top_up.store_id},
        actor=actor,
        now=now,
    )
    _record("wallets.top_up_undone", top_up, actor=actor, now=now, reason=reason)
    return top_up


def refuse_used(wallet: Wallet, top_ups: Sequence[TopUp], now: datetime) -> None:
    """Raises `TopUpUsed` unless everything these brought is still there."""
    wanted = {each.pk for each in top_ups}
    for row, funding in fundings_of(wallet, at=now):
        whole = row.paid_amount + row.bonus_amount + row.promotional_amount
        if row.pk in wanted and funding.left < whole:
            raise TopUpUsed


def _record(kind: str, top_up: TopUp, *, actor: Actor, now: datetime, reason: str = "") -> None:
    wallet = top_up.wallet
    data = {
        "top_up": top_up.pk,
        "number": wallet.number,
        "paid": shown(top_up.paid_amount, wallet.currency),
        "given": shown(top_up.bonus_amount + top_up.promotional_amount, wallet.currency),
        "paid_amount": str(top_up.paid_amount),
        "bonus_amount": str(top_up.bonus_amount),
        "promotional_amount": str(top_up.promotional_amount),
    }
    record(
        kind,
        wallet,
        also=[subject_key(f"customers.customer:{wallet.customer_id}")],
        actor=actor,
        now=now,
        store_id=top_up.store_id,
        data=data | ({"reason": reason} if reason else {}),
    )


__all__ = [
    "TopUpPlan",
    "give_promotional",
    "offered",
    "plan_top_up",
    "top_up",
    "undo_top_up",
    "why_not",
]
