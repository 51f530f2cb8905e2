"""Defining custom fields: added, changed, ordered, archived; never deleted, because rows hold their values."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.custom_fields import FieldType, clean_value, custom_models
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged
from dianke.work.models import CustomField

FIELDS = frozenset(
    {
        "label",
        "trade",
        "section",
        "help",
        "unit",
        "options",
        "default",
        "is_required",
        "in_list",
        "in_filter",
        "in_search",
    }
)
WITH_OPTIONS = (FieldType.CHOICE, FieldType.MULTI_CHOICE)
SEARCHABLE = (FieldType.TEXT, FieldType.LONG_TEXT, FieldType.NUMBER, FieldType.PHONE, FieldType.URL)
MOST_FIELDS = 60


class ModelTakesNoFields(InvalidInput):
    code = "model_takes_no_custom_fields"
    message = _("Records of this kind have no custom fields.")
    default_field = "model"


class LabelMissing(InvalidInput):
    code = "custom_field_label_missing"
    message = _("Give the field a name, as it shall stand in forms.")
    default_field = "label"


class LabelTaken(Conflict):
    code = "custom_field_label_taken"
    message = _("There is a field “%(label)s” already. Choose another name, or change that one.")
    default_field = "label"


class OptionsMissing(InvalidInput):
    code = "custom_field_options_missing"
    message = _("Write at least two choices, one on each line.")
    default_field = "options"


class TooManyFields(Conflict):
    code = "too_many_custom_fields"
    message = _("There are %(limit)s fields already. Archive some that nobody fills in.")


def options_from(labels: list[str], before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The choices after editing: lines keep the code they had under the same label, new ones get a code, those taken
    out are archived and stay readable."""
    codes = {option["label"]: option["code"] for option in before}
    wanted = list(dict.fromkeys(text[:40] for line in labels if (text := " ".join(line.split()))))
    kept = [{"code": codes.get(label) or f"o{secrets.token_hex(3)}", "label": label} for label in wanted]
    gone = [{**option, "is_archived": True} for option in before if option["label"] not in wanted]
    return kept + gone


def _check(row: CustomField) -> None:
    row.label = " ".join(row.label.split())[:30]
    if not row.label:
        raise LabelMissing
    others = CustomField.objects.active().filter(model=row.model, label=row.label).exclude(pk=row.pk)
    if row.trade:
        others = others.filter(trade__in=["", row.trade])
    if others.exists():
        raise LabelTaken(label=row.label)
    if row.type not in WITH_OPTIONS:
        row.options = []
    elif len([option for option in row.options if not option.get("is_archived")]) < 2:
        raise OptionsMissing
    if row.type not in SEARCHABLE:
        row.in_search = False
    if row.default not in (None, "", []):
        row.default = clean_value(row.spec(), row.default)
    else:
        row.default = None


def _key(label: str, model: str) -> str:
    """A key programs can write, from the pinyin of the label: "皮肤类型" becomes "pi_fu_lei_xing"."""
    from pypinyin import lazy_pinyin  # 58 MB of tables, loaded when first needed

    base = re.sub(r"[^a-z0-9]+", "_", "_".join(lazy_pinyin(label)).casefold()).strip("_") or "field"
    while len(base) > 24 and "_" in base:
        base = base.rsplit("_", 1)[0]
    base = base[:24]
    base = base if base[0].isalpha() else f"f_{base}"
    taken = set(CustomField.objects.filter(model=model).values_list("key", flat=True))
    key, number = base, 2
    while key in taken:
        key, number = f"{base}_{number}", number + 1
    return key


@operation("work.manage_custom_fields")
def define_field(
    *, model: str, type: str, values: Mapping[str, Any], key: str = "", actor: Actor, now: datetime
) -> CustomField:
    """Add a field to a kind of record, at the end of the order.

    `values` by the names in `FIELDS`; `options` as `[{"code", "label"}]`. `key` only for presets and imports; else it
    is made from the label. Raises `ModelTakesNoFields`, `LabelMissing`, `LabelTaken`, `OptionsMissing`,
    `TooManyFields`, and what is wrong with the usual value.
    """
    if model not in custom_models():
        raise ModelTakesNoFields
    rows = CustomField.objects.filter(model=model)
    if rows.active().count() >= MOST_FIELDS:
        raise TooManyFields(limit=MOST_FIELDS)
    last = rows.aggregate(last=Max("position"))["last"]
    row = CustomField(
        model=model,
        type=FieldType(type).value,
        position=0 if last is None else last + 1,
        **{name: value for name, value in values.items() if name in FIELDS},
    )
    _check(row)
    row.key = key or _key(row.label, model)
    row.save()
    record(
        "work.custom_field_defined",
        row,
        actor=actor,
        now=now,
        data={"model": model, "key": row.key, "label": row.label, "type": row.type},
    )
    return row


@operation("work.manage_custom_fields")
def change_field(
    *, field: CustomField, values: Mapping[str, Any], actor: Actor, now: datetime
) -> CustomField:
    """Change what a field is called and how it behaves; key and type stay. Raises as `define_field`."""
    found = CustomField.objects.select_for_update().get(pk=field.pk)
    trial = CustomField.objects.get(pk=field.pk)
    for name in FIELDS & set(values):
        setattr(trial, name, values[name])
    _check(trial)
    changes = apply_changes(found, {name: getattr(trial, name) for name in FIELDS})
    if not changes:
        unchanged()
        return found
    record(
        "work.custom_field_changed",
        found,
        actor=actor,
        now=now,
        data={"label": found.label, "changes": changes},
    )
    return found


@operation("work.manage_custom_fields")
def move_field(*, field: CustomField, is_up: bool, actor: Actor, now: datetime) -> CustomField:
    """Put a field before, or behind, its neighbour among those in use."""
    rows = list(CustomField.objects.select_for_update().active().filter(model=field.model))
    at = next((index for index, row in enumerate(rows) if row.pk == field.pk), -1)
    other = at - 1 if is_up else at + 1
    if at < 0 or not 0 <= other < len(rows):
        unchanged()
        return field
    rows[at], rows[other] = rows[other], rows[at]
    for position, row in enumerate(rows):
        row.position = position
    CustomField.objects.bulk_update(rows, ["position"])
    record(
        "work.custom_field_moved", field, actor=actor, now=now, data={"label": field.label, "position": other}
    )
    return rows[other]


@operation("work.manage_custom_fields")
def archive_field(*, field: CustomField, actor: Actor, now: datetime) -> CustomField:
    """Take a field out of forms, lists and the API; what rows hold under it stays and comes back with it."""
    if field.archived_at is not None:
        unchanged()
        return field
    field.archived_at = now
    field.save(update_fields=["archived_at"])
    record("work.custom_field_archived", field, actor=actor, now=now, data={"label": field.label})
    return field


@operation("work.manage_custom_fields")
def restore_field(*, field: CustomField, actor: Actor, now: datetime) -> CustomField:
    """Undo `archive_field`. Raises `LabelTaken` when another field has its name by now."""
    if field.archived_at is None:
        unchanged()
        return field
    _check(field)
    field.archived_at = None
    field.save(update_fields=["archived_at", "label"])
    record("work.custom_field_restored", field, actor=actor, now=now, data={"label": field.label})
    return field
