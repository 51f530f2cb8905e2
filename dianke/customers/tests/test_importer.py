"""The importer of the room as the kit calls it: what it offers to whom, and which rows it refuses."""

from __future__ import annotations

from datetime import datetime

import pytest

from dianke.core.actor import SYSTEM, Actor
from dianke.customers.models import ContactPoint, Customer
from dianke.customers.providers.importer import CustomerImporter
from dianke.events.operations import operation, record
from dianke.imports.importers import Context, Outcome, OutcomeKind, Row
from dianke.imports.models import ImportRun
from dianke.work.operations import define_field

pytestmark = pytest.mark.django_db


@pytest.fixture
def context(cast, now):
    """`context("region", store=…)`: what the kit hands over for this person's file with a column for the store."""

    def of(name: str, **options: str) -> Context:
        run = ImportRun(pk=7, importer="customers", file_name="会员.csv", sha256="0" * 64)
        return Context(cast.actor(name), now, run, options, "sure", frozenset({"name", "phone", "store"}))

    return of


def rows(*stores: str) -> list[Row]:
    found = []
    for number, store in enumerate(stores):
        row = Row([("name", f"王小{number}"), ("phone", f"1381234560{number}"), ("store", store)])
        row.number = number + 2
        found.append(row)
    return found


@operation(None)
def written(*, lines: list[Row], context: Context, actor: Actor, now: datetime) -> list[Outcome]:
    """As the room `imports` does it: one operation for a batch, one event."""
    found = list(CustomerImporter().apply(lines, context))
    record("imports.rows_applied", "", actor=actor, now=now)
    return found


def test_who_sees_some_stores_imports_nobody_out_of_their_own_sight(context, now):
    lines, region = rows("西湖", "", "前海"), context("region")
    checks = CustomerImporter().check(lines, region)
    outcomes = written(lines=lines, context=region, actor=SYSTEM, now=now)
    # The second names no store, the third one of somebody else.
    expected = [OutcomeKind.CREATED, OutcomeKind.ERROR, OutcomeKind.ERROR]
    assert [each.forecast for each in checks] == [each.kind for each in outcomes] == expected
    for told in (checks, outcomes):
        problem = told[1].problems[0]
        assert (problem.code, problem.target, problem.is_warning) == ("import_store_missing", "store", False)
    imported = Customer.objects.visible_to(region.actor)
    assert [customer.store.short_name for customer in imported] == ["西湖"]
    assert Customer.objects.count() == 1


def test_the_store_chosen_for_the_file_takes_in_rows_that_name_none(context, cast, now):
    chosen = context("region", store=str(cast.road.pk))
    told = written(lines=rows("西湖", "", "前海"), context=chosen, actor=SYSTEM, now=now)
    assert {each.kind for each in told} == {OutcomeKind.CREATED}
    assert list(Customer.objects.order_by("name").values_list("store", flat=True)) == [
        cast.lake.pk,
        cast.road.pk,
        cast.road.pk,
    ]


def test_who_works_in_one_store_is_not_asked_and_who_sees_all_need_not_say(context, cast, now):
    option = next(each for each in CustomerImporter.options if each.code == "store")
    assert [option.default(cast.actor(name)) for name in ("manager", "region", "owner")] == [
        str(cast.lake.pk),
        "",
        "",
    ]
    for name in ("manager", "owner"):
        told = written(lines=rows(""), context=context(name), actor=SYSTEM, now=now)
        assert told[0].kind in (OutcomeKind.CREATED, OutcomeKind.UNCHANGED, OutcomeKind.UPDATED)


def test_no_column_of_a_file_leads_to_sensitive_details(cast, now):
    for model, key in (("customers.customer", "skin"), ("customers.sensitive", "allergies")):
        define_field(model=model, type="TEXT", values={"label": key}, key=key, actor=SYSTEM, now=now)
    offered = {target.code for target in CustomerImporter().targets(cast.actor("owner"))}
    assert "custom.skin" in offered or "custom_skin" in offered
    assert not any("allergies" in code for code in offered)


def test_the_wecom_id_of_a_row_is_a_way_to_reach_the_customer(context, now):
    line = rows("西湖")[0]
    line["wecom"] = "wmqfasd1e1927831123109rBAAAA"
    written(lines=[line], context=context("owner"), actor=SYSTEM, now=now)
    point = ContactPoint.objects.get(kind="WECOM")
    assert (point.value, point.customer.name) == ("wmqfasd1e1927831123109rBAAAA", "王小0")
