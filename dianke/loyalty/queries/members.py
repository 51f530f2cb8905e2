"""Where many members stand, for jobs and for following what happened: set-based, a batch at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import connection

from dianke.loyalty.models import Level, LevelGrant, Membership, Programme
from dianke.loyalty.queries.standing import clusters_of
from dianke.loyalty.rules.levels import Sums, better, reached, windows
from dianke.loyalty.rules.terms import LevelTerms, ProgrammeTerms


@dataclass(frozen=True, slots=True)
class House:
    """The programme in use with its levels."""

    programme: Programme
    terms: ProgrammeTerms
    levels: tuple[LevelTerms, ...]

    @property
    def first(self) -> LevelTerms | None:
        """The level everybody begins with."""
        free = [level for level in self.levels if level.asks and not any(level.asks.values())]
        return better(*free)


@dataclass(frozen=True, slots=True)
class Seen:
    """What decides about a profile: its membership row (None: none yet), what its windows lead to, the best level
    given to it, the sums of the current window."""

    head_id: int
    cluster: tuple[int, ...]
    member: Membership | None
    members: tuple[Membership, ...]
    joined_on: date
    target: LevelTerms | None
    given: LevelTerms | None
    sums: Sums


def house() -> House | None:
    """The programme in use; None when there is none. Two statements."""
    programme = Programme.objects.filter(is_default=True, is_active=True).first()
    if programme is None:
        return None
    levels = Level.objects.in_use().filter(programme=programme)
    return House(programme, ProgrammeTerms.read(programme), tuple(LevelTerms.read(level) for level in levels))


def seen(of: House, head_ids: Collection[int], today: date) -> dict[int, Seen]:
    """What decides about these profiles on a day. Four statements, whatever their number."""
    clusters = clusters_of(head_ids)
    ids = [pk for cluster in clusters.values() for pk in cluster]
    rows = {row.customer_id: row for row in Membership.objects.filter(customer__in=ids)}
    by_id = {level.id: level for level in of.levels}
    given: dict[int, LevelTerms] = {}
    head_of = {pk: head for head, cluster in clusters.items() for pk in cluster}
    grants = LevelGrant.objects.filter(customer__in=ids, withdrawn_at=None, from_date__lte=today).exclude(
        to_date__lt=today
    )
    for customer_id, level_id in grants.values_list("customer_id", "level_id"):
        best = better(given.get(head_of[customer_id]), by_id.get(level_id))
        if best is not None:
            given[head_of[customer_id]] = best
    joined = {
        head: min((rows[pk].joined_on for pk in cluster if pk in rows), default=today)
        for head, cluster in clusters.items()
    }
    sums = _sums(of.terms, clusters, joined, today)
    return {
        head: Seen(
            head,
            tuple(cluster),
            rows.get(head),
            tuple(rows[pk] for pk in cluster if pk in rows),
            joined[head],
            reached(of.levels, sums[head]),
            given.get(head),
            sums[head][0],
        )
        for head, cluster in clusters.items()
    }


def _sums(
    terms: ProgrammeTerms, clusters: Mapping[int, list[int]], joined: Mapping[int, date], today: date
) -> dict[int, list[Sums]]:
    """Head -> the sums of its windows, the current one first. One statement."""
    heads, customers, firsts, lasts, places = [], [], [], [], []
    found: dict[int, list[Sums]] = {}
    for head, cluster in clusters.items():
        spans = windows(terms, joined[head], today)
        found[head] = [Sums()] * len(spans)
        for place, span in enumerate(spans):
            for pk in cluster:
                heads.append(head)
                customers.append(pk)
                firsts.append(span.first)
                lasts.append(span.last)
                places.append(place)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT n.head, n.place, sum(s.spend_amount - s.spend_back)::bigint,
                count(*) FILTER (WHERE NOT s.is_returned AND s.spend_amount > s.spend_back),
                sum(s.tier_points - s.tier_points_back)::bigint
            FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[], %s::int[])
                AS n(head, customer, first, last, place)
            JOIN loyalty_membersale AS s ON s.customer_id = n.customer AND s.counted_on BETWEEN n.first AND n.last
            GROUP BY n.head, n.place
            """,
            [heads, customers, firsts, lasts, places],
        )
        for head, place, amount, orders, points in cursor.fetchall():
            found[head][place] = Sums(amount, orders, points)
    return found
