"""Idempotency keys, by Stripe's rules, with real threads and a request that dies halfway."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from dianke.api import idempotency
from dianke.api.models import IdempotentAnswer
from dianke.events.models import Event
from dianke.stores.models import Region
from tests.api.conftest import key_of

REPLAYED = "Idempotent-Replayed"


def test_a_repeat_gets_the_first_answer_and_changes_nothing(caller):
    first = caller.post("/regions", {"name": "华东"}, key="k1")
    again = caller.post("/regions", {"name": "华东"}, key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Content-Type"] == first["Content-Type"]
    assert (first.get(REPLAYED), again[REPLAYED]) == (None, "true")
    assert Region.objects.count() == 1
    assert Event.objects.filter(kind="stores.region_added").count() == 1


def test_without_a_key_every_request_counts(caller):
    assert caller.post("/regions", {"name": "华东"}).status_code == 201
    assert caller.post("/regions", {"name": "华东"}).status_code == 409
    assert not IdempotentAnswer.objects.exists()


@pytest.mark.parametrize(
    ("path", "body"),
    [("/regions", {"name": "华南"}), ("/partners", {"name": "华东"}), ("/regions?x=1", {"name": "华东"})],
)
def test_another_request_under_the_key_is_refused(caller, path, body):
    caller.post("/regions", {"name": "华东"}, key="k1")
    other = caller.post(path, body, key="k1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Region.objects.count() == 1


@pytest.mark.parametrize(
    ("first", "status"),
    [
        ({"name": ""}, 422),
        ({"name": "华中", "parent_id": 99}, 422),
        ({"name": "占"}, 409),
        ({"unknown": 1}, 422),
    ],
)
def test_what_was_refused_may_be_corrected_under_the_same_key(caller, first, status):
    Region.objects.create(name="占")
    assert caller.post("/regions", first, key="k1").status_code == status
    assert not IdempotentAnswer.objects.exists()
    assert caller.post("/regions", {"name": "华东"}, key="k1").status_code == 201


def test_keys_are_apart_per_caller(caller, user):
    other = key_of(user)
    assert caller.post("/regions", {"name": "华东"}, key="k1").status_code == 201
    assert other.post("/regions", {"name": "华南"}, key="k1").status_code == 201
    assert Region.objects.count() == 2


@pytest.mark.parametrize("key", ["", "k" * 256, "two words", "键"])
def test_a_key_that_is_none_is_refused(caller, key):
    response = caller.post("/regions", {"name": "华东"}, key=key)
    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_not_usable")
    assert not Region.objects.exists()


def test_the_longest_key_is_taken(caller):
    assert caller.post("/regions", {"name": "华东"}, key="k" * 255).status_code == 201


def test_nothing_is_kept_of_callers_that_are_nobody(nobody, db):
    assert nobody.post("/regions", {"name": "华东"}, key="k1").status_code == 401
    assert not IdempotentAnswer.objects.exists()


def test_reading_takes_no_notice_of_a_key(caller):
    caller.get("/regions", key="k1")
    assert not IdempotentAnswer.objects.exists()


def test_a_failure_of_ours_rolls_everything_back_and_is_stored(caller, monkeypatch):
    """As Stripe does: who repeats the key is told again that it failed, and uses a new key."""
    calls = []

    def broken(**kwargs):
        calls.append(1)
        Region.objects.create(name="半拉子")
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr("dianke.stores.operations.add_region", broken)
    for _try in range(2):
        failed = caller.post("/regions", {"name": "华东"}, key="k1")
        assert (failed.status_code, failed.json()["code"]) == (500, "internal_error")
        assert "fire" not in failed.content.decode()
    assert failed[REPLAYED] == "true"
    assert len(calls) == 1
    assert not Region.objects.exists()
    monkeypatch.undo()


def test_a_crash_between_the_note_and_the_answer_leaves_nothing_and_the_next_try_runs(caller, monkeypatch):
    class Killed(BaseException):
        pass

    def killed(pk, response):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "_store", killed)
        with pytest.raises(Killed):
            caller.post("/regions", {"name": "华东"}, key="k1")
    assert not Region.objects.exists()
    assert IdempotentAnswer.objects.get().status is None
    assert caller.post("/regions", {"name": "华东"}, key="k1").status_code == 201
    assert Region.objects.count() == 1


def test_answers_are_forgotten_after_thirty_days(caller):
    caller.post("/regions", {"name": "华东"}, key="k1")
    now = timezone.now()
    assert idempotency.forget_old(now + idempotency.KEPT - timedelta(hours=1)) == 0
    assert idempotency.forget_old(now + idempotency.KEPT + timedelta(hours=1)) == 1


# --- at the same time ------------------------------------------------------------------------------------------------
@pytest.fixture
def slow_region(monkeypatch):
    """Adding a region waits in the middle of its transaction; `(begun, go_on)`."""
    from dianke.stores import operations

    begun, go_on = threading.Event(), threading.Event()
    real = operations.add_region

    def slow(**kwargs):
        region = real(**kwargs)
        begun.set()
        assert go_on.wait(20)
        return region

    monkeypatch.setattr("dianke.stores.operations.add_region", slow)
    yield begun, go_on
    go_on.set()


def in_thread(pool, work):
    def run():
        try:
            return work()
        finally:
            connection.close()

    return pool.submit(run)


@pytest.mark.django_db(transaction=True)
def test_while_the_first_runs_a_repeat_is_told_so_and_afterwards_gets_its_answer(caller, slow_region):
    begun, go_on = slow_region
    with ThreadPoolExecutor(2) as pool:
        first = in_thread(pool, lambda: caller.post("/regions", {"name": "华东"}, key="k1"))
        assert begun.wait(20)
        meanwhile = in_thread(pool, lambda: caller.post("/regions", {"name": "华东"}, key="k1")).result(20)
        assert (meanwhile.status_code, meanwhile.json()["code"]) == (409, "request_under_way")
        go_on.set()
        assert first.result(20).status_code == 201
    assert caller.post("/regions", {"name": "华东"}, key="k1")[REPLAYED] == "true"
    assert Region.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_key_the_race_happens(caller):
    """The negative control: the same sixteen requests without a key write as often as they can."""
    with ThreadPoolExecutor(8) as pool:
        sent = [
            in_thread(pool, lambda: caller.post("/partners", {"name": "沈怡"}).status_code) for _ in range(16)
        ]
        assert [each.result(30) for each in sent] == [201] * 16


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_under_one_key_write_once(caller):
    from dianke.stores.models import Partner

    with ThreadPoolExecutor(8) as pool:
        sent = [
            in_thread(pool, lambda: caller.post("/partners", {"name": "沈怡"}, key="k1")) for _ in range(16)
        ]
        answers = [each.result(30) for each in sent]
    assert Partner.objects.count() == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert sum(answer.status_code == 201 and REPLAYED not in answer for answer in answers) == 1
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_dies_lets_the_next_try_run(caller, slow_region):
    """The lock goes with the connection that held it, as when the process is killed: nothing is left of the first."""
    begun, go_on = slow_region
    with ThreadPoolExecutor(1) as pool:
        first = in_thread(pool, lambda: caller.post("/regions", {"name": "华东"}, key="k1"))
        assert begun.wait(20)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle in transaction'"
            )
        go_on.set()
        assert first.result(20).status_code == 500
    assert not Region.objects.exists()
    again = caller.post("/regions", {"name": "华东"}, key="k1")
    assert again.status_code == 201
    assert REPLAYED not in again


def test_a_kept_answer_is_not_readable_in_the_database(caller):
    """Answers may carry phones and names; they lie in the database for thirty days."""
    assert caller.post("/regions", {"name": "只有本人可读"}, key="k1").status_code == 201
    with connection.cursor() as cursor:
        cursor.execute("SELECT body_sealed FROM api_idempotentanswer")
        ((raw,),) = cursor.fetchall()
    assert raw
    assert "只有本人可读".encode() not in bytes(raw)
    assert caller.post("/regions", {"name": "只有本人可读"}, key="k1").json()["name"] == "只有本人可读"
