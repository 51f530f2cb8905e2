"""Who followed the link of a campaign."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from dianke.core.actor import Actor
from dianke.events.operations import operation, unchanged
from dianke.marketing.models import Click, Member


@operation(None)
def note_click(*, member: Member, actor: Actor, now: datetime) -> None:
    """Count it. Leaves no event: nothing of the customer changed, and a link can be opened a hundred times."""
    unchanged()
    _click, is_first = Click.objects.get_or_create(
        member=member, defaults={"first_at": now, "last_at": now, "count": 1}
    )
    if not is_first:
        Click.objects.filter(member=member).update(count=F("count") + 1, last_at=now)
