"""The card that greets a new merchant on Today: what to do first, ticked off by itself where that can be seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists
from django.urls import reverse

from dianke.access.models import User
from dianke.access.signing_in import has_factor
from dianke.config.models import FirstStepDone, StorePreset
from dianke.config.presets import FirstStep, preset_of
from dianke.core.actor import Actor
from dianke.stores.models import LegalEntity, Merchant, Partner, Staff, StockPlace, Store
from dianke.web.today import SectionContent


@dataclass(frozen=True, slots=True)
class Line:
    """A step as the card shows it. One `is_seen` to be done needs no ticking by hand."""

    step: FirstStep
    url: str
    is_done: bool
    is_seen: bool


_SEEN: dict[str, Callable[[Actor], bool]] = {
    "staff": lambda actor: Staff.objects.count() > 1,
    "partners": lambda actor: Partner.objects.exists(),
    "stores": lambda actor: Store.objects.count() > 1,
    "stock_places": lambda actor: StockPlace.objects.count() > Store.objects.count(),
    "legal_entity": lambda actor: LegalEntity.objects.exclude(credit_code="").exists(),
    "second_factor": lambda actor: has_factor(User.objects.get(pk=actor.user_id or 0)),
}

_PAGES = {
    "staff": "stores:staff-list",
    "stores": "stores:stores",
    "organisation": "stores:organisation",
    "profile": "profile",
}


def page_names() -> frozenset[str]:
    """What a preset file may write as the page of a first step."""
    return frozenset({*_PAGES, "store_hours"})


def _url(page: str, store_id: int) -> str:
    if page == "store_hours":
        return reverse("stores:hours", args=[store_id])
    return reverse(_PAGES[page])


def lines(actor: Actor) -> list[Line]:
    """The steps of the presets in use, each once, in their order."""
    done = set(FirstStepDone.objects.values_list("code", flat=True))
    found: dict[str, Line] = {}
    for preset in StorePreset.objects.order_by("store_id"):
        for step in preset_of(preset.trade).first_steps:
            if step.code not in found:
                is_seen = step.code in _SEEN and _SEEN[step.code](actor)
                url = _url(step.page, preset.store_id)
                found[step.code] = Line(step, url, is_seen or step.code in done, is_seen)
    return list(found.values())


def section(actor: Actor, now: datetime) -> SectionContent | None:
    """The card, until everything is done or somebody put it away. A demo has no first steps."""
    put_away = FirstStepDone.objects.filter(code=FirstStepDone.WHOLE_CARD)
    if actor.user_id is None or not Merchant.objects.filter(~Exists(put_away), is_demo=False).exists():
        return None
    steps = lines(actor)
    open_count = sum(not line.is_done for line in steps)
    if not open_count:
        return None
    return SectionContent(
        "config/sections/first_steps.html",
        {"lines": steps, "done_count": len(steps) - open_count, "count": len(steps)},
    )
