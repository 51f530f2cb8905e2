"""The door for writes: what an operation must and must not do."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import DatabaseError, connection, transaction

from dianke.core.actor import SYSTEM, Actor, PermissionRefused
from dianke.events.models import Event
from dianke.events.operations import OperationContractBroken, operation, record, step, unchanged


@operation("stores.manage_stores")
def paint_door(*, colour: str, times: int = 1, actor: Actor, now: datetime) -> None:
    for _ in range(times):
        record("stores.door_painted", "stores.door:1", actor=actor, now=now, data={"colour": colour})


@operation(None)
def paint_house(*, actor: Actor, now: datetime) -> None:
    paint_door(colour="red", actor=actor.as_system(), now=now)
    record("stores.house_painted", "stores.house:1", also=["stores.door:1"], actor=actor, now=now)


@operation(None)
def paint_again(*, actor: Actor, now: datetime) -> None:
    unchanged()


@step
def mix_colours() -> str:
    return "mixed"


@pytest.mark.django_db
def test_operation_leaves_one_event_with_who_when_and_what(make_actor, now):
    actor = make_actor("OWNER", store_ids={7})
    paint_door(colour="green", actor=actor, now=now)
    event = Event.objects.get()
    assert (event.kind, event.operation, event.subjects) == (
        "stores.door_painted",
        "events.paint_door",
        ["stores.door:1"],
    )
    assert (event.recorded_at, event.actor_kind, event.data) == (now, "USER", {"colour": "green"})


@pytest.mark.django_db
@pytest.mark.parametrize("times", [0, 2])
def test_operation_that_records_no_or_two_events_is_undone(system, now, times):
    with pytest.raises(OperationContractBroken):
        paint_door(colour="green", times=times, actor=system, now=now)
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_operation_inside_an_operation_leaves_its_own_event(system, now):
    paint_house(actor=system, now=now)
    assert list(Event.objects.order_by("id").values_list("kind", flat=True)) == [
        "stores.door_painted",
        "stores.house_painted",
    ]


@pytest.mark.django_db
def test_unchanged_operation_leaves_no_event(system, now):
    paint_again(actor=system, now=now)
    assert not Event.objects.exists()


def test_operation_refuses_an_actor_without_the_permission(make_actor, now):
    with pytest.raises(PermissionRefused):
        paint_door(colour="green", actor=make_actor("CLERK"), now=now)


def test_operation_refuses_a_naive_instant(now):
    with pytest.raises(OperationContractBroken):
        paint_door(colour="green", actor=SYSTEM, now=now.replace(tzinfo=None))


def test_step_refuses_to_run_outside_an_operation():
    with pytest.raises(OperationContractBroken):
        mix_colours()


def test_operation_without_actor_or_with_positional_arguments_is_refused_at_import():
    with pytest.raises(OperationContractBroken):

        @operation(None)
        def no_actor(*, now: datetime) -> None: ...

    with pytest.raises(OperationContractBroken):

        @operation(None)
        def positional(colour: str, *, actor: Actor, now: datetime) -> None: ...


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events_event SET kind = 'x.y'",
        "DELETE FROM events_event",
        "TRUNCATE events_event",
        "TRUNCATE events_event_other",
        "DELETE FROM events_subject",
        "INSERT INTO events_event (id) VALUES (1)",
    ],
)
def test_log_refuses_every_change_but_an_insert(system, now, statement):
    paint_door(colour="green", actor=system, now=now)
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert "append-only" in str(refused.value) or "GENERATED ALWAYS" in str(refused.value)
