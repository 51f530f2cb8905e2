"""What other rooms tell this one from their `ready()`: kinds of tasks and notices, operations that can need approval,
who looks after a subject, who is on shift. Nothing here touches the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor

Text = str | Promise


# --- kinds of tasks ------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class TaskKind:
    """A kind of work. `is_manual`: people choose it for tasks they make themselves."""

    code: str
    label: Text
    icon: str
    is_manual: bool = True


_task_kinds: dict[str, TaskKind] = {}
UNKNOWN_KIND = TaskKind("", _("Other"), "checkbox")


def register_task_kind(kind: TaskKind) -> None:
    _task_kinds[kind.code] = kind


def task_kinds() -> Mapping[str, TaskKind]:
    """All kinds by code, in the order they were registered."""
    return _task_kinds


def task_kind(code: str) -> TaskKind:
    """The kind, also of a task whose room is switched off."""
    return _task_kinds.get(code, UNKNOWN_KIND)


# --- kinds of notices ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class NoticeKind:
    """A kind of notice. `template` is the sentence with places for the notice's values; `channel` how people hear of
    it who have not chosen: "IN_APP", "EMAIL" (bell and email) or "NONE"."""

    code: str
    label: Text
    template: Text
    icon: str
    channel: str = "IN_APP"

    def sentence(self, params: Mapping[str, Any]) -> str:
        """The sentence in the active language."""
        return str(self.template) % defaultdict(lambda: "…", params)


_notice_kinds: dict[str, NoticeKind] = {}


def register_notice_kind(kind: NoticeKind) -> None:
    _notice_kinds[kind.code] = kind


def notice_kinds() -> Mapping[str, NoticeKind]:
    return _notice_kinds


def notice_kind(code: str) -> NoticeKind:
    return _notice_kinds.get(code) or NoticeKind(code, code, "%(title)s", "bell")


# --- operations that can need approval -----------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Line:
    """One line of what a change does: what it was, what it will be."""

    label: Text
    after: Text
    before: Text = ""


@dataclass(frozen=True, slots=True)
class Approvable:
    """An operation that a policy can put under a second person's eyes.

    `operation` is its name in the log ("stores.close_store"), `permission` what maker and checker both hold at the
    store of the change. `pack(arguments)` makes JSON of the keyword arguments (without actor and now), `unpack(data,
    lock)` the arguments again, with the rows locked when `lock`; it raises a named error when a row is gone. From the
    arguments follow: `summary` and `lines` in words, `state` (JSON of what must not have changed when it is decided),
    `subject`, `store_id` and `amount` (what a policy's limit compares; `amount_label` names it).

    The approved operation runs as the checker, or with `runs_as_maker` as the maker with the rights the maker has then.
    `after(result)` returns the address of what came of it. `guards` names other operations that would do the same by
    another way: while a policy is in force they are refused with the remedy, where the condition on their
    arguments holds.
    """

    operation: str
    label: Text
    permission: str
    run: Callable[..., Any]
    pack: Callable[[Mapping[str, Any]], dict[str, Any]]
    unpack: Callable[[Mapping[str, Any], bool], dict[str, Any]]
    summary: Callable[[Mapping[str, Any]], str]
    lines: Callable[[Mapping[str, Any]], list[Line]]
    state: Callable[[Mapping[str, Any]], Any]
    subject: Callable[[Mapping[str, Any]], str]
    store_id: Callable[[Mapping[str, Any]], int | None] = lambda arguments: None
    amount: Callable[[Mapping[str, Any]], Decimal | None] = lambda arguments: None
    amount_label: Text = ""
    suggested_limit: Decimal | None = None
    runs_as_maker: bool = False
    after: Callable[[Any], str] = lambda result: ""
    guards: Mapping[str, tuple[Callable[[Mapping[str, Any]], bool], Text]] = field(default_factory=dict)
    icon: str = "shield-check"


_approvables: dict[str, Approvable] = {}
_guarded: dict[str, list[str]] = defaultdict(list)


def register_approvable(approvable: Approvable) -> None:
    _approvables[approvable.operation] = approvable
    for operation in approvable.guards:
        if approvable.operation not in _guarded[operation]:
            _guarded[operation].append(approvable.operation)


def approvables() -> Mapping[str, Approvable]:
    """All of them by operation name."""
    return _approvables


def guarded_by(operation: str) -> Collection[str]:
    """Approvable operations that this one would go around."""
    return _guarded.get(operation, ())


# --- who knows people's work ---------------------------------------------------------------------------------
FindOwners = Callable[[str], int | None]
_owners: dict[str, FindOwners] = {}
_on_shift: Callable[[Collection[int], datetime], Mapping[int, bool]] | None = None


def register_subject_owner(label: str, find: FindOwners) -> None:
    """Say who looks after subjects of a model: `find("12")` answers the user id for "customers.customer:12"."""
    _owners[label] = find


def subject_owner(subject: str) -> int | None:
    """Who looks after a subject, if its room knows."""
    label, _colon, key = subject.partition(":")
    return _owners[label](key) if label in _owners and key else None


def provide_on_shift(function: Callable[[Collection[int], datetime], Mapping[int, bool]] | None) -> None:
    """Set who knows which people are on shift now."""
    global _on_shift
    _on_shift = function


def on_shift(user_ids: Collection[int], now: datetime) -> Mapping[int, bool]:
    """By user id; people nobody knows about are absent."""
    return _on_shift(user_ids, now) if _on_shift else {}


# --- handing a task to its actor -----------------------------------------------------------------------------
def is_known_kind(code: str, actor: Actor) -> bool:
    """Whether an actor may give a new task this kind: people the manual ones, the system all."""
    kind = _task_kinds.get(code)
    return kind is not None and (kind.is_manual or actor.is_system)
