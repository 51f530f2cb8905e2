"""The programme over the API: its numbers, levels, earning rules, gifts and rewards."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.loyalty import operations
from dianke.loyalty.api import schemas
from dianke.loyalty.models import EarningRule, Gift, Level, Programme, Reward
from dianke.loyalty.operations.selling import NoProgramme

router = Router(tags=["loyalty"])
VIEW = "loyalty.view_members"
MANAGE = "loyalty.manage_programme"


def _who(request: Request) -> dict[str, Any]:
    return {"actor": request.actor, "now": request.now}


def _programme(request: Request) -> Programme:
    found = Programme.objects.visible_to(request.actor).filter(is_default=True).first()
    if found is None:
        raise NoProgramme
    return found  # type: ignore[no-any-return]


@router.get("/loyalty-programme", response=schemas.LoyaltyProgrammeOut)
@requires(VIEW)
def get_programme(request: Request) -> Any:
    """The programme in use; 404 before one is set up."""
    return get_object_or_404(Programme.objects.visible_to(request.actor), is_default=True)


@router.patch("/loyalty-programme", response=schemas.LoyaltyProgrammeOut)
@requires(MANAGE)
def change_programme(request: Request, payload: schemas.LoyaltyProgrammePatch) -> Any:
    """Change what is named; it counts from the next sale."""
    values = payload.dict(exclude_unset=True)
    return operations.change_programme(programme=_programme(request), values=values, **_who(request))


# --- levels -------------------------------------------------------------------------------------------------
@router.get("/loyalty-levels", response=CursorPage[schemas.LoyaltyLevelOut])
@requires(VIEW)
def list_levels(request: Request, page: Query[CursorQuery]) -> Any:
    """Levels, the lowest first; those put away too."""
    return cursor_page(Level.objects.visible_to(request.actor), page, order=["rank", "id"])


@router.post("/loyalty-levels", response={201: schemas.LoyaltyLevelOut})
@requires(MANAGE)
def add_level(request: Request, payload: schemas.LoyaltyLevelIn) -> Any:
    """Add a level, the highest unless a rank is named."""
    return operations.add_level(values=payload.dict(), **_who(request))


@router.patch("/loyalty-levels/{int:pk}", response=schemas.LoyaltyLevelOut)
@requires(MANAGE)
def change_level(request: Request, pk: int, payload: schemas.LoyaltyLevelPatch) -> Any:
    """Change what is named; members are looked at the next night."""
    level = get_object_or_404(Level.objects.visible_to(request.actor), pk=pk)
    return operations.change_level(level=level, values=payload.dict(exclude_unset=True), **_who(request))


@router.post("/loyalty-levels/{int:pk}/archive", response=schemas.LoyaltyLevelOut)
@requires(MANAGE)
def archive_level(request: Request, pk: int) -> Any:
    """Put a level away that nobody is at."""
    level = get_object_or_404(Level.objects.visible_to(request.actor), pk=pk)
    return operations.archive_level(level=level, **_who(request))


# --- earning rules ------------------------------------------------------------------------------------------
@router.get("/loyalty-rules", response=CursorPage[schemas.LoyaltyRuleOut])
@requires(VIEW)
def list_rules(request: Request, page: Query[CursorQuery]) -> Any:
    """How points are earned."""
    return cursor_page(EarningRule.objects.visible_to(request.actor), page, order=["id"])


@router.post("/loyalty-rules", response={201: schemas.LoyaltyRuleOut})
@requires(MANAGE)
def add_rule(request: Request, payload: schemas.LoyaltyRuleIn) -> Any:
    """Add a rule."""
    return operations.add_rule(values=payload.dict(), **_who(request))


@router.patch("/loyalty-rules/{int:pk}", response=schemas.LoyaltyRuleOut)
@requires(MANAGE)
def change_rule(request: Request, pk: int, payload: schemas.LoyaltyRulePatch) -> Any:
    """Change what is named, or stop the rule."""
    rule = get_object_or_404(EarningRule.objects.visible_to(request.actor), pk=pk)
    return operations.change_rule(rule=rule, values=payload.dict(exclude_unset=True), **_who(request))


# --- gifts --------------------------------------------------------------------------------------------------
@router.get("/loyalty-gifts", response=CursorPage[schemas.LoyaltyGiftOut])
@requires(VIEW)
def list_gifts(request: Request, page: Query[CursorQuery]) -> Any:
    """What members get on their days."""
    return cursor_page(Gift.objects.visible_to(request.actor), page, order=["id"])


@router.post("/loyalty-gifts", response={201: schemas.LoyaltyGiftOut})
@requires(MANAGE)
def add_gift(request: Request, payload: schemas.LoyaltyGiftIn) -> Any:
    """Add a gift."""
    return operations.add_gift(values=payload.dict(), **_who(request))


@router.patch("/loyalty-gifts/{int:pk}", response=schemas.LoyaltyGiftOut)
@requires(MANAGE)
def change_gift(request: Request, pk: int, payload: schemas.LoyaltyGiftPatch) -> Any:
    """Change what is named, or stop the gift."""
    gift = get_object_or_404(Gift.objects.visible_to(request.actor), pk=pk)
    return operations.change_gift(gift=gift, values=payload.dict(exclude_unset=True), **_who(request))


# --- rewards ------------------------------------------------------------------------------------------------
@router.get("/loyalty-rewards", response=CursorPage[schemas.LoyaltyRewardOut])
@requires(VIEW)
def list_rewards(request: Request, page: Query[CursorQuery]) -> Any:
    """What points can be exchanged for."""
    return cursor_page(Reward.objects.visible_to(request.actor), page, order=["id"])


@router.post("/loyalty-rewards", response={201: schemas.LoyaltyRewardOut})
@requires(MANAGE)
def add_reward(request: Request, payload: schemas.LoyaltyRewardIn) -> Any:
    """Add a reward."""
    return operations.add_reward(values=payload.dict(), **_who(request))


@router.patch("/loyalty-rewards/{int:pk}", response=schemas.LoyaltyRewardOut)
@requires(MANAGE)
def change_reward(request: Request, pk: int, payload: schemas.LoyaltyRewardPatch) -> Any:
    """Change what is named, or stop the reward."""
    reward = get_object_or_404(Reward.objects.visible_to(request.actor), pk=pk)
    return operations.change_reward(reward=reward, values=payload.dict(exclude_unset=True), **_who(request))
