"""The list of all settings as one actor sees it: what they may open, what is found, and who changed it last.

A page that a room registers under Settings without a row in `settings_pages.py` is listed by its name alone, so nothing
is hidden.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import QuerySet, Value
from django.urls import NoReverseMatch, reverse

from dianke.access.models import User
from dianke.config.settings_pages import (
    GROUPS,
    REMOVE_DEMO,
    SYSTEM,
    SYSTEM_GROUP,
    Setting,
    Text,
    every_setting,
)
from dianke.core.actor import Actor
from dianke.core.names import matches
from dianke.events.queries import last_by_people
from dianke.stores.models import Merchant
from dianke.web import navigation
from dianke.web.navigation import Page, Place

#: Of a table so many rows, the newest, are asked who changed them.
NEWEST = 300


@dataclass(frozen=True, slots=True)
class Shown:
    """A setting as one actor sees it; `changed_at` is None while no person has changed it."""

    setting: Setting
    url: str
    changed_at: datetime | None = None
    changed_by: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    label: Text
    rows: tuple[Shown, ...]


def _rows(actor: Actor) -> list[tuple[Text, list[tuple[Setting, str]]]]:
    """The settings an actor may open, with their addresses; pages without a row of their own come last."""
    groups: list[tuple[Text, list[tuple[Setting, str]]]] = []
    pages = navigation.pages_for(actor)
    away = navigation.put_away(page for page, _url in pages)
    for label, settings in GROUPS:
        groups.append((label, _reachable(settings, actor, away)))
    others = _reachable(SYSTEM, actor, away)
    untold = without_row(page for page, _url in pages)
    others += [
        (Setting(page.url_name, page.label, "", page.permission, icon=page.icon, words=page.words), url)
        for page, url in pages
        if page.url_name in untold
    ]
    if Merchant.objects.filter(is_demo=True).exists() and actor.can(REMOVE_DEMO.permission):
        others.append((REMOVE_DEMO, _address(REMOVE_DEMO)))
    groups.append((SYSTEM_GROUP, others))
    return groups


def without_row(pages: Iterable[Page]) -> set[str]:
    """The pages among these that stand under Settings and have no row here; the list itself needs none."""
    told = {setting.url_name for setting in every_setting()} | {"settings"}
    return {
        page.url_name
        for page in pages
        if page.place is Place.SETTINGS and not page.is_command and page.url_name not in told
    }


def _reachable(settings: Iterable[Setting], actor: Actor, away: Collection[str]) -> list[tuple[Setting, str]]:
    return [
        (row, url)
        for row in settings
        if row.url_name not in away and actor.can(row.permission) and (url := _address(row))
    ]


def _address(setting: Setting) -> str:
    try:
        return reverse(setting.url_name)
    except NoReverseMatch:
        return ""


def settings_for(actor: Actor, *, query: str = "") -> list[Group]:
    """The groups with what the actor may open and what `query` finds; empty groups are left out."""
    found = []
    for label, rows in _rows(actor):
        shown = tuple(
            Shown(setting, url) for setting, url in rows if not query.strip() or _fits(query, setting)
        )
        if shown:
            found.append(Group(label, shown))
    return _with_last_change(found, actor)


def _fits(query: str, setting: Setting) -> bool:
    return matches(query, f"{setting.label} {setting.effect} {setting.words}")


def _with_last_change(groups: Iterable[Group], actor: Actor) -> list[Group]:
    groups = list(groups)
    keys = _keys_of({subject for group in groups for row in group.rows for subject in row.setting.subjects})
    last = last_by_people(key for subject in keys.values() for key in subject)
    people = {person for _at, person in last.values()}
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name")) if people else {}

    def told(row: Shown) -> Shown:
        found = [last[key] for subject in row.setting.subjects for key in keys[subject] if key in last]
        if not found:
            return row
        at, person = max(found)
        return replace(row, changed_at=at, changed_by=names.get(person, ""))

    return [Group(group.label, tuple(told(row) for row in group.rows)) for group in groups]


def _keys_of(subjects: Iterable[str]) -> dict[str, list[str]]:
    """The keys each subject stands for; the rows of all tables together are one query."""
    keys: dict[str, list[str]] = {}
    tables: list[QuerySet[Any, tuple[str, int]]] = []
    for subject in sorted(subjects):
        label, _colon, row = subject.partition(":")
        keys[subject] = [] if row == "*" else [subject]
        if row == "*":
            newest = apps.get_model(label).objects.order_by("-pk").annotate(of_table=Value(subject))
            tables.append(newest.values_list("of_table", "pk")[:NEWEST])
    if tables:
        for subject, pk in tables[0].union(*tables[1:], all=True):
            keys[subject].append(f"{subject.removesuffix('*')}{pk}")
    return keys
