"""Points outside of sales: given or taken by hand, pending ones that become spendable, those that expire, the notice
before. Jobs are repeatable: whatever was done is named by its reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.customers.models import Customer
from dianke.events.operations import operation, record, step, unchanged
from dianke.ledger import operations as ledger
from dianke.ledger import queries as books
from dianke.ledger.models import Lot
from dianke.ledger.operations import Draft, Entry, Posted
from dianke.ledger.rules import POINTS
from dianke.loyalty.models import ExpiryNotice, MemberSale, Programme
from dianke.loyalty.operations.accounts import accounts_for, house_account, spec_of
from dianke.loyalty.operations.selling import NoProgramme, spending_draft
from dianke.loyalty.queries.context import (
    EXPIRED_CODE,
    ISSUED_CODE,
    PENDING_CODE,
    POINTS_CODE,
    customer_of,
    holder_of,
    read_context,
)
from dianke.loyalty.queries.returning import EXPIRED_KIND
from dianke.loyalty.queries.standing import cluster_of
from dianke.loyalty.rules.terms import ProgrammeTerms

ADJUST = "loyalty.adjust_points"
RELEASED, ADJUSTED, TAKEN = "loyalty.points_released", "loyalty.points_given", "loyalty.points_taken"
MOST_BY_HAND = 10_000_000


class PointsReasonMissing(InvalidInput):
    code = "loyalty_points_reason_missing"
    message = _("Say why the points are corrected. The reason stays with them.")
    default_field = "reason"


class PointsNone(InvalidInput):
    code = "loyalty_points_none"
    message = _("Enter how many points, more or less, up to %(most)s.")
    default_field = "points"


class PointsGoneAlready(InvalidInput):
    code = "loyalty_points_gone_already"
    message = _("Points that expire on this day would be gone at once. Choose a later day.")
    default_field = "expires_on"


@operation(ADJUST)
def adjust_points(
    *,
    customer: Customer,
    points: int,
    reason: str,
    key: UUID,
    expires_on: date | None = None,
    store_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> Posted:
    """Give (`points` above zero) or take points by hand. `expires_on`: the last day they can be used; None: as the
    programme says. `key` names the act: a repeat with it changes nothing. Raises PointsNone, PointsReasonMissing,
    PointsGoneAlready, PointsTooFew, NoProgramme."""
    if not points or abs(points) > MOST_BY_HAND:
        raise PointsNone(most=MOST_BY_HAND)
    if not reason.strip():
        raise PointsReasonMissing
    context = read_context(cluster_of(customer.pk))
    terms = context.terms
    if terms is None:
        raise NoProgramme
    today = terms.day_of(now)
    reference = f"loyalty.adjustment:{key}"
    if points > 0:
        expires_at = terms.midnight(expires_on + timedelta(days=1)) if expires_on else terms.expires_at(today)
        if expires_at is not None and expires_at <= now:
            raise PointsGoneAlready
        draft = _gift(customer.pk, points, ADJUSTED, reference, today, expires_at, terms)
    else:
        taking = spending_draft(
            context, -points, kind=TAKEN, reference=reference, business_date=today, now=now
        )
        issued = house_account(code=ISSUED_CODE)
        # Taken by hand: as if it had never been given, not spent.
        draft = Draft(TAKEN, reference, [*taking.entries[:-1], Entry(issued, points)], today)
    draft = Draft(
        draft.kind, draft.reference, draft.entries, draft.business_date, {"reason": reason.strip()[:200]}
    )
    (posted,) = ledger.post_many(drafts=[draft], actor=actor, now=now)
    if posted.is_repeat:
        unchanged()
        return posted
    record(
        "loyalty.points_adjusted",
        f"customers.customer:{customer.head_id}",
        actor=actor,
        now=now,
        store_id=store_id,
        data={"points": f"{points:+d}", "transaction": posted.transaction_id},
    )
    return posted


@step
def give_points(
    *,
    customer_id: int,
    points: int,
    kind: str,
    reference: str,
    business_date: date,
    expires_at: datetime | None,
    terms: ProgrammeTerms,
    actor: Actor,
    now: datetime,
) -> Posted:
    """Points for a reason that is no sale: a gift, bringing somebody. They can be used at once."""
    draft = _gift(customer_id, points, kind, reference, business_date, expires_at, terms)
    return ledger.post_many(drafts=[draft], actor=actor, now=now)[0]


@step
def _gift(
    customer_id: int,
    points: int,
    kind: str,
    reference: str,
    business_date: date,
    expires_at: datetime | None,
    terms: ProgrammeTerms,
) -> Draft:
    context = read_context([customer_id])
    account, issued = accounts_for(
        context=context, customer_id=customer_id, codes=[POINTS_CODE], house=[ISSUED_CODE]
    )
    return Draft(
        kind, reference, [Entry(account, points, expires_at, reference), Entry(issued, points)], business_date
    )


# --- pending becomes spendable ------------------------------------------------------------------------------
@operation(None)
def release_points(*, limit: int = 500, actor: Actor, now: datetime) -> int:
    """Move what is left of pending points whose time has come to the spendable ones, with the expiry they were
    promised; how many purchases were looked at. Call it until it returns 0.
    """
    due = list(
        MemberSale.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(released_at=None, releases_at__lte=now)
        .select_related("programme")
        .order_by("releases_at", "pk")[:limit]
    )
    if not due:
        unchanged()
        return 0
    holders = {holder_of(sale.customer_id) for sale in due}
    accounts = {
        (account.holder, account.code): account
        for account in ledger.open_accounts(
            specs=[
                spec_of(holder, code) for holder in sorted(holders) for code in (PENDING_CODE, POINTS_CODE)
            ]
        )
    }
    pending = [account.pk for (_holder, code), account in accounts.items() if code == PENDING_CODE]
    lots: dict[tuple[int, str], list[Lot]] = {}
    for lot in Lot.objects.filter(account__in=pending, remaining__gt=0).order_by("pk"):
        lots.setdefault((lot.account_id, lot.source), []).append(lot)
    expired = house_account(code=EXPIRED_CODE)
    drafts, total = [], 0
    for sale in due:
        source = accounts[holder_of(sale.customer_id), PENDING_CODE]
        found = lots.get((source.pk, sale.reference), [])
        points = sum(lot.remaining for lot in found)
        if not points:
            continue
        terms = ProgrammeTerms.read(sale.programme)
        expires_at = terms.expires_at(sale.counted_on)
        taken = Entry(source, -points, first=tuple(lot.pk for lot in found))
        if expires_at is not None and expires_at <= now:
            given, kind = Entry(expired, points), EXPIRED_KIND
        else:
            target = accounts[holder_of(sale.customer_id), POINTS_CODE]
            given, kind = Entry(target, points, expires_at, sale.reference), RELEASED
            total += points
        drafts.append(Draft(kind, f"{sale.reference}/points/released", [taken, given], terms.day_of(now)))
    if drafts:
        ledger.post_many(drafts=drafts, actor=actor, now=now)
    MemberSale.objects.filter(pk__in=[sale.pk for sale in due]).update(released_at=now)
    record(
        "loyalty.points_released",
        f"loyalty.programme:{due[0].programme_id}",
        actor=actor,
        now=now,
        data={"purchases": len(due), "points": total},
    )
    return len(due)


# --- expiry -------------------------------------------------------------------------------------------------
@operation(None)
def expire_points(*, limit: int = 500, actor: Actor, now: datetime) -> int:
    """Take away what expired, of up to `limit` members; how many. Call it until it returns 0."""
    programme = Programme.objects.filter(is_default=True).first()
    if programme is None:
        unchanged()
        return 0
    posted = ledger.expire_lots(
        code=POINTS_CODE,
        into=house_account(code=EXPIRED_CODE),
        business_date=ProgrammeTerms.read(programme).day_of(now),
        actor=actor,
        now=now,
        kind=EXPIRED_KIND,
        limit=limit,
    )
    if not posted:
        unchanged()
        return 0
    record(
        "loyalty.points_expired",
        f"loyalty.programme:{programme.pk}",
        actor=actor,
        now=now,
        data={"members": len(posted)},
    )
    return len(posted)


@dataclass(frozen=True, slots=True)
class Announced:
    """How many members were told, and the account to go on from (0: at the end)."""

    count: int
    next_id: int


@operation(None)
def announce_expiry(*, after: int = 0, limit: int = 500, actor: Actor, now: datetime) -> Announced:
    """Tell members of points that expire within the days of notice, once per instant. They see it on their phone and
    the shop on the profile; the event is what messages are sent from."""
    programme = Programme.objects.filter(is_default=True, is_active=True).first()
    if programme is None or not programme.notice_days:
        unchanged()
        return Announced(0, 0)
    found = books.expiring(
        code=POINTS_CODE,
        unit=POINTS,
        since=now,
        until=now + timedelta(days=programme.notice_days),
        after=after,
        limit=limit,
    )
    customers = {customer_of(each.holder) for each in found}
    living = set(Customer.objects.in_use().filter(pk__in=customers).values_list("pk", flat=True))
    rows = [
        ExpiryNotice(
            customer_id=customer_of(each.holder),
            account_id=each.account_id,
            expires_at=each.expires_at,
            points=each.quantity,
            at=now,
        )
        for each in found
        if customer_of(each.holder) in living
    ]
    told = set(
        ExpiryNotice.objects.filter(account_id__in={row.account_id for row in rows}).values_list(
            "account_id", "expires_at"
        )
    )
    new = [row for row in rows if (row.account_id, row.expires_at) not in told]
    ExpiryNotice.objects.bulk_create(new, ignore_conflicts=True)
    pages = {each.account_id for each in found}
    next_id = max(pages) if len(pages) == limit else 0
    if not new:
        unchanged()
        return Announced(0, next_id)
    heads = Customer.objects.filter(pk__in={row.customer_id for row in new})
    record(
        "loyalty.expiry_announced",
        f"loyalty.programme:{programme.pk}",
        also=sorted({f"customers.customer:{head.head_id}" for head in heads}),
        actor=actor,
        now=now,
        data={"members": len(new)},
    )
    return Announced(len(new), next_id)
