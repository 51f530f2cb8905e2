"""Field rules: which fields are hidden, who sees them masked, who may reveal them, and how they are masked.

A room registers its own in `AppConfig.ready()`:

    register_field(FieldRule(
        code="stores.staff.phone", label=_("Phone"), see="stores.view_staff_contacts",
        reveal="stores.reveal_staff_contacts", mask=mask_phone,
        read=lambda staff: staff.phone, find=lambda actor, pk: Staff.objects.visible_to(actor).get(pk=pk),
        store_of=lambda staff: None,
    ))

Templates show it with `{% load masks %}{% masked staff "stores.staff.phone" %}`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.access.permissions import BY_CODE
from dianke.core.actor import Actor
from dianke.core.errors import NotFound

HIDDEN = "••••"


class FieldUnknown(NotFound):
    code = "field_unknown"
    message = _("There is no such hidden field. Load the page again.")


class SubjectNotFound(NotFound):
    code = "subject_not_found"


def mask_phone(value: str) -> str:
    """138 •••• 5678: first three and last four digits; shorter numbers keep the last two."""
    digits = value.strip()
    if len(digits) < 8:
        return HIDDEN + digits[-2:] if len(digits) > 4 else HIDDEN
    return f"{digits[:-8]} {HIDDEN} {digits[-4:]}".strip()


def mask_email(value: str) -> str:
    """l•••@example.com"""
    name, at, domain = value.partition("@")
    return f"{name[:1]}•••{at}{domain}" if at else HIDDEN


def mask_name(value: str) -> str:
    """王••: the surname only."""
    return f"{value[:1]}••" if value else ""


def mask_document(value: str) -> str:
    """Identity documents and account numbers: the last four characters."""
    return f"{HIDDEN} {value[-4:]}" if len(value) > 8 else HIDDEN


def mask_all(value: str) -> str:
    """Nothing but that there is something."""
    return HIDDEN if value else ""


def _anywhere(subject: Any) -> int | None:
    return None


@dataclass(frozen=True, slots=True)
class FieldRule:
    """`see` shows the masked value, `reveal` allows the full one. `read` gets the value from the subject,
    `find` the subject by key within what the actor may see, `store_of` the store the permission is asked for."""

    code: str
    label: str | Promise
    see: str
    reveal: str
    mask: Callable[[str], str]
    read: Callable[[Any], str]
    find: Callable[[Actor, str], models.Model]
    store_of: Callable[[Any], int | None] = field(default=_anywhere)


FIELD_RULES: dict[str, FieldRule] = {}


def register_field(rule: FieldRule) -> None:
    """Add a rule; its permissions must stand in the permission table."""
    for permission in (rule.see, rule.reveal):
        if permission not in BY_CODE:
            raise KeyError(f"{permission} is not in the permission table (access/permissions.py)")
    FIELD_RULES[rule.code] = rule


def rule_of(code: str) -> FieldRule:
    """The rule of a field. Raises `FieldUnknown`."""
    if code not in FIELD_RULES:
        raise FieldUnknown
    return FIELD_RULES[code]


def subject_of(actor: Actor, code: str, key: str) -> models.Model:
    """The record a masked field belongs to, if the actor may see it. Raises `SubjectNotFound`, `FieldUnknown`."""
    try:
        return rule_of(code).find(actor, key)
    except (ObjectDoesNotExist, ValueError) as error:
        raise SubjectNotFound from error


def masked(actor: Actor, code: str, value: str, *, store_id: int | None = None) -> str:
    """What the actor gets to see of `value` without revealing it: masked, or only that it is hidden."""
    rule = rule_of(code)
    if not value:
        return ""
    return rule.mask(value) if actor.can(rule.see, store_id=store_id) else HIDDEN
