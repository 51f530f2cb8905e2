"""Shows a hidden field: `{% load masks %}{% masked staff "stores.staff.phone" %}`. Masked by default; whoever may
reveal it gets a button that asks for a reason, logs it, and shows the value for thirty seconds."""

from __future__ import annotations

from typing import Any

from django import template
from django.db import models
from django.template import Context

from dianke.access.fields import masked as masked_value
from dianke.access.fields import rule_of

register = template.Library()


@register.inclusion_tag("access/masked.html", takes_context=True)
def masked(context: Context, subject: models.Model, code: str) -> dict[str, Any]:
    """The masked value of `subject` with its button."""
    actor = context["actor"]
    rule = rule_of(code)
    store_id = rule.store_of(subject)
    return {
        "code": code,
        "key": subject.pk,
        "label": rule.label,
        "value": masked_value(actor, code, rule.read(subject), store_id=store_id),
        "can_reveal": actor.can(rule.reveal, store_id=store_id),
    }
