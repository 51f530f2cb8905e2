"""Rows by made-once statements are those the managers read and write; prepared cursors are cursors like others."""

from __future__ import annotations

import uuid

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from dianke.core.hot_rows import Adding, ById
from dianke.core.prepared import prepared
from dianke.customers.models import Customer, Tag
from dianke.customers.tests.cast import make_customer, make_house, second_partner
from dianke.stores.models import Store

pytestmark = pytest.mark.django_db


def values_of(row: models.Model) -> dict[str, object]:
    return {column.attname: getattr(row, column.attname) for column in row._meta.concrete_fields}


def test_a_row_by_id_is_what_the_manager_reads() -> None:
    store = make_house().lake
    by_id = ById(Store, "legal_entity")
    with CaptureQueriesContext(connection) as asked:
        found = by_id.get(store.pk)
        assert found is not None
        entity = found.legal_entity
    usual = Store.objects.select_related("legal_entity").get(pk=store.pk)
    assert len(asked) == 1
    assert (values_of(found), values_of(entity)) == (values_of(usual), values_of(usual.legal_entity))
    assert found == usual
    assert not found._state.adding
    assert by_id.get(0) is None


def test_sealed_and_json_columns_open_as_usual() -> None:
    made = make_customer("林秀兰", note="喜欢玫瑰金", custom={"size": 12}, store=make_house().lake)
    found = ById(type(made)).get(made.pk)
    assert found is not None
    assert (found.note, found.custom, found.uuid) == ("喜欢玫瑰金", {"size": 12}, made.uuid)


def test_an_added_row_is_what_save_would_have_written() -> None:
    tag = Adding(Tag).add(Tag(name="老顾客"))
    assert values_of(Tag.objects.get(pk=tag.pk)) == values_of(tag)
    assert not tag._state.adding


def test_a_conflict_raises_or_is_left_out_as_asked() -> None:
    Tag.objects.create(name="老顾客")
    with pytest.raises(IntegrityError), transaction.atomic():
        Adding(Tag).add(Tag(name="老顾客"))
    left_out = Adding(Tag, "ON CONFLICT DO NOTHING").add(Tag(name="老顾客"))
    assert left_out.pk is None
    assert Tag.objects.filter(name="老顾客").count() == 1


def test_statements_asked_often_are_planned_once_per_connection() -> None:
    marked = f"SELECT %s::int + 1 AS n{uuid.uuid4().hex}"
    for number in range(6):
        with prepared() as cursor:
            cursor.execute(marked, [number])
            assert cursor.fetchone() == (number + 1,)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", [f"%{marked[-32:]}%"]
        )
        assert cursor.fetchone() == (1,)


def test_errors_of_prepared_statements_are_named_as_others() -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), prepared() as cursor:
        cursor.execute("INSERT INTO customers_tag (name) VALUES (NULL)")


def test_who_is_reached_by_the_row_alone_is_among_those_who_are_visible() -> None:
    cast = make_house()
    clerk = cast["clerk"].user
    partners = [None, second_partner()]
    made = [
        make_customer(store=store, partner=partner, owner=owner, shared_with=shared)
        for store in (cast.lake, cast.harbour, None)
        for partner in partners
        for owner in (None, clerk)
        for shared in ([], [cast.lake])
        if store is not cast.lake or not shared
    ]
    plainly, visible = {}, {}
    for name in cast.people:
        actor = cast.actor(name)
        visible[name] = set(Customer.objects.visible_to(actor).values_list("pk", flat=True))
        plainly[name] = {row.pk for row in made if Customer.objects.plainly_reached(row, actor)}
    assert {name: plainly[name] - visible[name] for name in cast.people} == {
        name: set() for name in cast.people
    }
    # It is worth asking: who works at one store is told most of them so, and nobody else's.
    assert plainly["clerk"]
    assert plainly["clerk"] < {row.pk for row in made}
    assert any(visible[name] - plainly[name] for name in cast.people), (
        "who is only shared is left to the query"
    )
