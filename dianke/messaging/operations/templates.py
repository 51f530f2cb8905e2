"""Templates: worded, reworded (messages keep the version they were said by), put away, used again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import operation, record, step, unchanged
from dianke.messaging.models import Channel, Template, TemplateVersion
from dianke.messaging.queries.variables import known_codes
from dianke.messaging.rules.words import read_wording

MANAGE = "messaging.manage_templates"
WORDS = ("subject", "body", "approved_code", "signature")


class TemplateNameTaken(Conflict):
    code = "message_template_name_taken"
    message = _("There is a template of this name for the channel already.")
    default_field = "name"


class SubjectMissing(InvalidInput):
    code = "message_subject_missing"
    message = _("An email needs a subject.")
    default_field = "subject"


class WordsMissing(InvalidInput):
    code = "message_words_missing"
    message = _("Write what is to be said.")
    default_field = "body"


@operation(MANAGE)
def make_template(*, values: Mapping[str, Any], actor: Actor, now: datetime) -> Template:
    """A template with its first version. Raises `TemplateNameTaken`, `SubjectMissing`, `WordsMissing`,
    `VariableUnknown`, `VariableOpen`."""
    row = Template(**dict(values), created_at=now, changed_at=now)
    _check(row)
    row.save()
    _keep_version(row, actor, now)
    record("messaging.template_made", row, actor=actor, now=now, data={"name": row.name})
    return row


@operation(MANAGE)
def change_template(
    *, template: Template, values: Mapping[str, Any], actor: Actor, now: datetime
) -> Template:
    """Other words from now on. The channel stays: what was said on it was worded for it. Raises as `make_template`."""
    row: Template = Template.objects.select_for_update().get(pk=template.pk)
    changed = {
        name: value for name, value in values.items() if getattr(row, name) != value and name != "channel"
    }
    if not changed:
        unchanged()
        return row
    for name, value in changed.items():
        setattr(row, name, value)
    _check(row)
    is_reworded = bool(changed.keys() & set(WORDS))
    row.version += is_reworded
    row.changed_at = now
    row.save()
    if is_reworded:
        _keep_version(row, actor, now)
    record(
        "messaging.template_changed",
        row,
        actor=actor,
        now=now,
        data={"name": row.name, "version": row.version, "fields": sorted(changed)},
    )
    return row


@operation(MANAGE)
def set_template_state(*, template: Template, state: str, actor: Actor, now: datetime) -> Template:
    """Put it away, or use it again. What is queued by it still goes. Raises `TemplateNameTaken`."""
    row: Template = Template.objects.select_for_update().get(pk=template.pk)
    if row.state == state:
        unchanged()
        return row
    row.state = state
    _check(row)
    row.save(update_fields=["state"])
    record("messaging.template_state_set", row, actor=actor, now=now, data={"name": row.name, "state": state})
    return row


def _check(row: Template) -> None:
    row.name = row.name.strip()
    same = Template.objects.filter(name=row.name, channel=row.channel, state=Template.State.ACTIVE)
    if row.state == Template.State.ACTIVE and same.exclude(pk=row.pk).exists():
        raise TemplateNameTaken
    if row.channel == Channel.EMAIL and not row.subject.strip():
        raise SubjectMissing
    if not row.body.strip():
        raise WordsMissing
    read_wording(row.subject, known_codes())
    read_wording(row.body, known_codes())


@step
def _keep_version(row: Template, actor: Actor, now: datetime) -> TemplateVersion:
    return TemplateVersion.objects.create(
        template=row,
        number=row.version,
        since=now,
        by_id=actor.user_id,
        **{name: getattr(row, name) for name in WORDS},
    )
