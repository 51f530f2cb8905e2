"""Segments in promotions and coupons: who may be named, who is in one at the till, and which offers name one.

A price asks whom a segment held when it was last worked out, never its rules: that is one look-up by index, the same
for everybody on that day, and the page of the segment shows the same people.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dianke.core.actor import Actor
from dianke.core.errors import Text
from dianke.core.prepared import prepared
from dianke.promotions.models import CouponKind, Promotion
from dianke.promotions.queries.segments import Segments, register_segments
from dianke.segments.models import Segment
from dianke.segments.queries.uses import register_holders, register_uses
from dianke.web import formats

MOST_CHOICES = 200
#: Members are kept under the profile of that moment: all of a cluster are asked.
_HOLDING = """
SELECT s.id, s.name FROM segments_segment AS s
WHERE s.id = ANY (%(segments)s::bigint[]) AND EXISTS (
  SELECT FROM segments_segmentmember AS m WHERE m.segment_id = s.id AND m.customer_id = ANY (%(customers)s::bigint[]))
"""


def _choices(actor: Actor) -> list[tuple[int, str]]:
    rows = Segment.objects.visible_to(actor).in_use().order_by("name")[:MOST_CHOICES]
    return [
        (
            row.pk,
            ngettext("%(name)s (%(count)s person)", "%(name)s (%(count)s people)", row.member_count)
            % {"name": row.name, "count": formats.number(row.member_count)},
        )
        for row in rows
    ]


def _taken(segment_ids: Collection[int], actor: Actor) -> set[int]:
    rows = Segment.objects.visible_to(actor).in_use().filter(pk__in=segment_ids)
    return set(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


def _names(segment_ids: Collection[int]) -> dict[int, str]:
    return dict(Segment.objects.filter(pk__in=segment_ids).values_list("pk", "name"))


def _holding(customer_ids: Collection[int], segment_ids: Collection[int]) -> dict[int, str]:
    with prepared() as cursor:
        cursor.execute(_HOLDING, {"segments": sorted(segment_ids), "customers": sorted(customer_ids)})
        return dict(cursor.fetchall())


def _naming(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.exclude(state="ENDED").filter(terms__audience__has_key="segment_ids").order_by("pk")


def _offers(segment_ids: Collection[int], actor: Actor) -> Mapping[int, Sequence[Text]]:
    """Promotions that have not ended and kinds of coupons that are not put away, those of other stores by their number
    only. Four statements at most."""
    wanted, found, hidden = set(segment_ids), {}, {}  # type: ignore[var-annotated]
    for model, text in ((Promotion, _("Promotion “%(name)s”")), (CouponKind, _("Coupon “%(name)s”"))):
        rows = list(_naming(model.objects.all()))
        seen = set(_naming(model.objects.visible_to(actor)).values_list("pk", flat=True)) if rows else set()
        for row in rows:
            for pk in wanted.intersection(row.terms["audience"]["segment_ids"]):
                if row.pk in seen:
                    found.setdefault(pk, []).append(text % {"name": row.name})
                else:
                    hidden[pk] = hidden.get(pk, 0) + 1
    for pk, count in hidden.items():
        text = ngettext("%(count)s offer of other stores", "%(count)s offers of other stores", count)
        found.setdefault(pk, []).append(text % {"count": count})
    return found


def register() -> None:
    """Called once, when the apps are ready."""
    register_segments(Segments(_choices, _taken, _names, _holding))
    register_uses(_offers)
    register_holders(_offers)
