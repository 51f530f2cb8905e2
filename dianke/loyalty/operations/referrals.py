"""Members who bring members. The word they pass on leads to a referral; it is rewarded once, after the first paid
purchase of who came, and taken back when that purchase is returned.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, NotFound
from dianke.customers.models import ContactKind, ContactPoint, Customer
from dianke.events.operations import operation, record, step, unchanged
from dianke.ledger import operations as ledger
from dianke.ledger.models import Account, Transaction
from dianke.loyalty.models import MemberSale, Programme, Referral, ReferralCode
from dianke.loyalty.operations.accounts import let_owe
from dianke.loyalty.operations.points import give_points
from dianke.loyalty.queries.context import POINTS_CODE, holder_of
from dianke.loyalty.queries.standing import cluster_of
from dianke.loyalty.rules.terms import ProgrammeTerms

REWARDED, TAKEN_BACK = "loyalty.referral_rewarded", "loyalty.referral_taken_back"
#: Without letters and digits that are read for one another.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 8


class ReferralCodeUnknown(NotFound):
    code = "referral_code_unknown"
    message = _("Nobody has this invitation code. Check it.")
    default_field = "code"


class ReferralsOff(Conflict):
    code = "referrals_off"
    message = _("Bringing members is not rewarded at the moment.")


class ReferredAlready(Conflict):
    code = "referred_already"
    message = _("This customer was brought by somebody already. Nobody is brought twice.")


class ReferredSelf(Conflict):
    code = "referred_self"
    message = _("This is the code of the same customer. It is meant for others.")
    default_field = "code"


class ReferredBoughtBefore(Conflict):
    code = "referred_bought_before"
    message = _("This customer has bought here before, so nobody brought them now.")


@operation(None)
def referral_code_of(*, customer_id: int, actor: Actor, now: datetime) -> ReferralCode:
    """The code of a profile, made when it has none yet. Who may see the profile may ask; the customer for their
    own.
    """
    head_id = cluster_of(customer_id)[0]
    standing = ReferralCode.objects.filter(customer=head_id).first()
    if standing is not None:
        unchanged()
        return standing
    while True:
        code = "".join(secrets.choice(ALPHABET) for _each in range(LENGTH))
        if not ReferralCode.objects.filter(code=code).exists():
            break
    made = ReferralCode.objects.create(customer_id=head_id, code=code, made_at=now)
    record("loyalty.referral_code_made", f"customers.customer:{head_id}", actor=actor, now=now)
    return made


@operation(None)
def claim_referral(*, customer_id: int, code: str, actor: Actor, now: datetime) -> Referral:
    """Note that a customer came by a member's code. A repeat with the same code gives what stands. Raises
    ReferralsOff, ReferralCodeUnknown, ReferredSelf, ReferredAlready, ReferredBoughtBefore. What looks like one
    person under two names is noted and not rewarded: nobody is told why, so nobody learns how to get round it.
    """
    programme = _programme()
    word = ReferralCode.objects.filter(code=code.strip().upper()).first()
    if word is None:
        raise ReferralCodeUnknown
    # Two claims for one customer take turns.
    Customer.objects.select_for_update().get(pk=customer_id)
    mine, theirs = cluster_of(customer_id), cluster_of(word.customer_id)
    if set(mine) & set(theirs):
        raise ReferredSelf
    standing = Referral.objects.filter(referred__in=mine).order_by("pk").first()
    if standing is not None:
        if standing.customer_id in theirs:
            unchanged()
            return standing
        raise ReferredAlready
    if MemberSale.objects.filter(customer__in=mine).exists():
        raise ReferredBoughtBefore
    why = Referral.Why.SAME_PHONE if _share_a_phone(mine, theirs) else Referral.Why.NONE
    referral = Referral.objects.create(
        customer_id=theirs[0],
        referred_id=mine[0],
        state=Referral.State.REFUSED if why else Referral.State.WAITING,
        why=why,
        made_at=now,
        decided_at=now if why else None,
        referrer_points=programme.referrer_points,
        referred_points=programme.referred_points,
    )
    record(
        "loyalty.member_referred",
        f"customers.customer:{theirs[0]}",
        also=[f"customers.customer:{mine[0]}"],
        actor=actor,
        now=now,
        data={"state": referral.state, "why": referral.why},
    )
    return referral


def _programme() -> Programme:
    programme = Programme.objects.filter(is_default=True, is_active=True, is_referring=True).first()
    if programme is None:
        raise ReferralsOff
    return programme


def _share_a_phone(mine: Sequence[int], theirs: Sequence[int]) -> bool:
    """Whether a number stands with both; archived ones too, or a number could be put away for the day."""
    points = ContactPoint.objects.filter(kind=ContactKind.PHONE)
    numbers = points.filter(customer__in=theirs).values("value_exact")
    return points.filter(customer__in=mine, value_exact__in=numbers).exists()


# --- after a purchase or a return ---------------------------------------------------------------------------
@step
def follow_referral(
    *, sale: MemberSale, cluster: Sequence[int], actor: Actor, now: datetime
) -> Referral | None:
    """Reward who brought this customer if `sale` is the first paid purchase, or take the reward back if it was given
    for a purchase that is returned. None when nothing changed."""
    referral = (
        Referral.objects.select_for_update()
        .filter(referred__in=cluster, state__in=[Referral.State.WAITING, Referral.State.REWARDED])
        .order_by("pk")
        .first()
    )
    programme = Programme.objects.filter(is_default=True, is_active=True).first()
    if referral is None or programme is None:
        return None
    left = sale.spend_amount - sale.spend_back
    if referral.state == Referral.State.REWARDED:
        if referral.sale_id == sale.pk and (left <= 0 or left < programme.referral_least_amount):
            _take_back(referral, actor, now)
            return referral
        return None
    if sale.is_returned or left <= 0 or not programme.is_referring:
        return None
    theirs = cluster_of(referral.customer_id)
    if set(theirs) & set(cluster):
        return _refuse(referral, Referral.Why.SAME_PERSON, now)
    if _share_a_phone(cluster, theirs):
        return _refuse(referral, Referral.Why.SAME_PHONE, now)
    if left < programme.referral_least_amount:
        return _refuse(referral, Referral.Why.TOO_SMALL, now)
    # Rewards of one member take turns, so that the limit is counted right.
    Customer.objects.select_for_update().get(pk=theirs[0])
    since = now - timedelta(days=programme.referral_limit_days)
    rewarded = Referral.objects.filter(
        customer__in=theirs, state=Referral.State.REWARDED, decided_at__gt=since
    ).count()
    if rewarded >= programme.referral_limit:
        return _refuse(referral, Referral.Why.LIMIT, now)
    _reward(referral, sale, ProgrammeTerms.read(programme), actor, now)
    return referral


@step
def _refuse(referral: Referral, why: Referral.Why, now: datetime) -> Referral:
    referral.state, referral.why, referral.decided_at = Referral.State.REFUSED, why, now
    referral.save(update_fields=["state", "why", "decided_at"])
    return referral


@step
def _reward(referral: Referral, sale: MemberSale, terms: ProgrammeTerms, actor: Actor, now: datetime) -> None:
    today = terms.day_of(now)
    for customer_id, points, side in (
        (referral.customer_id, referral.referrer_points, "who-brought"),
        (referral.referred_id, referral.referred_points, "who-came"),
    ):
        if points:
            give_points(
                customer_id=customer_id,
                points=points,
                kind=REWARDED,
                reference=f"loyalty.referral:{referral.pk}/{side}",
                business_date=today,
                expires_at=terms.expires_at(today),
                terms=terms,
                actor=actor,
                now=now,
            )
    referral.state, referral.sale, referral.decided_at = Referral.State.REWARDED, sale, now
    referral.save(update_fields=["state", "sale", "decided_at"])


@step
def _take_back(referral: Referral, actor: Actor, now: datetime) -> None:
    """The points go back; what was spent of them is owed."""
    assert referral.sale is not None
    programme = referral.sale.programme
    today = ProgrammeTerms.read(programme).day_of(now)
    for customer_id, side in ((referral.customer_id, "who-brought"), (referral.referred_id, "who-came")):
        reference = f"loyalty.referral:{referral.pk}/{side}"
        origin = Transaction.objects.filter(reference=reference).first()
        if origin is None:
            continue
        let_owe(account=Account.objects.get(holder=holder_of(customer_id), code=POINTS_CODE))
        ledger.reverse(
            transaction=origin,
            reference=f"{reference}/back",
            business_date=today,
            kind=TAKEN_BACK,
            may_owe=True,
            actor=actor,
            now=now,
        )
    referral.state, referral.why, referral.decided_at = Referral.State.TAKEN_BACK, Referral.Why.RETURNED, now
    referral.save(update_fields=["state", "why", "decided_at"])
