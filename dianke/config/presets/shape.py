"""The shape of a trade preset: frozen values, no database. Amounts are whole yuan, hours local time of the store."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import time
from functools import lru_cache

from django.utils.translation import get_language

from dianke.config.messages.traditional import Traditional
from dianke.core.custom_fields import FieldType


@lru_cache(maxsize=1)
def _traditional() -> Traditional:
    return Traditional.from_file()


@dataclass(frozen=True, slots=True)
class Words:
    """One wording in the three languages; as text, the one of the reader. Traditional Chinese is made from the
    simplified unless the file says otherwise, and only when somebody reads it."""

    hans: str
    en: str
    own_hant: str = ""

    @property
    def hant(self) -> str:
        return self.own_hant or _traditional().convert(self.hans)

    def in_language(self, code: str) -> str:
        """The wording in "zh-hans", "zh-hant" or "en"."""
        if code.lower().startswith("en"):
            return self.en
        return self.hant if code.lower().startswith("zh-hant") else self.hans

    def __str__(self) -> str:
        return self.in_language(get_language() or "zh-hans")

    def by_language(self) -> dict[str, str]:
        """For storing: language code to wording."""
        return {"zh-hans": self.hans, "zh-hant": self.hant, "en": self.en}


class Recurrence(enum.StrEnum):
    """How often a task comes back."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a CHOICE or MULTI_CHOICE field."""

    code: str
    label: Words


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field of the trade. `subject` is what it belongs to ("customers.customer"), `code` its lasting name."""

    subject: str
    code: str
    kind: FieldType
    label: Words
    hint: Words | None = None
    unit: Words | None = None
    options: tuple[Option, ...] = ()
    is_required: bool = False
    is_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Tier:
    """A member level: reached with `spend` yuan in twelve months; `points_percent` 100 earns single points."""

    code: str
    label: Words
    spend: int
    points_percent: int = 100


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of a pipeline. `days` is how long it usually takes."""

    code: str
    label: Words
    days: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The way something takes from beginning to end."""

    code: str
    label: Words
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A text staff send or print; `{name}` and the like are filled in when used."""

    code: str
    use: str
    label: Words
    text: Words


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours on some weekdays (0 Monday … 6 Sunday); `closes <= opens` runs past midnight."""

    weekdays: tuple[int, ...]
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class TaskKind:
    """What a task of this trade is about, and within how many hours it is due."""

    code: str
    label: Words
    due_hours: int


@dataclass(frozen=True, slots=True)
class RecurringTask:
    """A task that comes back. `day` is the weekday (0-6) or the day of the month (1-28); daily ones have none."""

    code: str
    title: Words
    every: Recurrence
    day: int | None
    at: time
    checklist: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class FirstStep:
    """A line of the checklist a new merchant is greeted with; `page` is the name of the address that does it."""

    code: str
    label: Words
    hint: Words
    page: str


@dataclass(frozen=True, slots=True)
class Preset:
    """All a trade starts with. `modules` are the codes of `config.modules` that are switched on."""

    trade: str
    label: Words
    sentence: Words
    icon: str
    modules: tuple[str, ...]
    closing_hour: int
    hours: tuple[Hours, ...]
    fields: tuple[CustomField, ...]
    tiers: tuple[Tier, ...]
    pipelines: tuple[Pipeline, ...]
    templates: tuple[Template, ...]
    task_kinds: tuple[TaskKind, ...]
    recurring_tasks: tuple[RecurringTask, ...]
    first_steps: tuple[FirstStep, ...]
    fingerprint: str = ""
