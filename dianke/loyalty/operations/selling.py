"""What a sale does for a member. `plan_sale` decides and writes nothing but accounts that are missing: the sale
posts the drafts together with everything else of value. `note_sale` then keeps what was decided, for levels and
returns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.core.hot_rows import Adding
from dianke.events.operations import step
from dianke.ledger.operations import Draft, Entry
from dianke.ledger.rules import OpenLot, choose_lots
from dianke.loyalty.models import MemberSale
from dianke.loyalty.operations.accounts import accounts_for
from dianke.loyalty.queries.birthdays import birthday_of
from dianke.loyalty.queries.context import (
    ISSUED_CODE,
    PENDING_CODE,
    POINTS_CODE,
    REDEEMED_CODE,
    Context,
    read_context,
)
from dianke.loyalty.queries.standing import Standing
from dianke.loyalty.rules.earning import Earned, Occasion, SaleLine, earn, without_points
from dianke.loyalty.rules.terms import ProgrammeTerms

_MEMBER_SALES = Adding(MemberSale, "ON CONFLICT DO NOTHING")
EARNED, REDEEMED = "loyalty.points_earned", "loyalty.points_redeemed"


class PointsTooFew(Conflict):
    code = "points_too_few"
    message = _("Only %(available)s points can be used, %(wanted)s are wanted. Use fewer points.")
    default_field = "points"


class PointsNotUsable(InvalidInput):
    code = "points_not_usable"
    message = _("%(wanted)s points cannot be used. They are used from %(minimum)s on, in steps of %(step)s.")
    default_field = "points"


class NoProgramme(Conflict):
    code = "loyalty_no_programme"
    message = _("There is no membership programme in use. Set one up first, under levels and points.")


@dataclass(frozen=True, slots=True)
class SalePlan:
    """What a sale is to post and what it gives. `earned` points in all, `earned_by_line` those of lines (by key),
    `bonus` the extra ones for amounts reached; `releases_at`: pending until then. `row` is for `note_sale`."""

    drafts: tuple[Draft, ...]
    earned: int
    earned_by_line: Mapping[str, int]
    bonus: int
    redeemed: int
    tier_points: int
    releases_at: datetime | None
    row: MemberSale | None


NOTHING = SalePlan((), 0, {}, 0, 0, 0, None, None)


@step
def plan_sale(
    *,
    customer_ids: Sequence[int],
    lines: Sequence[SaleLine],
    redeemed_points: int,
    reference: str,
    store_id: int | None,
    business_date: date,
    occurred_at: datetime,
    actor: Actor,
    now: datetime,
    standing: Standing | None = None,
    customer_id: int | None = None,
) -> SalePlan:
    """Decide what a sale earns and which points it uses. `customer_ids`: the profile, head first; `customer_id` the
    identity that bought (the head unless given). `standing` saves the one statement this reads.

    References: `{reference}/points`, `{reference}/redeem`. Raises PointsTooFew, PointsNotUsable, NoProgramme (points
    wanted where there is none); posting later raises the ledger's BalanceTooLow when another till was quicker.
    """
    context = (standing.context if standing else None) or read_context(customer_ids)
    terms = context.terms
    if terms is None:
        if redeemed_points:
            raise NoProgramme
        return NOTHING
    buyer = customer_id if customer_id is not None else context.customer_ids[0]
    day = terms.day_of(occurred_at)
    level = context.level_at(day)
    birthday = birthday_of(context, day)
    occasion = Occasion(
        day=day,
        store_id=store_id,
        level_code=level.code if level else "",
        is_birthday=birthday.is_today,
        is_birthday_month=birthday.is_this_month,
    )
    earned = earn(lines, terms=terms, rules=context.rules, level=level, occasion=occasion)
    releases_at = terms.releases_at(occurred_at) if earned.points else None
    if releases_at is not None and releases_at <= now:
        releases_at = None
    drafts: list[Draft] = []
    if redeemed_points:
        drafts.append(_redeem(context, terms, redeemed_points, reference, business_date, now))
    if earned.points:
        code = PENDING_CODE if releases_at else POINTS_CODE
        account, issued = accounts_for(context=context, customer_id=buyer, codes=[code], house=[ISSUED_CODE])
        expires_at = None if releases_at else terms.expires_at(day)
        if expires_at is None or expires_at > now:
            entries = [Entry(account, earned.points, expires_at, reference), Entry(issued, earned.points)]
            drafts.append(Draft(EARNED, f"{reference}/points", entries, business_date))
        else:
            earned = without_points(earned)  # entered so late that its points would be gone already
    row = _row(
        terms, buyer, earned, redeemed_points, reference, store_id, business_date, occurred_at, releases_at
    )
    return SalePlan(
        drafts=tuple(drafts),
        earned=earned.points,
        earned_by_line={line.key: line.earned for line in earned.lines},
        bonus=sum(bonus.granted for bonus in earned.bonuses),
        redeemed=redeemed_points,
        tier_points=earned.tier_points,
        releases_at=releases_at,
        row=row,
    )


@step
def note_sale(*, plan: SalePlan) -> None:
    """Keep what was decided; after posting, in the same operation. One statement; a repeat changes nothing."""
    if plan.row is not None:
        _MEMBER_SALES.add(plan.row)


def _redeem(
    context: Context, terms: ProgrammeTerms, points: int, reference: str, business_date: date, now: datetime
) -> Draft:
    if not terms.worth.is_usable(points):
        raise PointsNotUsable(wanted=points, minimum=terms.redeem_minimum, step=terms.redeem_step)
    return spending_draft(
        context, points, kind=REDEEMED, reference=f"{reference}/redeem", business_date=business_date, now=now
    )


@step
def spending_draft(
    context: Context, points: int, *, kind: str, reference: str, business_date: date, now: datetime
) -> Draft:
    """Take points from the accounts of a profile, those that expire earliest first, whichever account they are in.
    Raises PointsTooFew."""
    free = context.spendable(now)
    if sum(free.values()) < points:
        raise PointsTooFew(available=sum(free.values()), wanted=points)
    accounts = {account.pk: account for account in context.own_accounts(POINTS_CODE)}
    lots = [
        OpenLot(lot.id, lot.remaining, lot.expires_at)
        for lot in context.lots
        if lot.account_id in accounts and lot.remaining > 0
    ]
    owner = {lot.id: lot.account_id for lot in context.lots}
    taken: dict[int, int] = {}
    first: dict[int, list[int]] = {}
    wanted = points
    for lot_id, _part in choose_lots(lots, sum(lot.remaining for lot in lots), now=now).taken:
        account_id = owner[lot_id]
        part = min(_part, wanted, free[account_id])
        if part > 0:
            taken[account_id] = taken.get(account_id, 0) + part
            first.setdefault(account_id, []).append(lot_id)
            free[account_id] -= part
            wanted -= part
    (redeemed,) = accounts_for(
        context=context, customer_id=context.customer_ids[0], codes=[], house=[REDEEMED_CODE]
    )
    entries = [
        Entry(accounts[account_id], -part, first=tuple(first[account_id]))
        for account_id, part in taken.items()
    ]
    return Draft(kind, reference, [*entries, Entry(redeemed, points)], business_date)


def _row(
    terms: ProgrammeTerms,
    customer_id: int,
    earned: Earned,
    redeemed: int,
    reference: str,
    store_id: int | None,
    business_date: date,
    occurred_at: datetime,
    releases_at: datetime | None,
) -> MemberSale:
    return MemberSale(
        programme_id=terms.id,
        customer_id=customer_id,
        reference=reference,
        store_id=store_id,
        business_date=business_date,
        counted_on=terms.day_of(occurred_at),
        occurred_at=occurred_at,
        spend_amount=earned.spend,
        tier_points=earned.tier_points,
        earned_points=earned.points,
        redeemed_points=redeemed,
        lines={
            line.key: {"paid": line.paid, "counts": line.counts, "earned": line.earned, "left": line.paid}
            for line in earned.lines
        },
        bonuses=[
            {
                "rule_id": bonus.rule_id,
                "per_amount": bonus.per_amount,
                "points": bonus.points,
                "is_repeated": bonus.is_repeated,
                "keys": list(bonus.keys),
                "granted": bonus.granted,
            }
            for bonus in earned.bonuses
        ],
        releases_at=releases_at,
    )
