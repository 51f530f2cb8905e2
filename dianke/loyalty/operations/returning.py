"""What a return takes back and gives back. The numbers come from `queries.returning`, so that the preview shows
exactly what is done; the return of the sale posts the drafts and carries out the reversals together with
everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict
from dianke.events.operations import step
from dianke.ledger.operations import Draft, Entry
from dianke.loyalty.models import MemberReturn, MemberSale
from dianke.loyalty.operations.accounts import accounts_for, let_owe
from dianke.loyalty.queries.context import EXPIRED_CODE, ISSUED_CODE, POINTS_CODE
from dianke.loyalty.queries.returning import Effect, ReturnPreview, effect_of

TAKEN_BACK, GIVEN_BACK = "loyalty.points_taken_back", "loyalty.points_given_back"


class PointsSpent(Conflict):
    code = "points_spent"
    message = _(
        "%(short)s points earned with this purchase are spent already, and the programme asks for them first. "
        "Correct the points, or change what the programme does about it."
    )


@dataclass(frozen=True, slots=True)
class Reversal:
    """Arguments for `ledger.reverse_part`, besides business date, actor and now."""

    transaction_id: int
    share: Fraction
    reference: str
    kind: str
    grace_days: int


@dataclass(frozen=True, slots=True)
class ReturnPlan:
    """What the return is to post: first every one of `reversals` (`ledger.reverse_part`), then `drafts` together.
    `deducted_amount` is to be taken off the refund for points that were spent. `preview` has all the numbers."""

    drafts: tuple[Draft, ...]
    reversals: tuple[Reversal, ...]
    clawed_back: int
    given_back: int
    short: int
    owed: int
    deducted_amount: int
    preview: ReturnPreview | None


NOTHING = ReturnPlan((), (), 0, 0, 0, 0, 0, None)


@step
def plan_return(
    *,
    reference_of_sale: str,
    reference: str,
    left: Mapping[str, int],
    business_date: date,
    actor: Actor,
    now: datetime,
    redeemed_share: Fraction | None = None,
    policy: str = "",
) -> ReturnPlan:
    """Decide what a return of parts of a sale does for the member, and keep it. `left`: line key -> what of its paid
    amount remains after this return (lines not named stay as they are). `redeemed_share`: which part of the points
    used is given back by now, all returns together; unless given, the part of the money that is. `policy`: another
    way with spent points than the programme's, if one was chosen.

    References: `{reference}/points`, `{reference}/redeem`. A return that was noted answers with what it decided and
    nothing to post. Raises LeftOutOfRange, PointsSpent.
    """
    sale = MemberSale.objects.select_for_update().filter(reference=reference_of_sale).first()
    if sale is None:
        return NOTHING
    if (noted := MemberReturn.objects.filter(reference=reference).first()) is not None:
        return ReturnPlan(
            (),
            (),
            noted.earned_back,
            noted.redeemed_back,
            noted.short_points,
            noted.owed_points,
            noted.deducted_amount,
            None,
        )
    effect = effect_of(sale, left=left, redeemed_share=redeemed_share, policy=policy, now=now)
    if effect.settled.is_blocked:
        raise PointsSpent(short=effect.claw.short)
    drafts = _drafts(effect, reference, business_date)
    reversals = []
    if effect.redeemed_now and effect.redeem_id is not None:
        terms = effect.context.terms
        grace_days = terms.return_grace_days if terms else 0
        reversals.append(
            Reversal(
                effect.redeem_id,
                min(effect.redeemed_share, Fraction(1)),
                f"{reference}/redeem",
                GIVEN_BACK,
                grace_days,
            )
        )
    _note(effect, reference, business_date, now)
    return ReturnPlan(
        drafts,
        tuple(reversals),
        effect.earned_now,
        effect.redeemed_now,
        effect.claw.short,
        effect.settled.owed,
        effect.settled.amount,
        effect.preview(now),
    )


@step
def _drafts(effect: Effect, reference: str, business_date: date) -> tuple[Draft, ...]:
    claw, settled, context = effect.claw, effect.settled, effect.context
    taken = claw.total + claw.lapsed + settled.owed
    if not taken:
        return ()
    # `owed` lands on the account of who bought.
    codes = [POINTS_CODE] if settled.owed else []
    house = [ISSUED_CODE, *([EXPIRED_CODE] if claw.lapsed else [])]
    found = accounts_for(context=context, customer_id=effect.sale.customer_id, codes=codes, house=house)
    by_id = {account.pk: account for account in context.accounts.values()}
    amounts = dict(claw.taken)
    debtor = found[0] if settled.owed else None
    if debtor is not None:
        let_owe(account=debtor)
        amounts[debtor.pk] = amounts.get(debtor.pk, 0) + settled.owed
    entries = [
        Entry(
            by_id[account_id],
            -part,
            first=tuple(claw.first.get(account_id, ())),
            may_owe=debtor is not None and account_id == debtor.pk,
        )
        for account_id, part in amounts.items()
    ]
    house_accounts = found[len(codes) :]
    if claw.lapsed:
        entries.append(Entry(house_accounts[1], -claw.lapsed))
    entries.append(Entry(house_accounts[0], -taken))
    return (Draft(TAKEN_BACK, f"{reference}/points", entries, business_date),)


@step
def _note(effect: Effect, reference: str, business_date: date, now: datetime) -> None:
    sale, gone = effect.sale, effect.gone
    MemberReturn.objects.create(
        sale=sale,
        reference=reference,
        business_date=business_date,
        at=now,
        left=dict(gone.left),
        spend_back=gone.spend - sale.spend_back,
        earned_back=effect.earned_now,
        redeemed_back=effect.redeemed_now,
        lapsed_points=effect.claw.lapsed,
        short_points=effect.claw.short,
        owed_points=effect.settled.owed,
        deducted_amount=effect.settled.amount,
        policy=effect.policy,
    )
    sale.spend_back, sale.tier_points_back, sale.earned_back = gone.spend, gone.tier_points, gone.points
    sale.redeemed_back += effect.redeemed_now
    sale.lines = {key: line | {"left": gone.left[key]} for key, line in sale.lines.items()}
    sale.is_returned = not any(gone.left.values())
    sale.followed_at = None
    sale.save(
        update_fields=[
            "spend_back",
            "tier_points_back",
            "earned_back",
            "redeemed_back",
            "lines",
            "is_returned",
            "followed_at",
        ]
    )
