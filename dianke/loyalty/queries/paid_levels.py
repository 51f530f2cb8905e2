"""Levels that are sold: which can be bought, and what taking one back would do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import Conflict
from dianke.loyalty.models import Level, LevelGrant, MemberSale
from dianke.loyalty.queries.members import house, seen
from dianke.loyalty.queries.standing import cluster_of
from dianke.loyalty.rules.levels import better
from dianke.loyalty.rules.terms import LevelTerms


class LevelUsed(Conflict):
    code = "loyalty_level_used"
    message = _(
        "The level “%(name)s” was used for a purchase since it was bought, so it is not taken back. It stays through"
        " %(day)s. If that purchase is returned whole, the level can be given back too."
    )
    default_field = "items"


class LevelFollowed(Conflict):
    code = "loyalty_level_followed"
    message = _(
        "“%(name)s” was bought again, and that time follows on. Give back what was bought last first."
    )
    default_field = "items"


@dataclass(frozen=True, slots=True)
class LevelBack:
    """A paid level that would end, and the level its holder has then (empty: none)."""

    grant: LevelGrant
    name: str
    from_date: date
    to_date: date | None
    level_after: str


def levels_for_sale(currency: str) -> QuerySet[Level]:
    """The levels with a price, the highest first."""
    rows: QuerySet[Level] = Level.objects.in_use().filter(
        programme__is_default=True,
        programme__is_active=True,
        programme__currency=currency,
        price_amount__isnull=False,
    )
    return rows.order_by("-rank")


def preview_level_back(*, reference: str, sale_reference: str, now: datetime) -> LevelBack | None:
    """What taking back the level sold under `reference` does; None when nothing of it is left to take. A level was used
    once its holder bought something since it began, in another sale than the one it was sold with (`sale_reference`)
    that was not returned whole. Raises `LevelUsed`, `LevelFollowed`."""
    grant: LevelGrant | None = (
        LevelGrant.objects.select_related("level").filter(reference=reference, withdrawn_at=None).first()
    )
    if grant is None:
        return None
    cluster = cluster_of(grant.customer_id)
    mine = LevelGrant.objects.filter(customer__in=cluster, withdrawn_at=None).exclude(pk=grant.pk)
    follows = mine.filter(level=grant.level_id, kind=LevelGrant.Kind.PAID, from_date__gt=grant.from_date)
    if follows.exists():
        raise LevelFollowed(name=grant.level.name)
    bought = MemberSale.objects.filter(
        customer__in=cluster, occurred_at__gte=grant.at, counted_on__gte=grant.from_date, is_returned=False
    )
    if bought.exclude(reference=sale_reference).exists():
        raise LevelUsed(name=grant.level.name, day=f"{grant.to_date:%Y-%m-%d}" if grant.to_date else "–")
    return LevelBack(grant, grant.level.name, grant.from_date, grant.to_date, _after(grant, cluster[0], now))


def _after(grant: LevelGrant, head_id: int, now: datetime) -> str:
    """The name of the level that is left without this grant."""
    of = house()
    if of is None:
        return ""
    today = of.terms.day_of(now)
    who = seen(of, [head_id], today)[head_id]
    others = LevelGrant.objects.filter(
        customer__in=who.cluster, withdrawn_at=None, from_date__lte=today
    ).exclude(pk=grant.pk)
    by_id = {level.id: level for level in of.levels}
    left: LevelTerms | None = (
        by_id.get(who.member.reached_id) if who.member and who.member.reached_id else of.first
    )
    for level_id in others.exclude(to_date__lt=today).values_list("level_id", flat=True):
        left = better(left, by_id.get(level_id))
    return left.name if left else ""
