"""The values component tags draw: views build them, so that templates stay small and the drawing stays in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.utils.functional import Promise

Text = str | Promise
Tone = Literal["", "good", "wait", "bad", "off"]


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab; tabs are links, so that each has an address."""

    label: Text
    url: str
    is_current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of an order, a campaign, an import. `at` is when it was reached; `note` who did it."""

    label: Text
    is_done: bool = False
    is_current: bool = False
    at: datetime | date | None = None
    note: Text = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline."""

    at: datetime
    title: Text
    icon: str = "point"
    tone: Tone = ""
    actor: Text = ""
    body: Text = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A term and its value in a description list. `is_missing` writes the value as not given."""

    term: Text
    value: object
    url: str = ""

    @property
    def is_missing(self) -> bool:
        return self.value is None or self.value == ""


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step of the way to this page."""

    label: Text
    url: str


@dataclass(frozen=True, slots=True)
class Stat:
    """A figure with its label. `value` is written already ("¥1,234.50"); `exact` on hover when it was shortened;
    `change` in percent against `versus`; `is_good_up` says whether rising is good news."""

    label: Text
    value: Text
    exact: Text = ""
    unit: Text = ""
    note: Text = ""
    change: int | None = None
    versus: Text = ""
    url: str = ""
    is_good_up: bool = True


Facts = Sequence[Fact]
