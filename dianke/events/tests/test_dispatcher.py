"""Delivering events: nothing missed, nothing doubled in the database, one failure stops nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from dianke.core.actor import SYSTEM
from dianke.events.commit_order import BEGINNING, Position, current_place, ensure_era, head, read_after
from dianke.events.dispatcher import Dispatcher, ensure_places, run_dispatcher
from dianke.events.models import Delivery, Event, ReactionPosition
from dianke.events.operations import dismiss_delivery, retry_delivery
from dianke.events.reactions import Reaction, ReactionTableBroken, all_reactions
from dianke.events.rules import BACK_OFF
from dianke.events.testing import deliver_events
from dianke.events.tests import bells
from dianke.events.tests.conftest import ring_bell

pytestmark = pytest.mark.django_db(transaction=True)

BELLS = "dianke.events.tests.bells:"
INSERT = (
    "INSERT INTO events_event (recorded_at, kind, operation, actor_kind, subjects, data, request_id)"
    " VALUES (now(), 'shop.bell_rung', 'test', 'SYSTEM', '{shop.bell:1}', '{}', '') RETURNING id"
)


def reaction(code="mark", run="leave_mark", kinds=("shop.*",), **more):
    return Reaction(code, kinds, run=BELLS + run, starts="beginning", **more)


@pytest.fixture(autouse=True)
def _mended():
    yield
    bells.BROKEN_SUBJECTS.clear()
    bells.CUT_ONCE.clear()


# --- order -------------------------------------------------------------------------------------------------
def test_event_committed_late_with_a_smaller_id_is_delivered(second_connection, marks, ring, settle):
    late = second_connection.execute(INSERT).fetchone()[0]  # written first, not committed
    early = ring().pk
    assert late < early
    dispatcher = Dispatcher([reaction()])
    dispatcher.turn()
    assert marks() == []  # nothing may overtake what is still under way
    second_connection.commit()
    settle()
    dispatcher.turn()
    assert marks() == [late, early]


def test_reader_that_remembers_the_last_id_misses_a_late_commit(second_connection, ring):
    """The negative control: the same story with the cursor everybody writes first."""

    def read_ids_after(last):
        return list(Event.objects.filter(id__gt=last).order_by("id").values_list("id", flat=True))

    late = second_connection.execute(INSERT).fetchone()[0]
    ring()
    seen = read_ids_after(0)
    second_connection.commit()
    seen += read_ids_after(seen[-1])
    assert late not in seen
    assert Event.objects.filter(pk=late).exists()


def test_event_in_a_savepoint_stands_at_its_whole_transaction(ring, settle, transactional_db):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            (xid,) = cursor.fetchone()
        with transaction.atomic():
            ring()
        with transaction.atomic():
            ring()
    settle()
    assert [entry.position.xid for entry in read_after(BEGINNING, limit=9)] == [xid, xid]


def test_rolled_back_event_is_never_delivered(second_connection, marks, ring, settle):
    second_connection.execute(INSERT)
    kept = ring().pk
    second_connection.rollback()
    settle()
    Dispatcher([reaction()]).turn()
    assert marks() == [kept]


def test_batches_end_inside_a_transaction_without_losing_the_rest(marks, ring, settle):
    with transaction.atomic():
        ids = [ring().pk for _ in range(7)]
    settle()
    dispatcher = Dispatcher([reaction()], batch=3)
    while dispatcher.turn():
        pass
    assert marks() == ids


def test_reading_a_batch_costs_the_same_however_long_the_log_is(ring, settle):
    def pages_read():
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE events_event")
            cursor.execute(
                "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)"
                " SELECT * FROM events_committed_after(0, '0'::xid8, 0, 10), events_committed_last()"
            )
            plan = cursor.fetchone()[0]
        return plan[0]["Plan"]["Shared Hit Blocks"]

    for _ in range(20):
        ring()
    settle()
    before = pages_read()
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT.replace(" RETURNING id", "")
            .replace(" VALUES (", " SELECT ")
            .replace("'')", "'' FROM generate_series(1, 20000)")
        )
    settle()
    assert pages_read() < before + 60  # the log has grown by more than a thousand pages


def test_events_written_in_another_cluster_come_after_all_earlier_ones(marks, ring, settle):
    ensure_era()
    first = ring().pk
    settle()
    dispatcher = Dispatcher([reaction()])
    dispatcher.turn()
    # As after restoring a dump of a long-lived cluster into a new one: positions far ahead of it.
    ReactionPosition.objects.update(xid=10**12)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE events_era SET system_identifier = 'the old cluster'")
    era = ensure_era()
    assert ensure_era() == era
    second = ring().pk
    settle()
    assert head() > Position(era, 0, 0)
    dispatcher.turn()
    assert marks() == [first, second]


# --- several at once, and death ---------------------------------------------------------------------------
def test_two_dispatchers_share_the_work_and_keep_the_order(marks, ring, settle):
    ids = [ring().pk for _ in range(300)]
    settle()
    table = [reaction(), reaction("other", "leave_other_mark")]
    ensure_places(table)

    def work():
        dispatcher = Dispatcher(table, batch=20)
        deadline = time.monotonic() + 60
        while marks_left() and time.monotonic() < deadline:
            dispatcher.turn()
        connections.close_all()

    def marks_left():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM test_marks")
            return cursor.fetchone()[0] < 2 * len(ids)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert marks("mark") == ids
    assert marks("other") == ids


def test_connection_lost_between_reaction_and_acknowledgement_delivers_again(marks, ring, settle, now):
    ids = [ring().pk for _ in range(3)]
    settle()
    bells.CUT_ONCE.append(ids[1])
    clock = [now]
    dispatcher = Dispatcher([reaction(run="lose_connection_once")], clock=lambda: clock[0])
    dispatcher.turn()
    assert marks() == [ids[0], ids[2]]
    clock[0] += BACK_OFF[0]
    dispatcher.turn()
    assert marks() == [ids[0], ids[2], ids[1]]
    assert not Delivery.objects.exists()


@pytest.mark.slow
@pytest.mark.parametrize("point", ["before", "after"])
def test_killed_dispatcher_loses_and_doubles_nothing(marks, ring, settle, point):
    ids = [ring().pk for _ in range(5)]
    settle()
    script = (
        "import django; django.setup()\n"
        "from dianke.events.dispatcher import Dispatcher\n"
        "from dianke.events.reactions import Reaction\n"
        f"Dispatcher([Reaction('mark', ('shop.*',), '{BELLS}stand_still', starts='beginning')]).turn()\n"
    )
    environment = os.environ | {
        "STAND_STILL": f"{ids[2]}:{point}",
        "DATABASE_URL": _address_of_test_database(),
    }
    child = subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"standing still\n"
    child.send_signal(signal.SIGKILL)
    child.wait(timeout=30)
    child.stdout.close()
    assert marks() == ids[:2]
    deadline = time.monotonic() + 30
    dispatcher = Dispatcher([reaction()])
    while marks() != ids and time.monotonic() < deadline:
        dispatcher.turn()  # the server may need a moment to notice that its client is dead
    assert marks() == ids


def _address_of_test_database():
    from urllib.parse import urlsplit, urlunsplit

    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))


def test_run_dispatcher_delivers_until_it_is_told_to_stop(marks, ring):
    stop = threading.Event()
    thread = threading.Thread(target=run_dispatcher, args=[stop], kwargs={"reactions": [reaction()]})
    thread.start()
    ids = [ring().pk for _ in range(3)]
    deadline = time.monotonic() + 60
    while len(marks()) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    thread.join(timeout=30)
    assert not thread.is_alive()
    assert marks() == ids


# --- failures ---------------------------------------------------------------------------------------------
def test_failing_event_is_tried_again_by_the_schedule_and_then_given_up(marks, ring, settle, now):
    bells.BROKEN_SUBJECTS.add("shop.bell:1")
    bad, good = ring("shop.bell:1").pk, ring("shop.bell:2").pk
    settle()
    clock = [now]
    dispatcher = Dispatcher([reaction(run="refuse_broken")], clock=lambda: clock[0])
    dispatcher.turn()
    assert marks() == [good]  # the bad one was undone, and the good one did not wait for it
    delivery = Delivery.objects.get()
    assert (delivery.event_id, delivery.try_count, delivery.error_code) == (bad, 1, "bell_muted")
    for tries, wait in enumerate(BACK_OFF, start=2):
        assert delivery.next_at == clock[0] + wait
        clock[0] += wait - timedelta(microseconds=1)
        assert dispatcher.turn() == 0
        clock[0] += timedelta(microseconds=1)
        assert dispatcher.turn() == 1
        delivery.refresh_from_db()
        assert delivery.try_count == tries
    assert delivery.state == Delivery.State.DEAD
    given_up = Event.objects.get(kind="events.delivery_given_up")
    assert given_up.subjects == [f"events.delivery:{delivery.pk}", "shop.bell:1"]
    clock[0] += timedelta(days=30)
    assert dispatcher.retry_due() == 0


def test_retry_that_works_leaves_no_trace_of_the_failure(marks, ring, settle, now):
    bells.BROKEN_SUBJECTS.add("shop.bell:1")
    bad = ring().pk
    settle()
    clock = [now]
    dispatcher = Dispatcher([reaction(run="refuse_broken")], clock=lambda: clock[0])
    dispatcher.turn()
    bells.BROKEN_SUBJECTS.clear()
    clock[0] += BACK_OFF[0]
    dispatcher.turn()
    assert marks() == [bad]
    assert not Delivery.objects.exists()


def test_dead_delivery_is_tried_again_when_a_person_says_so(marks, ring, settle, now, make_actor):
    bells.BROKEN_SUBJECTS.add("shop.bell:1")
    bad = ring().pk
    settle()
    dispatcher = Dispatcher([reaction(run="refuse_broken")], clock=lambda: now)
    dispatcher.turn()
    Delivery.objects.update(state=Delivery.State.DEAD)
    bells.BROKEN_SUBJECTS.clear()
    assert dispatcher.turn() == 0
    retry_delivery(delivery=Delivery.objects.get(), actor=make_actor("OWNER"), now=now)
    dispatcher.turn()
    assert marks() == [bad]


def test_ordered_reaction_holds_back_the_same_subject_and_no_other(marks, ring, settle, now):
    bells.BROKEN_SUBJECTS.add("shop.bell:1")
    first, other, second, third = (ring(f"shop.bell:{n}").pk for n in (1, 2, 1, 1))
    settle()
    clock = [now]
    dispatcher = Dispatcher([reaction(run="refuse_broken", ordered=True)], clock=lambda: clock[0])
    dispatcher.turn()
    assert marks() == [other]
    bells.BROKEN_SUBJECTS.clear()
    assert dispatcher.turn() == 0  # the first is not due, so those behind it are not either
    clock[0] += BACK_OFF[0]
    assert dispatcher.turn() == 3
    assert marks() == [other, first, second, third]


def test_ordered_reaction_waits_behind_a_dead_letter_until_it_is_dismissed(marks, ring, settle, now):
    bells.BROKEN_SUBJECTS.add("shop.bell:1")
    first = ring().pk
    settle()
    dispatcher = Dispatcher([reaction(run="refuse_broken", ordered=True)], clock=lambda: now)
    dispatcher.turn()
    Delivery.objects.update(state=Delivery.State.DEAD)
    bells.BROKEN_SUBJECTS.clear()
    second = ring().pk
    settle()
    assert dispatcher.turn() == 1  # set aside
    assert marks() == []
    dead = Delivery.objects.get(event_id=first)
    dismiss_delivery(delivery=dead, reason="rung by hand", actor=SYSTEM, now=now)
    dispatcher.turn()
    assert marks() == [second]


def test_fault_of_the_program_is_kept_without_its_message(ring, settle):
    ring()
    settle()
    Dispatcher([reaction(run="spill_secret")]).turn()
    delivery = Delivery.objects.get()
    assert delivery.error_code.startswith("unexpected:ValueError bells.py:")
    assert "138" not in delivery.error_code + delivery.error


# --- where a reaction begins ------------------------------------------------------------------------------
def test_new_reaction_begins_now_or_at_the_beginning_as_declared(marks, ring, settle):
    old = ring().pk
    settle()
    table = [
        Reaction("mark", ("*",), run=BELLS + "leave_mark", starts="beginning"),
        Reaction("other", ("*",), run=BELLS + "leave_other_mark"),
    ]
    dispatcher = Dispatcher(table)
    dispatcher.turn()
    new = ring().pk
    settle()
    dispatcher.turn()
    assert (marks("mark"), marks("other")) == ([old, new], [new])


def test_reaction_beginning_now_still_gets_what_was_under_way(second_connection, marks, settle):
    under_way = second_connection.execute(INSERT).fetchone()[0]
    table = [Reaction("mark", ("*",), run=BELLS + "leave_mark")]
    ensure_places(table)
    second_connection.commit()
    settle()
    Dispatcher(table).turn()
    assert marks() == [under_way]


def test_uninteresting_events_are_stepped_over(marks, ring, settle):
    ring()
    settle()
    assert Dispatcher([reaction(kinds=("stores.*", "shop.bell_broken"))]).turn() == 0
    assert ReactionPosition.objects.get(code="mark").event_id == Event.objects.get().pk


def test_place_for_newcomers_is_behind_all_that_has_ended(ring, settle):
    ring()
    settle()
    assert head() < current_place()


# --- the table, and delivery inside a test ----------------------------------------------------------------
def test_table_of_reactions_is_sound():
    assert all(row.function() for row in all_reactions())


@pytest.mark.parametrize(
    "table",
    [
        [reaction(), reaction()],
        [reaction(kinds=())],
        [reaction(run="no_such_function")],
    ],
)
def test_broken_table_is_refused(settings, monkeypatch, table):
    settings.DIANKE_REACTIONS = "dianke.events.tests.bells.TABLE"
    monkeypatch.setattr(bells, "TABLE", table)
    with pytest.raises(ReactionTableBroken):
        all_reactions()


def test_deliver_events_reaches_reactions_inside_a_transaction(marks, now):
    with transaction.atomic():
        ids = [ring_bell(actor=SYSTEM, now=now).pk for _ in range(2)]
        assert deliver_events(now=now, reactions=[reaction()]) == 2
        assert marks() == ids
