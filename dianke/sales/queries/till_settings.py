"""What a till has to know besides goods: how may be paid, who may be named, which offers run or begin soon."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Q, QuerySet

from dianke.access.models import User
from dianke.catalog.models import Brand, Category, Unit, WeighedPattern
from dianke.catalog.queries.reading import category_tree
from dianke.promotions.models import Promotion
from dianke.promotions.queries.running import offers
from dianke.sales.models import Tender
from dianke.sales.queries.pricing import ROUNDINGS, asked_segments
from dianke.sales.queries.till_goods import CHANNEL
from dianke.stores.models import Posting, Staff, Store

#: Offers that begin within so long are sent along: a till may be without a line when they do.
AHEAD = timedelta(hours=72)
FAVOURITES = 48
LATELY = timedelta(days=30)


def settings_of(store: Store, at: datetime) -> dict[str, Any]:
    """Everything at once, with a `version` that changes when anything of it does. Some fifteen statements."""
    shown = set(Category.objects.in_use().values_list("pk", flat=True))
    found = {
        "tenders": _tenders(),
        "people": people_of(store, at),
        "promotions": _promotions(store, at),
        "roundings": list(ROUNDINGS),
        "categories": [
            {
                "id": branch.category.pk,
                "name": branch.category.name,
                "parent_id": branch.category.parent_id,
                "level": branch.level,
                "path": list(branch.category.path or []),
                "is_shown": branch.category.pk in shown,
            }
            for branch in category_tree(is_whole=True)
        ],
        "units": list(Unit.objects.values("id", "name")),
        "brands": dict(Brand.objects.values_list("pk", "name")),
        "patterns": list(
            WeighedPattern.objects.values("prefix", "item_digits", "value_digits", "holds", "divisor")
        ),
        "favourites": _favourites(store, at),
    }
    text = json.dumps(found, sort_keys=True, default=str, cls=DjangoJSONEncoder)
    return {"version": hashlib.sha256(text.encode()).hexdigest()[:16], **found}


def _tenders() -> list[dict[str, Any]]:
    names = ("code", "name", "adapter", "account", "needs_reference", "gives_change", "position")
    rows = Tender.objects.in_use().exclude(account__in=[Tender.Account.EXCHANGE, Tender.Account.OLD_METAL])
    return list(rows.order_by("position", "pk").values(*names))


def people_of(store: Store, at: datetime) -> list[dict[str, Any]]:
    """Who is posted to the store itself, or somewhere above it with the right to sell there."""
    day = store.business_date(at)
    posted = Posting.objects.in_force(day).filter(Q(store=store))
    rows = Staff.objects.employed_on(day).filter(pk__in=posted.values("staff")).filter(user__is_active=True)
    return [
        {"id": staff.user_id, "name": staff.name, "number": staff.number, "title": staff.title}
        for staff in rows.order_by("number")
    ]


def _promotions(store: Store, at: datetime) -> list[dict[str, Any]]:
    """Those of now and of the next days. What is limited per customer says so: somebody unknown gets none of those."""
    moments = [at, *_coming(at).values_list("starts_at", flat=True).order_by("-starts_at")[:1]]
    found: dict[int, dict[str, Any]] = {}
    for moment in moments:
        for_all = {offer.terms.id: offer for offer in offers(store_id=store.pk, channel=CHANNEL, at=moment)}
        unknown = {
            offer.terms.id: offer
            for offer in offers(store_id=store.pk, channel=CHANNEL, at=moment, customer_ids=())
        }
        for pk, offer in for_all.items():
            is_limited = unknown[pk].terms.times_left != offer.terms.times_left
            found.setdefault(
                pk, {"terms": offer.terms.as_dict(), "version": offer.version, "per_customer": is_limited}
            )
    return list(found.values())


def offered_to(
    store: Store, customer_ids: tuple[int, ...], at: datetime
) -> tuple[dict[int, int], frozenset[int]]:
    """(of what is limited, how often this customer may still have it; the segments that offers of now and of the next
    days ask for). Two statements."""
    found = offers(store_id=store.pk, channel=CHANNEL, at=at, customer_ids=customer_ids)
    left = {offer.terms.id: offer.terms.times_left for offer in found if offer.terms.times_left is not None}
    coming = _coming(at).filter(terms__audience__has_key="segment_ids").values_list("terms", flat=True)
    asked = {pk for terms in coming for pk in terms["audience"]["segment_ids"]}
    return left, asked_segments(offer.terms for offer in found) | asked


def _coming(at: datetime) -> QuerySet[Promotion]:
    """Those that begin within the next days."""
    return Promotion.objects.filter(state="RUNNING", starts_at__gt=at, starts_at__lte=at + AHEAD)


def _favourites(store: Store, at: datetime) -> list[int]:
    """What the store sold most often lately. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT l.variant_id FROM sales_orderline AS l JOIN sales_order AS o ON o.id = l.order_id
            WHERE o.store_id = %s AND o.business_date >= %s AND l.variant_id IS NOT NULL AND l.piece_id IS NULL
            GROUP BY l.variant_id ORDER BY count(*) DESC, l.variant_id LIMIT %s
            """,
            [store.pk, store.business_date(at - LATELY), FAVOURITES],
        )
        return [pk for (pk,) in cursor.fetchall()]


def takers_of(users: list[User]) -> list[dict[str, Any]]:
    """Who may take over by PIN."""
    return [{"id": user.pk, "name": user.name} for user in users]
