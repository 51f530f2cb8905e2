"""Bringing a trade preset into a store, and taking it back.

Applying adds what is missing and overwrites nothing that somebody set: hours a store has stay, a module switched off
for it stays off. What was brought in is noted, so that taking back removes that and nothing else.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from dianke.config.models import ModuleSwitch, StorePreset
from dianke.config.modules import modules_on
from dianke.config.presets import Preset, Recurrence, presets
from dianke.config.presets.shape import Words
from dianke.core.actor import Actor
from dianke.core.custom_fields import custom_models
from dianke.core.errors import InvalidInput
from dianke.events.operations import operation, record, step, unchanged
from dianke.loyalty.operations.programme import LevelSpec, begin_programme
from dianke.stores.models import Merchant, Store
from dianke.stores.operations import change_store, set_opening_hours
from dianke.work.models import CustomField, RecurringTask
from dianke.work.operations.custom_fields import archive_field, define_field, restore_field
from dianke.work.operations.recurring import (
    create_recurring_task,
    pause_recurring_task,
    resume_recurring_task,
)

#: Where the sensitive fields of a kind of record are defined; their values stand sealed beside the record.
SENSITIVE = {"customers.customer": "customers.sensitive"}
#: What the membership programme is called that comes with the first trade that names levels.
_PROGRAMME = Words("会员计划", "Membership")


class PresetUnknown(InvalidInput):
    code = "preset_unknown"
    message = _("There is no preset for the trade “%(trade)s”. Choose one of those shown.")
    default_field = "trade"


@operation("config.manage_settings")
def apply_preset(*, store: Store, trade: str, actor: Actor, now: datetime) -> StorePreset:
    """Bring the preset of `trade` into a store. Applying it again changes nothing; another one takes the place of
    the first. Raises `PresetUnknown`."""
    actor.require("config.manage_settings", store_id=store.pk)
    preset = presets().get(trade)
    if preset is None:
        raise PresetUnknown(trade=trade)
    # Presets of one store change one at a time, and what the caller holds may be old.
    store = Store.objects.select_for_update().get(pk=store.pk)
    standing = StorePreset.objects.filter(store=store).first()
    if standing and (standing.trade, standing.fingerprint) == (trade, preset.fingerprint):
        unchanged()
        return standing
    before = standing.trade if standing else None
    if standing:
        _take_back(standing, actor, now)
        store.refresh_from_db()
    made = _bring_in(store, preset, actor, now)
    applied = StorePreset.objects.create(
        store=store,
        trade=trade,
        fingerprint=preset.fingerprint,
        content=_content(preset),
        made=made,
        applied_at=now,
    )
    record(
        "config.preset_applied",
        store,
        actor=actor,
        now=now,
        store_id=store.pk,
        data={"trade": trade, "made": made, "changes": {"preset": [before, trade]}},
    )
    return applied


@operation("config.manage_settings")
def undo_preset(*, store: Store, actor: Actor, now: datetime) -> None:
    """Take back what the preset brought into the store, as far as nobody changed it since."""
    actor.require("config.manage_settings", store_id=store.pk)
    store = Store.objects.select_for_update().get(pk=store.pk)
    standing = StorePreset.objects.filter(store=store).first()
    if standing is None:
        unchanged()
        return
    trade = standing.trade
    _take_back(standing, actor, now)
    record(
        "config.preset_taken_back",
        store,
        actor=actor,
        now=now,
        store_id=store.pk,
        data={"trade": trade, "changes": {"preset": [trade, None]}},
    )


@step
def _bring_in(store: Store, preset: Preset, actor: Actor, now: datetime) -> dict[str, Any]:
    made: dict[str, Any] = {"modules": [], "hours": [], "store": {}}
    made["fields"] = _define_fields(preset, actor, now)
    made["recurring"] = _plan_recurring(store, preset, actor, now)
    settled = set(ModuleSwitch.objects.filter(store=store).values_list("module", flat=True))
    on = modules_on(store.pk)
    made["modules"] = [code for code in preset.modules if code not in on and code not in settled]
    ModuleSwitch.objects.bulk_create(
        ModuleSwitch(module=code, store=store, is_on=True) for code in made["modules"]
    )
    values: dict[str, Any] = {"trade": preset.trade}
    if not store.opening_hours.exists() and preset.hours:
        weekly = [(day, hours.opens, hours.closes) for hours in preset.hours for day in hours.weekdays]
        set_opening_hours(store=store, weekly=weekly, actor=actor.as_system(), now=now)
        made["hours"] = [[day, f"{opens:%H:%M}", f"{closes:%H:%M}"] for day, opens, closes in sorted(weekly)]
        if store.closing_hour == 0:
            values["closing_hour"] = preset.closing_hour
    made["store"] = {
        name: [getattr(store, name), value] for name, value in values.items() if getattr(store, name) != value
    }
    change_store(store=store, values=values, actor=actor.as_system(), now=now)
    _begin_programme(preset, actor, now)
    return made


@step
def _begin_programme(preset: Preset, actor: Actor, now: datetime) -> None:
    """The merchant's membership programme, with the levels of the first trade that names any. It stays when a preset is
    taken back: members were promised it."""
    if not preset.tiers:
        return
    language = _language()
    zone, currency = Merchant.objects.values_list("time_zone", "currency").first() or ("Asia/Shanghai", "CNY")
    begin_programme(
        name=_PROGRAMME.in_language(language),
        levels=[
            LevelSpec(
                tier.code, tier.label.in_language(language)[:20], tier.spend * 100, tier.points_percent * 100
            )
            for tier in preset.tiers
        ],
        values={"time_zone": zone, "currency": currency},
        actor=actor.as_system(),
        now=now,
    )


@step
def _define_fields(preset: Preset, actor: Actor, now: datetime) -> list[int]:
    """Custom fields of the trade that are not there yet, for the kinds of records this version has; sensitive ones go
    where their values are encrypted. Returns ids of those defined or brought back here."""
    language = _language()
    made = []
    for field in preset.fields:
        model = SENSITIVE.get(field.subject, "") if field.is_sensitive else field.subject
        if model not in custom_models():
            continue
        standing = CustomField.objects.filter(model=model, key=field.code).first()
        if standing is None:
            values: dict[str, Any] = {
                "label": field.label.in_language(language),
                "trade": preset.trade,
                "help": field.hint.in_language(language)[:120] if field.hint else "",
                "unit": field.unit.in_language(language) if field.unit else "",
                "options": [
                    {"code": option.code, "label": option.label.in_language(language)}
                    for option in field.options
                ],
                "is_required": field.is_required,
                "in_filter": bool(field.options) and not field.is_sensitive,
            }
            standing = define_field(
                model=model,
                type=field.kind.value,
                values=values,
                key=field.code,
                actor=actor.as_system(),
                now=now,
            )
        elif standing.archived_at is not None:
            restore_field(field=standing, actor=actor.as_system(), now=now)
        else:
            continue
        made.append(standing.pk)
    return made


@step
def _plan_recurring(store: Store, preset: Preset, actor: Actor, now: datetime) -> list[int]:
    """Recurring tasks of the trade that the store does not have; one that was paused goes on."""
    language, made = _language(), []
    today = now.astimezone(ZoneInfo(store.time_zone)).date()
    for task in preset.recurring_tasks:
        title = task.title.in_language(language)
        standing = RecurringTask.objects.filter(store=store, title=title).first()
        if standing is None:
            values: dict[str, Any] = {
                "title": title,
                "store": store,
                "frequency": task.every.value,
                "weekdays": [task.day] if task.every is Recurrence.WEEKLY else [],
                "day": task.day if task.every is Recurrence.MONTHLY else None,
                "due_time": task.at,
                "checklist": [line.in_language(language) for line in task.checklist],
                "starts_on": today,
            }
            standing = create_recurring_task(values=values, actor=actor.as_system(), now=now)
        elif standing.paused_at is not None:
            resume_recurring_task(recurring=standing, actor=actor.as_system(), now=now)
        else:
            continue
        made.append(standing.pk)
    return made


def _language() -> str:
    """What is kept as text is kept in the merchant's language."""
    return Merchant.objects.values_list("language", flat=True).first() or "zh-hans"


@step
def _take_back(standing: StorePreset, actor: Actor, now: datetime) -> None:
    store, made = standing.store, standing.made
    ModuleSwitch.objects.filter(store=store, module__in=made["modules"], is_on=True).delete()
    hours = store.opening_hours.order_by("weekday", "opens").values_list("weekday", "opens", "closes")
    if (
        made["hours"]
        and [[day, _clock(opens), _clock(closes)] for day, opens, closes in hours] == made["hours"]
    ):
        set_opening_hours(store=store, weekly=[], actor=actor.as_system(), now=now)
    values = {name: old for name, (old, new) in made["store"].items() if getattr(store, name) == new}
    if values:
        change_store(store=store, values=values, actor=actor.as_system(), now=now)
    for recurring in RecurringTask.objects.filter(pk__in=made["recurring"], paused_at=None):
        pause_recurring_task(recurring=recurring, actor=actor.as_system(), now=now)
    heir = StorePreset.objects.filter(trade=standing.trade).exclude(pk=standing.pk).first()
    if heir is not None:
        # Fields belong to the trade, not to the store: they stay while another store has it.
        heir.made = heir.made | {"fields": sorted({*heir.made["fields"], *made["fields"]})}
        heir.save(update_fields=["made"])
    else:
        for field in CustomField.objects.active().filter(pk__in=made["fields"]):
            archive_field(field=field, actor=actor.as_system(), now=now)
    standing.delete()


def _clock(moment: time) -> str:
    return f"{moment:%H:%M}"


def _content(preset: Preset) -> dict[str, Any]:
    """What later rooms start with, as JSON: levels, pipelines, templates, fields, kinds of tasks."""
    return {
        "tiers": [
            {
                "code": tier.code,
                "label": tier.label.by_language(),
                "spend": tier.spend,
                "points_percent": tier.points_percent,
            }
            for tier in preset.tiers
        ],
        "pipelines": [
            {
                "code": pipeline.code,
                "label": pipeline.label.by_language(),
                "stages": [
                    {"code": stage.code, "label": stage.label.by_language(), "days": stage.days}
                    for stage in pipeline.stages
                ],
            }
            for pipeline in preset.pipelines
        ],
        "templates": [
            {
                "code": template.code,
                "use": template.use,
                "label": template.label.by_language(),
                "text": template.text.by_language(),
            }
            for template in preset.templates
        ],
        "task_kinds": [
            {"code": kind.code, "label": kind.label.by_language(), "due_hours": kind.due_hours}
            for kind in preset.task_kinds
        ],
        "fields": [
            {
                "subject": field.subject,
                "code": field.code,
                "type": field.kind.value,
                "label": field.label.by_language(),
                "options": [
                    {"code": option.code, "label": option.label.by_language()} for option in field.options
                ],
                "is_sensitive": field.is_sensitive,
            }
            for field in preset.fields
        ],
    }
