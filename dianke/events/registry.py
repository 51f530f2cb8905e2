"""How people read events: the label of each kind and the name of each subject, registered by the rooms.

Rooms call `register_kind` (and, where a name says more than "Store #12", `register_subject`) in their
`AppConfig.ready`. A test sees to it that every kind that is recorded anywhere has a label.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q
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


FindNames = Callable[[Collection[str], Actor], Mapping[str, SubjectName]]

_kinds: dict[str, Kind] = {}
_names: dict[str, FindNames] = {}
_rules: list[Callable[[Actor], Q]] = []


def register_kind(code: str, label: Text, *, permission: str | None = None) -> None:
    """Give an event kind its label. Without `permission` whoever may see the subject sees the event."""
    _kinds[code] = Kind(code, label, permission)


def register_subject(label: str, find: FindNames) -> None:
    """Say how subjects such as `"stores.store:12"` are called: `find(ids, actor)` is given the parts behind
    the colon and answers for those the actor may see."""
    _names[label] = find


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
    """A name for each subject: the registered one, else the model's name with the id, else the subject
    itself."""
    by_label: dict[str, set[str]] = {}
    for subject in subjects:
        label, _colon, key = subject.partition(":")
        by_label.setdefault(label, set()).add(key)
    names: dict[str, SubjectName] = {}
    for label, keys in by_label.items():
        found = _names[label](keys, actor) if label in _names else {}
        for key in keys:
            names[f"{label}:{key}"] = found.get(key) or SubjectName(_plain_name(label, key))
    return names


def field_label(subject: str, name: str) -> str:
    """What a changed field is called on screens: the label of the subject's model, else its plain name."""
    try:
        field = apps.get_model(subject.partition(":")[0])._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return name
    return str(getattr(field, "verbose_name", name))


def _plain_name(label: str, key: str) -> str:
    try:
        return f"{apps.get_model(label)._meta.verbose_name} #{key}"
    except (LookupError, ValueError):
        return f"{label}:{key}" if key else label
