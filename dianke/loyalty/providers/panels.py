"""What a customer's page shows of the membership (level, points, how far to the next level), what the customer's
own phone shows, and what merging says stays apart.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import segno
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from dianke.core.errors import Text
from dianke.core.money import Money
from dianke.customers.queries.panels import (
    Section,
    Step,
    Value,
    register_next_step,
    register_section,
    register_value,
)
from dianke.customers.queries.portal import PortalSection, register_portal_section
from dianke.customers.queries.profile import Profile
from dianke.customers.rules.merging import register_account_view
from dianke.ledger import queries as books
from dianke.ledger.models import Account
from dianke.ledger.rules import POINTS
from dianke.loyalty.models import Level, LevelGrant, MemberSale, Redemption, Referral, ReferralCode
from dianke.loyalty.models.programme import VIEW
from dianke.loyalty.queries.context import OF_MEMBER, customer_of, holder_of
from dianke.loyalty.queries.sentences import money
from dianke.loyalty.queries.standing import Standing, standing_of
from dianke.loyalty.queries.statement import lots_of
from dianke.loyalty.rules.levels import Missing, Next
from dianke.web import formats
from dianke.web.components import Stat

SOON_DAYS = 30


def standing_of_profile(profile: Profile) -> Standing:
    """The same for everything on one page: worked out once per request, which has one instant."""
    return _standing(tuple(_cluster(profile)), profile.now)


@lru_cache(maxsize=16)
def _standing(cluster: tuple[int, ...], at: datetime) -> Standing:
    return standing_of(cluster, at=at)


def _cluster(profile: Profile) -> list[int]:
    others = sorted(pk for pk in profile.member_ids if pk != profile.head.pk)
    return [profile.head.pk, *others]


def missing_text(each: Missing, currency: str) -> str:
    """ "¥180.00 more", "3 more purchases"."""
    if each.name == "amount":
        return _("spend %(amount)s more") % {"amount": money(each.missing, currency)}
    if each.name == "orders":
        return ngettext("%(n)s more purchase", "%(n)s more purchases", each.missing) % {"n": each.missing}
    return ngettext("%(n)s more level point", "%(n)s more level points", each.missing) % {"n": each.missing}


def next_text(ahead: Next, currency: str) -> str:
    """What is missing to the next level, in one sentence."""
    open_ = [missing_text(each, currency) for each in ahead.missing if each.missing]
    joint = pgettext("between two things that are both missing", " and ")
    either = pgettext("between two things of which one is enough", " or ")
    return _("%(missing)s to “%(level)s”") % {
        "missing": (joint if ahead.level.needs_all else either).join(open_),
        "level": ahead.level.name,
    }


def bar_of(ahead: Next, currency: str) -> tuple[int, int, str]:
    """What is done of what, for a bar: yuan, purchases or level points; of several what decides. And how it is written,
    where that is not as plain numbers."""
    choose = min if ahead.level.needs_all else max
    each = choose(ahead.missing, key=lambda one: one.have * 100 // one.need if one.need else 100)
    have = min(each.have, each.need)
    if each.name != "amount":
        return have, each.need, ""
    return have // 100, each.need // 100, f"{money(have, currency)} / {money(each.need, currency)}"


# --- the customer's page ------------------------------------------------------------------------------------
def _points_value(profile: Profile) -> Stat | None:
    standing = standing_of_profile(profile)
    if standing.programme_id is None:
        return None
    shown = -standing.owed if standing.owed else standing.points
    note = (
        _("%(points)s pending") % {"points": formats.number(standing.pending)}
        if standing.pending
        else (_("owed") if standing.owed else "")
    )
    url = reverse("loyalty:statement", args=[profile.head.pk])
    return Stat(_("Points"), formats.number(shown), note=note, url=url)


def _section(profile: Profile) -> Mapping[str, Any] | None:
    standing = standing_of_profile(profile)
    if standing.programme_id is None or standing.context is None or standing.context.terms is None:
        return None
    context, terms = standing.context, standing.context.terms
    level = Level.objects.filter(pk=standing.tier_id).first() if standing.tier_id else None
    open_rewards = Redemption.objects.filter(
        customer__in=context.customer_ids, state=Redemption.State.READY
    ).select_related("reward")
    grants = LevelGrant.objects.filter(
        customer__in=context.customer_ids, withdrawn_at=None, to_date__isnull=False
    ).order_by("-to_date")
    ahead = standing.next_tier
    return {
        "standing": standing,
        "level": level,
        "ahead": ahead,
        "ahead_text": next_text(ahead, terms.currency) if ahead else "",
        "bar": bar_of(ahead, terms.currency) if ahead else None,
        "worth": Money.from_minor(terms.worth.amount_for(standing.points), terms.currency).format("zh-hans"),
        "expiring": _expiring(standing, profile.now),
        "grant": grants.filter(to_date__gte=terms.day_of(profile.now)).first(),
        "open_rewards": list(open_rewards.order_by("pk")[:5]),
        "customer": profile.head,
        "can_adjust": profile.actor.can("loyalty.adjust_points"),
        "can_grant": profile.actor.can("loyalty.grant_levels"),
        "can_redeem": profile.actor.can("loyalty.redeem_points") and not profile.is_frozen,
        "is_frozen": profile.is_frozen,
    }


def _expiring(standing: Standing, now: datetime) -> dict[str, Any] | None:
    """The next points that expire within the days of notice."""
    context = standing.context
    if context is None or context.terms is None:
        return None
    until = now + timedelta(days=max(context.terms.notice_days, 1))
    lots = [
        lot
        for lot in context.lots
        if lot.remaining > 0 and lot.expires_at is not None and now < lot.expires_at <= until
    ]
    if not lots:
        return None
    first = min(lot.expires_at for lot in lots if lot.expires_at)
    points = sum(lot.remaining for lot in lots if lot.expires_at == first)
    # The last day they can be used, not the midnight after it.
    return {"points": points, "on": context.terms.day_of(first - timedelta(seconds=1))}


def _expiry_step(profile: Profile) -> Step | None:
    standing = standing_of_profile(profile)
    found = _expiring(standing, profile.now)
    if found is None:
        return None
    return Step(
        _("Tell the customer of points that expire"),
        _("%(points)s points can be used through %(day)s.")
        % {"points": formats.number(found["points"]), "day": formats.day(found["on"], profile.today)},
        reverse("loyalty:statement", args=[profile.head.pk]),
        icon="star",
        weight=30,
    )


# --- the customer's phone -----------------------------------------------------------------------------------
def _portal(customer_ids: Sequence[int], now: datetime) -> Mapping[str, Any] | None:
    from dianke.loyalty.models import Programme

    standing = standing_of(customer_ids, at=now)
    context = standing.context
    if standing.programme_id is None or context is None or context.terms is None:
        return None
    terms, ahead = context.terms, standing.next_tier
    programme = Programme.objects.get(pk=terms.id)
    level = Level.objects.filter(pk=standing.tier_id).first() if standing.tier_id else None
    code = ReferralCode.objects.filter(customer__in=customer_ids).first() if programme.is_referring else None
    return {
        "standing": standing,
        "level": level,
        "ahead_text": next_text(ahead, terms.currency) if ahead else "",
        "bar": bar_of(ahead, terms.currency) if ahead else None,
        "worth": Money.from_minor(terms.worth.amount_for(standing.points), terms.currency).format("zh-hans"),
        "grant": _grant(customer_ids, standing, terms.day_of(now)),
        "expiring": _expiring(standing, now),
        "lots": [
            {
                "points": lot.remaining,
                "is_pending": lot.is_pending,
                "usable_on": terms.day_of(lot.usable_from) if lot.usable_from else None,
                "through": terms.day_of(lot.expires_at - timedelta(seconds=1)) if lot.expires_at else None,
            }
            for lot in lots_of(customer_ids)[:20]
            if lot.remaining > 0 and (lot.expires_at is None or lot.expires_at > now)
        ],
        "is_referring": programme.is_referring,
        "may_be_referred": programme.is_referring and not _is_known(customer_ids),
        "code": code.code if code else "",
        "referrer_points": programme.referrer_points,
    }


def _grant(customer_ids: Sequence[int], standing: Standing, today: date) -> LevelGrant | None:
    """What was given or paid for and makes the level what it is, to the last day it was bought through."""
    rows = LevelGrant.objects.filter(customer__in=customer_ids, level=standing.tier_id, withdrawn_at=None)
    found: LevelGrant | None = rows.filter(to_date__gte=today).order_by("-to_date").first()
    return found


def _is_known(customer_ids: Sequence[int]) -> bool:
    """Whether these have bought before or were brought by somebody: then nobody brings them any more."""
    return (
        MemberSale.objects.filter(customer__in=customer_ids).exists()
        or Referral.objects.filter(referred__in=customer_ids).exists()
    )


def qr_of(address: str) -> str:
    """A QR code as the source of an image."""
    return str(
        segno.make(address, error="m", micro=False).svg_data_uri(scale=6, border=2, dark="#000", light="#fff")
    )


# --- merging ------------------------------------------------------------------------------------------------
def _count_for(customer_ids: Collection[int]) -> Mapping[int, Text]:
    """Customer -> "320 points", asked once for all."""
    accounts = list(
        Account.objects.filter(
            holder__in=[holder_of(pk) for pk in customer_ids], code__in=OF_MEMBER, unit=POINTS
        )
    )
    balances = books.balances(accounts)
    sums: dict[int, int] = {}
    for account in accounts:
        pk = customer_of(account.holder)
        sums[pk] = sums.get(pk, 0) + balances[account.pk]
    return {
        pk: ngettext("%(n)s point", "%(n)s points", total) % {"n": formats.number(total)}
        for pk, total in sums.items()
        if total
    }


def register() -> None:
    """Called once, when the app is ready."""
    register_value(Value("loyalty.points", VIEW, _points_value, order=30))
    register_section(
        Section(
            "loyalty.membership",
            gettext_lazy("Membership"),
            "loyalty/panels/membership.html",
            VIEW,
            _section,
            order=20,
        )
    )
    register_next_step("loyalty.expiry", VIEW, _expiry_step)
    register_portal_section(
        PortalSection(
            "loyalty.points", gettext_lazy("Points"), "loyalty/portal/section.html", _portal, order=10
        )
    )
    register_account_view("loyalty.points", gettext_lazy("Points"), _count_for)
