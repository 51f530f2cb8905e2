"""Stores and staff in the search of the frame: found by words the database keeps, and cut there."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dianke.stores import operations
from dianke.stores.models import Staff, Store
from dianke.stores.providers import _find_staff, _find_stores, _switch
from dianke.stores.tests.cast import Cast
from dianke.web.search import LIMIT


def names(hits) -> list[str]:
    return [str(hit.label) for hit in hits]


@pytest.mark.parametrize("query", ["西湖", "xihu", "xh", "HZ01", "hz"])
def test_a_store_is_found_by_name_pinyin_and_code(cast: Cast, query: str) -> None:
    values = {"name": "杭州西湖店", "short_name": "西湖店", "code": "HZ01"}
    operations.change_store(store=cast.lake, values=values, actor=cast.actor("owner"), now=cast.now)
    with CaptureQueriesContext(connection) as counted:
        found = _find_stores(cast.actor("owner"), query, LIMIT)
    assert "杭州西湖店" in names(found)
    assert f"LIMIT {LIMIT}" in counted.captured_queries[-1]["sql"]
    assert _find_stores(cast.actor("owner"), "没有的店", LIMIT) == []


def test_a_person_is_found_by_the_name_they_have_now_and_by_number(cast: Cast) -> None:
    owner, clerk = cast.actor("owner"), cast["clerk"]
    operations.change_staff(staff=clerk, values={"name": "欧阳晓雨"}, actor=owner, now=cast.now)
    assert names(_find_staff(owner, "oyxy", LIMIT)) == ["欧阳晓雨"]
    assert "欧阳晓雨" in names(_find_staff(owner, clerk.number, LIMIT))
    assert len(_find_staff(owner, "0", 2)) == 2


def test_people_and_stores_out_of_reach_are_not_found(cast: Cast) -> None:
    neighbour = cast.actor("neighbour")
    assert names(_find_stores(neighbour, cast.lake.name, LIMIT)) == []
    assert names(_find_staff(neighbour, cast["clerk"].name, LIMIT)) == []


def test_people_are_found_by_index(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "staff_search_words" in Staff.objects.filter(search_words__found_by="wxm").order_by().explain()


def test_rows_of_an_earlier_version_get_their_words(cast: Cast) -> None:
    before = {model: dict(model.objects.values_list("pk", "search_words")) for model in (Store, Staff)}
    for model in before:
        model.objects.update(search_words=None)
    assert _find_stores(cast.actor("owner"), cast.lake.name, LIMIT) == []
    import_module("dianke.stores.migrations.0004_fill_search_words").fill(apps, None)
    assert {model: dict(model.objects.values_list("pk", "search_words")) for model in before} == before


def test_whoever_works_in_one_store_is_asked_for_no_other(cast: Cast) -> None:
    clerk = cast.actor("clerk")
    with CaptureQueriesContext(connection) as counted:
        assert _switch(clerk) is None
    assert len(counted) == 0
    switch = _switch(cast.actor("owner"))
    assert switch is not None
    assert len(switch.choices) == 3
