"""The processing register: what personal data is used for, on which ground, how long. Reviewed by name and date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput, NotFound
from dianke.customers.models import ProcessingActivity
from dianke.customers.operations.rights import HANDLE
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged

FIELDS = ("name", "purpose", "ground", "categories", "recipients", "retention", "is_sensitive")
NEEDED = ("name", "purpose", "ground", "categories", "retention")


class ActivityNotFound(NotFound):
    code = "processing_activity_not_found"
    message = _("This entry of the register does not exist any more.")


class ActivityIncomplete(InvalidInput):
    code = "processing_activity_incomplete"
    message = _("The register needs a purpose, a legal ground, the kinds of data and how long they are kept.")


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise TypeError(f"a processing activity has no {', '.join(sorted(unknown))}")
    found = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    for name in NEEDED:
        if name in found and not found[name]:
            raise ActivityIncomplete(field=name)
    return found


def _lock(activity: ProcessingActivity) -> ProcessingActivity:
    found = ProcessingActivity.objects.select_for_update().filter(pk=activity.pk).first()
    if found is None:
        raise ActivityNotFound
    return found


@operation(HANDLE)
def add_activity(*, values: Mapping[str, Any], actor: Actor, now: datetime) -> ProcessingActivity:
    """A further entry, reviewed by being made. Raises `ActivityIncomplete`."""
    checked = _checked({**dict.fromkeys(NEEDED, ""), **values})
    activity = ProcessingActivity.objects.create(**checked, reviewed_at=now)
    record("customers.processing_activity_added", activity, actor=actor, now=now)
    return activity


@operation(HANDLE)
def change_activity(
    *, activity: ProcessingActivity, values: Mapping[str, Any], actor: Actor, now: datetime
) -> ProcessingActivity:
    """Correct an entry; that counts as its review. Raises `ActivityIncomplete`, `ActivityNotFound`."""
    found = _lock(activity)
    changes = apply_changes(found, _checked(values))
    if not changes:
        unchanged()
        return found
    found.reviewed_at = now
    found.save(update_fields=["reviewed_at"])
    record("customers.processing_activity_changed", found, actor=actor, now=now, data={"changes": changes})
    return found


@operation(HANDLE)
def review_activity(*, activity: ProcessingActivity, actor: Actor, now: datetime) -> ProcessingActivity:
    """Say that the entry is still right. Raises `ActivityNotFound`."""
    found = _lock(activity)
    found.reviewed_at = now
    found.save(update_fields=["reviewed_at"])
    record("customers.processing_activity_reviewed", found, actor=actor, now=now)
    return found


@operation(HANDLE)
def remove_activity(*, activity: ProcessingActivity, actor: Actor, now: datetime) -> None:
    """The data is used for this no more; the log keeps what stood there. Raises `ActivityNotFound`."""
    found = _lock(activity)
    record(
        "customers.processing_activity_removed",
        found,
        actor=actor,
        now=now,
        data={name: getattr(found, name) for name in FIELDS},
    )
    found.delete()
