"""Sealing and proving: whoever changes the log afterwards is found, and what cannot be found is said."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction

from dianke.core.keys import keyring
from dianke.events.commit_order import BEGINNING, read_between
from dianke.events.dispatcher import ensure_places
from dianke.events.models import Event, SealBlock
from dianke.events.operations import MonthNotYetDroppable, drop_month
from dianke.events.partitions import ensure_months, standing_months
from dianke.events.reactions import Reaction
from dianke.events.sealing import FindingCode, SealRefused, lag, seal, seal_all, verify
from dianke.events.sealing.canonical import block_hash, event_leaf, exact_loads
from dianke.events.sealing.chain import last_position
from dianke.events.sealing.checkpoints import (
    Checkpoint,
    checkpoint_file,
    key_id,
    newest_genuine,
    read,
    signed_note,
)
from dianke.events.sealing.merkle import merkle_root
from dianke.events.tests import bells
from dianke.events.tests.conftest import ring_bell

pytestmark = pytest.mark.django_db(transaction=True)
C = FindingCode


@pytest.fixture(autouse=True)
def _audit_place(settings, tmp_path):
    settings.DIANKE_AUDIT_DIR = tmp_path / "audit"
    settings.DIANKE_KEYS_DIR = tmp_path / "keys"
    settings.DIANKE_KEYS_DIR.mkdir(mode=0o700)
    keyring().create_missing()


@pytest.fixture
def sealed(ring, settle, now):
    """Nine events in three blocks; gives their ids."""
    ids = [ring(n=str(n)).pk for n in range(9)]
    settle()
    while seal(now=now, limit=3):
        pass
    assert SealBlock.objects.count() == 3
    return ids


@contextmanager
def tampering():
    """A superuser with triggers off."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor


def found():
    return {finding.code for finding in verify() if not finding.is_warning}


def named(code):
    return {event_id for finding in verify() if finding.code is code for event_id in finding.event_ids}


# --- sealing -----------------------------------------------------------------------------------------------
def test_log_as_it_was_sealed_has_no_findings(sealed):
    assert verify() == []


def test_sealing_again_seals_nothing_twice(sealed, now):
    assert seal_all(now=now) == 0
    assert SealBlock.objects.count() == 3


def test_events_under_way_are_left_for_the_next_block(sealed, second_connection, ring, settle, now):
    second_connection.execute("SELECT pg_current_xact_id()")
    later = ring().pk
    assert seal(now=now) is None
    second_connection.rollback()
    settle()
    block = seal(now=now)
    assert block.event_ids == [later]


def test_lag_says_how_much_waits_and_for_how_long(sealed, ring, now):
    assert lag(now=now).event_count == 0
    ring()
    waiting = lag(now=now + timedelta(minutes=7))
    assert (waiting.event_count, waiting.age) == (1, timedelta(minutes=7))


def test_checkpoint_left_out_by_a_crash_is_written_by_the_next_run(sealed, now):
    checkpoint_file().unlink()
    seal(now=now)
    public = keyring().seal_key().public_key()
    assert newest_genuine(checkpoint_file(), public).block_number == 3


def test_checkpoints_are_signed_notes(sealed):
    notes = checkpoint_file().read_text()
    assert len(re.findall(r"^\u2014 dianke/audit [A-Za-z0-9+/=]+$", notes, re.M)) == 3
    public = keyring().seal_key().public_key()
    assert [(note.is_genuine, note.checkpoint.event_count) for note in read(checkpoint_file(), public)] == [
        (True, 3),
        (True, 6),
        (True, 9),
    ]


def test_key_id_is_the_known_answer_of_signed_notes():
    """The published example of the Go checksum database: sum.golang.org+033de0ae+Ac4z..."""
    import base64

    encoded = base64.b64decode("Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")
    assert encoded[0] == 1
    assert key_id("sum.golang.org", encoded[1:]).hex() == "033de0ae"


def test_large_and_exact_numbers_in_an_event_can_be_sealed(settle, now, ring):
    ring(amount=2**70, ratio=0.1, text="阴历\u2028")
    settle()
    assert seal_all(now=now) == 1
    assert verify() == []


# --- what is found -----------------------------------------------------------------------------------------
def test_changed_event_is_found(sealed):
    with tampering() as cursor:
        cursor.execute('UPDATE events_event SET data = \'{"n": "99"}\' WHERE id = %s', [sealed[4]])
    assert named(C.EVENT_CHANGED) == {sealed[4]}
    assert found() == {C.EVENT_CHANGED}


@pytest.mark.parametrize(
    "change",
    [
        "user_id = 7",
        "recorded_at = recorded_at + interval '1 microsecond'",
        "kind = 'shop.other'",
        "store_id = 1",
    ],
)
def test_change_of_any_column_is_found(sealed, change):
    with tampering() as cursor:
        cursor.execute(f"UPDATE events_event SET {change} WHERE id = %s", [sealed[0]])
    assert found() == {C.EVENT_CHANGED}


def test_number_turned_into_text_is_found(ring, settle, now):
    ring(n=5)
    settle()
    seal(now=now)
    with tampering() as cursor:
        cursor.execute('UPDATE events_event SET data = \'{"n": "5"}\'')
    assert found() == {C.EVENT_CHANGED}


def test_deleted_event_is_found(sealed):
    with tampering() as cursor:
        cursor.execute("DELETE FROM events_event WHERE id = %s", [sealed[4]])
    assert named(C.EVENT_DELETED) == {sealed[4]}
    assert found() == {C.EVENT_DELETED}


def test_event_inserted_among_sealed_ones_is_found(sealed):
    with tampering() as cursor:
        cursor.execute(
            "INSERT INTO events_event (id, era, xid, recorded_at, kind, operation, actor_kind, subjects, data,"
            " request_id) OVERRIDING SYSTEM VALUE SELECT 999999, era, xid, recorded_at, kind, operation,"
            " actor_kind, subjects, data, request_id FROM events_event WHERE id = %s",
            [sealed[4]],
        )
    assert named(C.EVENT_INSERTED) == {999999}
    assert found() == {C.EVENT_INSERTED}


def test_two_events_that_swapped_their_ids_are_found(sealed):
    one, other = sealed[3], sealed[4]
    with tampering() as cursor:
        for old, new in ((one, -1), (other, one), (-1, other)):
            # An identity column takes no value by UPDATE: lift that, as an administrator can.
            cursor.execute("ALTER TABLE events_event ALTER COLUMN id SET GENERATED BY DEFAULT")
            cursor.execute("UPDATE events_event SET id = %s WHERE id = %s", [new, old])
        cursor.execute("ALTER TABLE events_event ALTER COLUMN id SET GENERATED ALWAYS")
    assert named(C.EVENT_CHANGED) == {one, other}


def test_two_events_that_swapped_their_positions_are_found(sealed):
    one, other = sealed[3], sealed[4]
    with tampering() as cursor:
        cursor.execute(
            "UPDATE events_event SET xid = (SELECT o.xid FROM events_event o WHERE o.id ="
            " CASE events_event.id WHEN %s THEN %s ELSE %s END) WHERE id IN (%s, %s)",
            [one, other, one, one, other],
        )
    assert C.EVENTS_REORDERED in found()


def test_event_moved_behind_the_others_is_found(sealed):
    with tampering() as cursor:
        cursor.execute(
            "UPDATE events_event SET xid = (SELECT max(xid) FROM events_event) WHERE id = %s", [sealed[0]]
        )
    assert named(C.EVENTS_REORDERED) == {sealed[0]}


def test_changed_block_is_found(sealed):
    with tampering() as cursor:
        cursor.execute(
            "UPDATE events_sealblock SET sealed_at = sealed_at - interval '1 day' WHERE number = 2"
        )
    assert found() == {C.BLOCK_CHANGED}


def test_missing_block_is_found(sealed):
    with tampering() as cursor:
        cursor.execute("DELETE FROM events_sealblock WHERE number = 2")
    assert C.BLOCK_MISSING in found()


def cut_tail(sealed):
    with tampering() as cursor:
        cursor.execute("DELETE FROM events_event WHERE id = ANY(%s)", [sealed[6:]])
        cursor.execute("DELETE FROM events_sealblock WHERE number = 3")


def test_tail_cut_with_its_block_is_found_by_the_checkpoints(sealed):
    cut_tail(sealed)
    assert found() == {C.TAIL_CUT}


def test_tail_cut_with_its_block_is_not_found_without_the_checkpoints(sealed):
    """The limit of a chain alone, and why the file has to lie elsewhere."""
    cut_tail(sealed)
    checkpoint_file().unlink()
    assert [finding.code for finding in verify()] == [C.CHECKPOINTS_MISSING]


def rebuild_chain(sealed):
    """What an administrator of the database can do: change an event and make every block fit again."""
    with tampering() as cursor:
        cursor.execute("UPDATE events_event SET user_id = 7 WHERE id = %s", [sealed[4]])
    before = None
    for block in SealBlock.objects.order_by("number"):
        entries = read_between(
            last_position(before) if before else BEGINNING, last_position(block), loads=exact_loads
        )
        leaves = [event_leaf(entry) for entry in entries]
        block.leaves, block.root = b"".join(leaves), merkle_root(leaves)
        block.prev_hash = before.hash if before else block.prev_hash
        block.hash = block_hash(block)
        with tampering():
            block.save()
        before = block


def test_chain_made_anew_is_found_by_the_checkpoints(sealed):
    rebuild_chain(sealed)
    assert found() == {C.CHAIN_REWRITTEN}


def test_sealing_refuses_to_continue_another_chain(sealed, ring, settle, now):
    rebuild_chain(sealed)
    ring()
    settle()
    with pytest.raises(SealRefused):
        seal(now=now)


def test_sealing_refuses_to_continue_after_a_cut_tail(sealed, ring, settle, now):
    cut_tail(sealed)
    ring()
    settle()
    with pytest.raises(SealRefused):
        seal(now=now)


def test_checkpoint_signed_with_another_key_is_found(sealed):
    forged = signed_note(Checkpoint(9, bytes(32), 3, "2026-11-21"), Ed25519PrivateKey.generate())
    checkpoint_file().write_text(forged)
    assert C.CHECKPOINT_FORGED in found()


@pytest.mark.parametrize(
    ("old", "new"), [("block 2", "block 4"), ("\n6\n", "\n7\n"), ("dianke/audit\n3", "other\n3")]
)
def test_checkpoint_changed_in_the_file_is_found(sealed, old, new):
    path = checkpoint_file()
    path.write_text(path.read_text().replace(old, new))
    assert C.CHECKPOINT_FORGED in found()


# --- old months ----------------------------------------------------------------------------------------------
OLD = datetime(2025, 3, 10, tzinfo=UTC)


@pytest.fixture
def old_month(settings, settle, now):
    """Two events of March 2025 in a partition of their own, and one of today; all sealed. A year is kept."""
    settings.DIANKE_LOG_RETENTION_DAYS = 365
    settings.DIANKE_REACTIONS = "dianke.events.tests.bells.TABLE"
    ensure_months(date(2025, 3, 1), date(2025, 3, 31))
    from dianke.core.actor import SYSTEM

    ids = [ring_bell(subject="shop.bell:1", actor=SYSTEM, now=at).pk for at in (OLD, OLD, now)]
    settle()
    yield ids
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS events_event_y2025m03, events_subject_y2025m03")


def test_month_behind_the_retention_is_dropped_and_the_log_still_proves(old_month, system, settle, now):
    seal_all(now=now)
    drop_month(month=date(2025, 3, 1), actor=system, now=now)
    assert date(2025, 3, 1) not in standing_months()
    assert list(Event.objects.filter(kind="shop.bell_rung").values_list("pk", flat=True)) == old_month[2:]
    settle()
    seal_all(now=now)
    assert verify() == []


def test_month_that_is_not_sealed_is_not_dropped(old_month, system, now):
    with pytest.raises(MonthNotYetDroppable):
        drop_month(month=date(2025, 3, 1), actor=system, now=now)
    assert date(2025, 3, 1) in standing_months()


def test_month_a_reaction_has_not_read_is_not_dropped(old_month, system, now, monkeypatch):
    seal_all(now=now)
    slow = Reaction("slow", ("shop.*",), run="dianke.events.tests.bells:do_nothing", starts="beginning")
    ensure_places([slow])
    monkeypatch.setattr(bells, "TABLE", [slow])
    with pytest.raises(MonthNotYetDroppable):
        drop_month(month=date(2025, 3, 1), actor=system, now=now)
    monkeypatch.setattr(bells, "TABLE", [])  # a reaction taken out of the table holds nothing back
    drop_month(month=date(2025, 3, 1), actor=system, now=now)


def test_month_inside_the_retention_is_not_dropped(old_month, system, now, settings):
    settings.DIANKE_LOG_RETENTION_DAYS = 900
    seal_all(now=now)
    with pytest.raises(MonthNotYetDroppable):
        drop_month(month=date(2025, 3, 1), actor=system, now=now)


def test_retention_is_never_shorter_than_180_days(settings):
    from dianke.events.partitions import retention

    settings.DIANKE_LOG_RETENTION_DAYS = 30
    assert retention() == timedelta(days=180)
    settings.DIANKE_LOG_RETENTION_DAYS = None
    assert retention() is None


def test_month_dropped_without_a_word_in_the_log_is_found(old_month, now):
    seal_all(now=now)
    with tampering() as cursor:
        cursor.execute("DROP TABLE events_event_y2025m03")
        cursor.execute("INSERT INTO events_droppedmonth VALUES ('2025-03-01', 2, '{[1,999999999)}', now())")
    assert found() == {C.DROP_UNPROVEN, C.EVENT_DELETED}
