"""The one door for writes: `@operation` and the event it leaves.

Every change is a named function with keyword-only arguments, an explicit `actor` and `now`, one transaction
and exactly one event, which is audit trail, timeline, webhook and trigger at once. A retry that finds its
work done says so with `unchanged()` and leaves no event. Pieces that are only ever part of an operation
(posting to a ledger, moving stock) are marked `@step` and refuse to run outside one.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

from django.db import models, transaction

from dianke.core.actor import Actor
from dianke.core.hot_rows import Adding
from dianke.events.models import Event

P = ParamSpec("P")
R = TypeVar("R")


class OperationContractBroken(Exception):
    """A programming error: an operation without event, a step outside an operation, a naive instant."""


@dataclass(slots=True)
class Frame:
    """What is known about the operation under way."""

    name: str
    permission: str | None
    recorded: int = 0
    is_unchanged: bool = False


_EVENTS = Adding(Event)
_frame: ContextVar[Frame | None] = ContextVar("operation", default=None)

#: Asked with name and arguments before an operation that somebody starts, not before those it consists of; a gate
#: raises a named error to stop it (a second person has to agree first).
Gate = Callable[[str, Mapping[str, Any]], None]
_gates: list[Gate] = []


def add_gate(gate: Gate) -> None:
    """Put a gate before the door. Adding it again does nothing."""
    if gate not in _gates:
        _gates.append(gate)


def current_operation() -> Frame | None:
    """The operation under way in this context, if any."""
    return _frame.get()


def operation(permission: str | None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a write. `permission` is checked on the actor first (None: the operation checks by itself or
    is open to whoever reaches it, for instance signing in).

    Raises `PermissionRefused`; `OperationContractBroken` when the body does not record exactly one event.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        parameters = inspect.signature(function).parameters
        for name in ("actor", "now"):
            if name not in parameters:
                raise OperationContractBroken(f"{function.__qualname__} lacks the argument {name}")
        if any(p.kind is not p.KEYWORD_ONLY for p in parameters.values() if p.kind is not p.VAR_KEYWORD):
            raise OperationContractBroken(f"{function.__qualname__} must take keyword arguments only")
        name = f"{function.__module__.removeprefix('dianke.').split('.')[0]}.{function.__name__}"

        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            actor, now = kwargs["actor"], kwargs["now"]
            if not isinstance(actor, Actor) or not isinstance(now, datetime) or now.tzinfo is None:
                raise OperationContractBroken(f"{name} needs an Actor and an aware instant")
            if permission is not None:
                actor.require(permission)
            outer = _frame.get()
            if outer is None:
                for gate in _gates:
                    gate(name, kwargs)
            frame = Frame(name=name, permission=permission)
            # Inside another operation its transaction is the one that counts: no savepoint.
            with transaction.atomic(savepoint=outer is None):
                token = _frame.set(frame)
                try:
                    result = function(*args, **kwargs)
                finally:
                    _frame.reset(token)
                if frame.recorded != (0 if frame.is_unchanged else 1):
                    raise OperationContractBroken(f"{name} recorded {frame.recorded} events, not one")
            return result

        run.operation_permission = permission  # type: ignore[attr-defined]
        run.operation_name = name  # type: ignore[attr-defined]
        return run

    return decorate


def step(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a write that is only ever part of an operation; refuses to run outside one."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _frame.get() is None:
            raise OperationContractBroken(f"{function.__qualname__} is a step: call it inside an operation")
        return function(*args, **kwargs)

    run.is_step = True  # type: ignore[attr-defined]
    return run


def unchanged() -> None:
    """Say that the operation found its work already done (a retry): no event is left."""
    frame = _frame.get()
    if frame is None:
        raise OperationContractBroken("unchanged() outside an operation")
    frame.is_unchanged = True


def subject_key(subject: models.Model | str) -> str:
    """`"stores.store:12"`: how an event names what it is about."""
    if isinstance(subject, str):
        return subject
    return f"{subject._meta.label_lower}:{subject.pk}"


def record(
    kind: str,
    subject: models.Model | str,
    *,
    actor: Actor,
    now: datetime,
    also: Iterable[models.Model | str] = (),
    store_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Leave the event of the operation under way.

    `kind` is `"room.noun_verbed"`; `subject` and `also` are what it is about (the timeline of each shows it);
    `data` is JSON with ids and amounts as text, never personal data. Changes of fields go under
    `{"changes": {"field": [before, after]}}`.
    """
    frame = _frame.get()
    if frame is None:
        raise OperationContractBroken(f"event {kind} recorded outside an operation")
    frame.recorded += 1
    return _EVENTS.add(
        Event(
            kind=kind,
            operation=frame.name,
            recorded_at=now,
            actor_kind=actor.kind.value,
            actor_id=actor.id,
            user_id=actor.user_id,
            store_id=store_id if store_id is not None else actor.store_id,
            subjects=[subject_key(subject), *(subject_key(other) for other in also)],
            data=dict(data or {}),
            request_id=actor.request_id,
        )
    )
