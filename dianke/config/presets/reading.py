"""Reads preset files and refuses what it does not know, naming file and place, so that a typing error in a data file
is found when it is made and not in a shop."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from dianke.config.modules import MODULES
from dianke.config.presets.shape import (
    CustomField,
    FirstStep,
    Hours,
    Option,
    Pipeline,
    Preset,
    Recurrence,
    RecurringTask,
    Stage,
    TaskKind,
    Template,
    Tier,
    Words,
)
from dianke.core.custom_fields import FieldType

FOLDER = Path(__file__).parent
SUBJECTS = (
    "customers.customer",
    "catalog.product",
    "sales.order",
    "service.ticket",
    "pipeline.opportunity",
    "work.task",
)
#: Named here so that they come into the sprite, which is made of what modules and templates name.
ICONS = ("flower", "diamond", "armchair", "building-store", "briefcase", "shopping-bag")
USES = ("MESSAGE", "CARE", "RECEIPT", "AGREEMENT")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")

T = TypeVar("T")
_REQUIRED: Any = object()


class PresetInvalid(Exception):
    """A preset file is wrong; the text names the file, the place in it and what to do."""


class _Table:
    """A table of the file whose keys are taken one by one; `finish` refuses what nobody asked for."""

    def __init__(self, name: str, data: object, *, place: str = "") -> None:
        self._name = name
        self._place = place
        if not isinstance(data, dict):
            raise self.wrong("must be a table")
        self._data: dict[str, Any] = data
        self._taken: set[str] = set()

    def wrong(self, what: str, key: str = "") -> PresetInvalid:
        place = ".".join(part for part in (self._place, key) if part)
        return PresetInvalid(f"{self._name}: {place + ' ' if place else ''}{what}")

    def take(self, key: str, kind: type[T] | tuple[type, ...], default: Any = _REQUIRED) -> Any:
        self._taken.add(key)
        if key not in self._data:
            if default is _REQUIRED:
                raise self.wrong("is missing", key)
            return default
        value = self._data[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            wanted = kind.__name__ if isinstance(kind, type) else "/".join(each.__name__ for each in kind)
            raise self.wrong(f"must be {wanted}, not {type(value).__name__}", key)
        return value

    def code(self, key: str = "code") -> str:
        text: str = self.take(key, str)
        if not _CODE.fullmatch(text):
            raise self.wrong(f"must be small letters, digits and _, not {text!r}", key)
        return text

    def one_of(self, key: str, allowed: tuple[str, ...], default: Any = _REQUIRED) -> str:
        text: str = self.take(key, str, default)
        if text not in allowed:
            raise self.wrong(f"is {text!r}; allowed are {', '.join(allowed)}", key)
        return text

    def whole(self, key: str, low: int, high: int, default: Any = _REQUIRED) -> int:
        number: int = self.take(key, int, default)
        if not low <= number <= high:
            raise self.wrong(f"must be between {low} and {high}, not {number}", key)
        return number

    def words(self, key: str) -> Words:
        return _words(self.sub(key))

    def words_or_none(self, key: str) -> Words | None:
        return self.words(key) if key in self._data else None

    def sub(self, key: str) -> _Table:
        return _Table(self._name, self.take(key, dict), place=f"{self._place}.{key}".lstrip("."))

    def tables(self, key: str) -> list[_Table]:
        rows = self.take(key, list, [])
        return [
            _Table(self._name, row, place=f"{self._place}.{key}[{position}]".lstrip("."))
            for position, row in enumerate(rows)
        ]

    def hour(self, key: str) -> time:
        text: str = self.take(key, str)
        try:
            hour, minute = text.split(":")
            return time(int(hour), int(minute))
        except ValueError as error:
            raise self.wrong(f"must be a time such as 09:30, not {text!r}", key) from error

    def finish(self) -> None:
        for key in self._data:
            if key not in self._taken:
                raise self.wrong(f"is not known; known here: {', '.join(sorted(self._taken))}", key)


def _words(table: _Table) -> Words:
    hans, en = table.take("zh", str), table.take("en", str)
    for key, text in (("zh", hans), ("en", en)):
        if not text.strip():
            raise table.wrong("is empty", key)
    hant = table.take("hant", str, "")
    table.finish()
    return Words(hans, en, hant)


def _finished(table: _Table, made: T) -> T:
    table.finish()
    return made


def _field(table: _Table) -> CustomField:
    kind = FieldType(table.one_of("kind", tuple(FieldType.values)))
    options = tuple(_finished(row, Option(row.code(), row.words("label"))) for row in table.tables("options"))
    if (kind in (FieldType.CHOICE, FieldType.MULTI_CHOICE)) != bool(options):
        raise table.wrong("needs options exactly when its kind is CHOICE or MULTI_CHOICE")
    _unique(table, "options", [option.code for option in options])
    return _finished(
        table,
        CustomField(
            subject=table.one_of("subject", SUBJECTS),
            code=table.code(),
            kind=kind,
            label=table.words("label"),
            hint=table.words_or_none("hint"),
            unit=table.words_or_none("unit"),
            options=options,
            is_required=table.take("required", bool, False),
            is_sensitive=table.take("sensitive", bool, False),
        ),
    )


def _hours(table: _Table) -> Hours:
    days: list[object] = table.take("days", list)
    for day in days:
        if day not in WEEKDAYS:
            raise table.wrong(f"has {day!r}; allowed are {', '.join(WEEKDAYS)}", "days")
    return _finished(
        table,
        Hours(tuple(WEEKDAYS.index(str(day)) for day in days), table.hour("opens"), table.hour("closes")),
    )


def _pipeline(table: _Table) -> Pipeline:
    stages = tuple(
        _finished(row, Stage(row.code(), row.words("label"), row.whole("days", 0, 365)))
        for row in table.tables("stages")
    )
    if len(stages) < 2:
        raise table.wrong("needs at least two stages", "stages")
    _unique(table, "stages", [stage.code for stage in stages])
    return _finished(table, Pipeline(table.code(), table.words("label"), stages))


def _recurring(table: _Table) -> RecurringTask:
    every = Recurrence(table.one_of("every", tuple(Recurrence)))
    day = None
    if every is Recurrence.WEEKLY:
        day = WEEKDAYS.index(table.one_of("day", WEEKDAYS))
    elif every is Recurrence.MONTHLY:
        day = table.whole("day", 1, 28)
    checklist = tuple(_words(row) for row in table.tables("checklist"))
    return _finished(
        table,
        RecurringTask(table.code(), table.words("title"), every, day, table.hour("at"), checklist),
    )


def _unique(table: _Table, key: str, codes: list[str]) -> None:
    twice = next((code for code in codes if codes.count(code) > 1), None)
    if twice is not None:
        raise table.wrong(f"has {twice} twice", key)


def parse_preset(name: str, data: Mapping[str, Any], *, fingerprint: str = "") -> Preset:
    """A preset from the content of a file called `name`. Raises `PresetInvalid`."""
    table = _Table(name, dict(data))
    modules: list[str] = table.take("modules", list)
    for code in modules:
        if code not in MODULES:
            raise table.wrong(f"has {code!r}; known are {', '.join(MODULES)}", "modules")
    preset = Preset(
        trade=table.one_of("trade", ("BEAUTY", "JEWELRY", "FURNITURE", "CHAIN", "KEY_ACCOUNT", "GENERAL")),
        label=table.words("label"),
        sentence=table.words("sentence"),
        icon=table.one_of("icon", ICONS),
        modules=tuple(modules),
        closing_hour=table.whole("closing_hour", 0, 11, 0),
        hours=tuple(_hours(row) for row in table.tables("hours")),
        fields=tuple(_field(row) for row in table.tables("fields")),
        tiers=tuple(
            _finished(
                row,
                Tier(
                    row.code(),
                    row.words("label"),
                    row.whole("spend", 0, 100_000_000),
                    row.whole("points_percent", 0, 1000, 100),
                ),
            )
            for row in table.tables("tiers")
        ),
        pipelines=tuple(_pipeline(row) for row in table.tables("pipelines")),
        templates=tuple(
            _finished(
                row, Template(row.code(), row.one_of("use", USES), row.words("label"), row.words("text"))
            )
            for row in table.tables("templates")
        ),
        task_kinds=tuple(
            _finished(row, TaskKind(row.code(), row.words("label"), row.whole("due_hours", 1, 24 * 90)))
            for row in table.tables("task_kinds")
        ),
        recurring_tasks=tuple(_recurring(row) for row in table.tables("recurring_tasks")),
        first_steps=tuple(
            _finished(
                row, FirstStep(row.code(), row.words("label"), row.words("hint"), row.take("page", str))
            )
            for row in table.tables("first_steps")
        ),
        fingerprint=fingerprint,
    )
    table.finish()
    for key in ("tiers", "pipelines", "templates", "task_kinds", "recurring_tasks", "first_steps"):
        _unique(table, key, [item.code for item in getattr(preset, key)])
    _unique(table, "fields", [f"{field.subject}.{field.code}" for field in preset.fields])
    spends = [tier.spend for tier in preset.tiers]
    if spends != sorted(set(spends)) or (spends and spends[0] != 0):
        raise table.wrong("must begin at spend 0 and rise", "tiers")
    return preset


def _read(path: Path) -> Preset:
    text = path.read_bytes()
    try:
        data = tomllib.loads(text.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PresetInvalid(f"{path.name}: is not TOML: {error}") from error
    return parse_preset(path.name, data, fingerprint=hashlib.sha256(text).hexdigest()[:16])


@cache
def presets() -> dict[str, Preset]:
    """All presets by trade, in the order of the choice on screen. Raises `PresetInvalid`."""
    order = ("beauty", "jewelry", "furniture", "chain", "key_account", "general")
    found = [_read(FOLDER / f"{name}.toml") for name in order]
    return {preset.trade: preset for preset in found}


def preset_of(trade: str) -> Preset:
    """The preset of a trade, for instance "BEAUTY"."""
    return presets()[trade]
