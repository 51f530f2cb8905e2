"""What every caller may ask: whether the service answers, and who they are to it."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.db import connection
from ninja import Router, Schema
from pydantic import Field

from dianke.access.guards import public, signed_in
from dianke.access.queries import switchable_stores
from dianke.access.requests import Request

router = Router(tags=["general"])


class HealthOut(Schema):
    status: str = Field(examples=["ok"])


class StoreName(Schema):
    id: int
    name: str


class MeOut(Schema):
    kind: str = Field(description="USER or API_KEY", examples=["API_KEY"])
    name: str
    user_id: int | None
    roles: list[str]
    permissions: list[str] = Field(examples=[["stores.view_organisation"]])
    reaches_all_stores: bool
    stores: list[StoreName] = Field(description="Open stores within reach")


@router.get("/health", response=HealthOut, auth=None)
@public("load balancers ask whether the service answers")
def get_health(request: Request) -> Any:
    """Answers when the service and its database do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"status": "ok"}


@router.get("/me", response=MeOut)
@signed_in
def get_me(request: Request) -> Any:
    """Who the key or session stands for, what it may do, and where."""
    actor = request.actor
    permissions: set[str] = set().union(*(grant.permissions for grant in actor.grants))
    return {
        "kind": actor.kind.value,
        "name": actor.name,
        "user_id": actor.user_id,
        "roles": sorted(actor.roles),
        "permissions": sorted(permissions),
        "reaches_all_stores": any(grant.store_ids is None for grant in actor.grants),
        "stores": [{"id": pk, "name": name} for pk, name in switchable_stores(actor)],
    }
