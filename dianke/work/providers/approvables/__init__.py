"""Operations of this room and those below that can need a second person.

Each says how its arguments become JSON and rows again, what it does in words, and what must not change in between.
"""

from __future__ import annotations

from dianke.events.operations import add_gate
from dianke.work.operations.policies import approval_gate
from dianke.work.providers.approvables import others, people
from dianke.work.registry import register_approvable


def register() -> None:
    """The operations, and the gate before the door."""
    for approvable in (*people.APPROVABLES, *others.APPROVABLES):
        register_approvable(approvable)
    add_gate(approval_gate)
