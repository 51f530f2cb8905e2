"""Token buckets: exact under a race, refilled by time, apart per caller."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from dianke.api import limits
from dianke.api.models import Bucket


def tries(count: int, threads: int, limit: limits.Limit) -> int:
    """How many of `count` requests on one bucket are granted, sent by `threads` at once."""

    def attempt(_number: int) -> bool:
        try:
            limits.take("key:race", limit)
        except limits.TooManyRequests:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(attempt, range(count)))


@pytest.mark.django_db(transaction=True)
def test_twenty_threads_get_exactly_the_burst():
    slow = limits.Limit(burst=25, per_second=1e-9)
    assert tries(100, 20, slow) == 25
    assert Bucket.objects.get().tokens == pytest.approx(0, abs=1e-6)


@pytest.mark.django_db
def test_a_bucket_refills_with_time_up_to_its_burst():
    limit = limits.Limit(burst=2, per_second=1.0)
    assert [limits.take("k", limit), limits.take("k", limit)] == [1, 0]
    with pytest.raises(limits.TooManyRequests) as refused:
        limits.take("k", limit)
    assert refused.value.params["retry_after"] == 1
    Bucket.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    assert limits.take("k", limit) == 1


@pytest.mark.django_db
def test_the_wait_that_is_told_is_long_enough():
    limit = limits.Limit(burst=1, per_second=0.1)
    limits.take("k", limit)
    with pytest.raises(limits.TooManyRequests) as refused:
        limits.take("k", limit)
    Bucket.objects.update(updated_at=timezone.now() - timedelta(seconds=refused.value.params["retry_after"]))
    limits.take("k", limit)


@pytest.mark.django_db
def test_buckets_nobody_used_for_a_day_are_removed():
    limits.take("old")
    Bucket.objects.update(updated_at=timezone.now() - timedelta(days=2))
    limits.take("young")
    assert limits.forget_old(timezone.now()) == 1
    assert Bucket.objects.get().key == "young"


def test_a_refusal_says_when_to_come_back(nobody, db, monkeypatch):
    monkeypatch.setattr(limits, "ANONYMOUS", limits.Limit(burst=1, per_second=0.01))
    assert nobody.get("/health").status_code == 200
    refused = nobody.get("/health")
    assert refused.status_code == 429
    assert refused.json()["code"] == "too_many_requests"
    assert 1 <= int(refused["Retry-After"]) <= 100


def test_guessing_keys_uses_up_the_allowance_of_the_address(nobody, db, monkeypatch):
    monkeypatch.setattr(limits, "ANONYMOUS", limits.Limit(burst=2, per_second=0.001))
    guesses = [nobody.get("/me", Authorization=f"Bearer dk_{n}").status_code for n in range(4)]
    assert guesses == [401, 401, 429, 429]


def test_what_is_left_is_told(caller, monkeypatch):
    monkeypatch.setattr(limits, "DEFAULT", limits.Limit(burst=120, per_second=1e-6))
    first, second = (int(caller.get("/me")["RateLimit-Remaining"]) for _ in range(2))
    assert second == first - 1
