"""The checklist a new merchant is greeted with: ticking lines, putting the card away, and taking both back."""

from __future__ import annotations

from datetime import datetime

from dianke.config.models import FirstStepDone
from dianke.core.actor import Actor
from dianke.events.operations import operation, record, step, unchanged


@operation("config.manage_settings")
def tick_first_step(*, code: str, actor: Actor, now: datetime) -> None:
    """Count a line as done."""
    if _mark(code, actor, now):
        record("config.first_step_ticked", "stores.merchant:1", actor=actor, now=now, data={"step": code})
    else:
        unchanged()


@operation("config.manage_settings")
def untick_first_step(*, code: str, actor: Actor, now: datetime) -> None:
    """Count a line as open again."""
    if _clear(code):
        record("config.first_step_unticked", "stores.merchant:1", actor=actor, now=now, data={"step": code})
    else:
        unchanged()


@operation("config.manage_settings")
def put_away_first_steps(*, actor: Actor, now: datetime) -> None:
    """Show the card no more, to anybody."""
    if _mark(FirstStepDone.WHOLE_CARD, actor, now):
        record("config.first_steps_put_away", "stores.merchant:1", actor=actor, now=now)
    else:
        unchanged()


@operation("config.manage_settings")
def show_first_steps(*, actor: Actor, now: datetime) -> None:
    """Show the card again."""
    if _clear(FirstStepDone.WHOLE_CARD):
        record("config.first_steps_shown", "stores.merchant:1", actor=actor, now=now)
    else:
        unchanged()


@step
def _mark(code: str, actor: Actor, now: datetime) -> bool:
    values = {"done_at": now, "done_by_id": actor.user_id}
    _row, is_new = FirstStepDone.objects.get_or_create(code=code, defaults=values)
    return is_new


@step
def _clear(code: str) -> bool:
    count, _by_model = FirstStepDone.objects.filter(code=code).delete()
    return bool(count)
