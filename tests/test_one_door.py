"""Requests change tables of ours only through operations; the watch over it can fail."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from dianke.stores.models import Region
from tests.one_door import EXEMPT, WroteOutsideOperation, offending_table, own_tables, watched


@pytest.mark.django_db
def test_a_write_during_a_request_outside_an_operation_is_caught() -> None:
    with watched() as (begin, end):
        Region.objects.create(name="请求之外")  # not within a request: the test itself may
        begin()
        with pytest.raises(WroteOutsideOperation, match="stores_region"), transaction.atomic():
            Region.objects.create(name="请求之中")
        end()


@pytest.mark.django_db
def test_a_refused_sign_in_passes_the_watch(client: Client) -> None:
    with watched():
        answer = client.post("/sign-in/", {"username": "nobody", "password": "nothing at all"})
    assert answer.status_code in {200, 401, 403, 422}


def test_exempt_tables_exist_and_others_are_seen() -> None:
    tables = own_tables()
    assert set(EXEMPT) <= tables
    assert offending_table('UPDATE "stores_store" SET name = 1', tables) == "stores_store"
    assert offending_table('INSERT INTO "api_bucket" (key) VALUES (1)', tables) is None
    assert offending_table('SELECT * FROM "stores_store"', tables) is None
