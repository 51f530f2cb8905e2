"""Reads of the organisation that span tables: who holds which grants, which stores a region has."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from dianke.access.models import User
from dianke.access.permissions import ScopeCode
from dianke.core.actor import Grant, RowScope
from dianke.stores.models import Merchant, Posting, Region, Store

_ROW_SCOPES = {ScopeCode.OWN: RowScope.OWN, ScopeCode.STORE: RowScope.STORE, ScopeCode.ALL: RowScope.ALL}


def region_with_descendants(region_ids: Iterable[int]) -> set[int]:
    """Ids of the regions and everything nested in them. One query."""
    children: dict[int, list[int]] = {}
    for pk, parent_id in Region.objects.values_list("pk", "parent_id"):
        children.setdefault(parent_id or 0, []).append(pk)
    found: set[int] = set()
    queue = list(region_ids)
    while queue:
        pk = queue.pop()
        if pk not in found:
            found.add(pk)
            queue.extend(children.get(pk, []))
    return found


def grants_of(user: User, *, now: datetime) -> list[Grant]:
    """Grants from the postings in force at `now` (merchant's local date). At most three queries.

    A posting at the merchant reaches every store; at a legal entity or a region the stores of it.
    """
    zone = Merchant.objects.values_list("time_zone", flat=True).first() or "Asia/Shanghai"
    day = now.astimezone(ZoneInfo(zone)).date()
    postings = list(Posting.objects.in_force(day).filter(staff__user=user).select_related("role"))
    if not postings:
        return []
    wide = [p for p in postings if p.region_id or p.legal_entity_id]
    stores: list[tuple[int, int | None, int]] = []
    regions: dict[int, set[int]] = {}
    if wide:
        stores = list(
            Store.objects.filter(
                Q(region__isnull=False)
                | Q(legal_entity__in=[p.legal_entity_id for p in wide if p.legal_entity_id])
            ).values_list("pk", "region_id", "legal_entity_id")
        )
        for posting in wide:
            if posting.region_id and posting.region_id not in regions:
                regions[posting.region_id] = region_with_descendants([posting.region_id])
    grants = []
    for posting in postings:
        reached: frozenset[int] | None
        if posting.store_id:
            reached = frozenset({posting.store_id})
        elif posting.region_id:
            reached = frozenset(pk for pk, region_id, _ in stores if region_id in regions[posting.region_id])
        elif posting.legal_entity_id:
            reached = frozenset(pk for pk, _, entity_id in stores if entity_id == posting.legal_entity_id)
        else:
            reached = None
        grants.append(
            Grant(
                role=posting.role.code,
                permissions=posting.role.permission_codes(),
                scope=_ROW_SCOPES[ScopeCode(posting.role.scope)],
                store_ids=reached,
            )
        )
    return grants
