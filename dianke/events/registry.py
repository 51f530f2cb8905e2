"""How people read events: the label of each kind and the name of each subject, registered by the rooms.

Rooms call `register_kind` (and, where a name says more than "Store #12", `register_rows` or `register_subject`) in
their `AppConfig.ready`. A test sees to it that every kind that is recorded anywhere has a label.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.functional import Promise

from dianke.core.actor import Actor
from dianke.events.models import Event

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Kind:
    """`label` may name values of the event's data, as in `_("Store %(name)s opened")`; `permission` is what
    it takes to see the event in a timeline, at the event's store."""

    code: str
    label: Text
    permission: str | None = None


@dataclass(frozen=True, slots=True)
class SubjectName:
    """What a subject is called and, if it has a page, the address of it."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """How subjects that are rows are called: `text` is the column (or `person__name`) that names them, "" where only
    their number does. `noun` is what such a row is called, and one that is gone or not the actor's to see: the model's
    name unless given. `url_name` takes the key."""

    find: Callable[[Actor], QuerySet[Any]]
    text: str
    noun: Text = ""
    url_name: str = ""
    permission: str = ""


FindNames = Callable[[Collection[str], Actor], Mapping[str, SubjectName]]

_kinds: dict[str, Kind] = {}
_names: dict[str, FindNames] = {}
_tables: dict[str, Rows] = {}
_rules: list[Callable[[Actor], Q]] = []


def register_kind(code: str, label: Text, *, permission: str | None = None) -> None:
    """Give an event kind its label. Without `permission` whoever may see the subject sees the event."""
    _kinds[code] = Kind(code, label, permission)


def register_subject(label: str, find: FindNames) -> None:
    """Say how subjects such as `"stores.store:12"` are called: `find(ids, actor)` is given the parts behind
    the colon and answers for those the actor may see."""
    _names[label] = find


def register_rows(
    label: str,
    find: Callable[[Actor], QuerySet[Any]],
    text: str,
    *,
    noun: Text = "",
    url_name: str = "",
    permission: str = "",
) -> None:
    """Say which column names the rows behind subjects such as `"stores.region:3"`: `find(actor)` are the rows the
    actor may see. All tables of a page are asked in one query. The page `url_name` is linked for who holds
    `permission` (anybody, when none is given)."""
    _tables[label] = Rows(find, text, noun, url_name, permission)


def kinds() -> Mapping[str, Kind]:
    """All registered kinds by code."""
    return _kinds


def describe(event: Event) -> str:
    """The event in words; its code where no label is registered."""
    kind = _kinds.get(event.kind)
    if kind is None:
        return event.kind
    text = str(kind.label)
    return text % defaultdict(lambda: "…", event.data) if "%(" in text else text


def kind_label(code: str) -> str:
    """The label of a kind without any event, for filters: places are left open."""
    kind = _kinds.get(code)
    if kind is None:
        return code
    text = str(kind.label)
    return text % defaultdict(lambda: "…") if "%(" in text else text


def register_visibility(hidden: Callable[[Actor], Q]) -> None:
    """Add a rule of what timelines keep from an actor: `hidden(actor)` is a condition on `Event`."""
    _rules.append(hidden)


def hidden_from(actor: Actor) -> Q:
    """Which events a timeline leaves out for the actor: by the permissions of their kinds and by the rules."""
    condition = Q(pk__in=[])
    by_permission: dict[str, list[str]] = {}
    for kind in _kinds.values():
        if kind.permission is not None:
            by_permission.setdefault(kind.permission, []).append(kind.code)
    for permission, codes in by_permission.items():
        stores = actor.stores_for(permission)
        if stores is None:
            continue
        elsewhere = Q(store_id__isnull=False) & ~Q(store_id__in=stores) if stores else Q()
        condition |= Q(kind__in=codes) & elsewhere
    for rule in _rules:
        condition |= rule(actor)
    return condition


def subject_names(subjects: Iterable[str], *, actor: Actor) -> dict[str, SubjectName]:
    """A name for each subject: the registered one, else the model's name with the id (without one, of all its rows),
    else the subject itself. One query for all tables, and one for each kind of subject with a function of its own."""
    by_label: dict[str, set[str]] = {}
    for subject in subjects:
        label, _colon, key = subject.partition(":")
        by_label.setdefault(label, set()).add(key)
    names = _names_of_rows(by_label, actor)
    for label, keys in by_label.items():
        found = _names[label](keys, actor) if label in _names else {}
        for key in keys:
            subject = f"{label}:{key}" if key else label
            names[subject] = found.get(key) or names.get(subject) or SubjectName(_plain_name(label, key))
    return names


def _names_of_rows(by_label: Mapping[str, Collection[str]], actor: Actor) -> dict[str, SubjectName]:
    """The names that stand in tables, all read at once."""
    parts = [
        _tables[label]
        .find(actor)
        .filter(pk__in=[int(key) for key in keys if key.isdecimal()])
        .order_by()
        .annotate(
            of_label=Value(label, TextField()),
            of_key=Cast("pk", TextField()),
            of_text=Cast(F(_tables[label].text) if _tables[label].text else Value(""), TextField()),
        )
        .values_list("of_label", "of_key", "of_text")
        for label, keys in by_label.items()
        if label in _tables
    ]
    if not parts:
        return {}
    names = {}
    for label, key, text in parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0]:
        rows = _tables[label]
        is_linked = rows.url_name and (not rows.permission or actor.can(rows.permission))
        url = reverse(rows.url_name, args=[int(key)]) if is_linked else ""
        names[f"{label}:{key}"] = SubjectName(text or _plain_name(label, key), url)
    return names


def field_label(subject: str, name: str) -> str:
    """What a changed field is called on screens: the label of the subject's model, else its plain name."""
    try:
        field = apps.get_model(subject.partition(":")[0])._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return name
    return str(getattr(field, "verbose_name", name))


def subject_noun(subject: str) -> str:
    """What kind of thing it is, in words; "" where there are none."""
    label = subject.partition(":")[0]
    if label in _tables and _tables[label].noun:
        return str(_tables[label].noun)
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return ""


def _plain_name(label: str, key: str) -> str:
    """Without a key all rows of the kind are meant."""
    noun = subject_noun(label)
    if not noun:
        return f"{label}:{key}" if key else label
    return f"{noun} #{key}" if key else noun
