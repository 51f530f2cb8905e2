"""The compiled statement means what the rules say: the same tree read in plain Python over random small worlds."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dianke.core.actor import SYSTEM
from dianke.customers.models import Customer, State, Tag
from dianke.customers.models.records import SourceRecord
from dianke.customers.tests.cast import make_house
from dianke.promotions.models import Coupon
from dianke.segments.queries import counting
from dianke.segments.queries.compiling import Sums, checked, ids_statement
from dianke.segments.queries.members import fitting
from dianke.segments.rules.language import read
from dianke.segments.tests.deeds import DEEDS
from dianke.segments.tests.world import LEVELS, TAGS, TODAY, World

# Orders here are rows without money: only what was bought, when and where is asked of them.
pytestmark = [pytest.mark.django_db, pytest.mark.sales_unsound]


@pytest.fixture
def world(db: None, now: Any) -> World:
    """Fourteen people of whom three are merged, one was parted again, one is erased, with forty orders."""
    cast = make_house(now)
    chance = random.Random(7)
    made = World(now, chance, [cast.lake, cast.harbour])
    made.goods()
    for tag in TAGS:
        Tag.objects.get_or_create(name=tag)
    people = [made.person() for _number in range(14)]
    for _number in range(40):
        made.order(chance.choice(people).pk)
    made.merge(people[1].pk, people[0].pk)
    made.merge(people[2].pk, people[0].pk)
    made.merge(people[4].pk, people[3].pk)
    made.merge(people[6].pk, people[5].pk)
    made.part(people[6].pk)
    Customer.objects.filter(pk=people[7].pk).update(state=State.ERASED)
    made.people[people[7].pk]["state"] = State.ERASED
    made.fold()
    return made


def leaf(field: str, ops: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(sorted(ops)).flatmap(
        lambda op: ops[op].map(lambda value: {"field": field, "op": op, "value": value})
    )


def trees(world: World) -> st.SearchStrategy[dict[str, Any]]:
    some = st.sampled_from([0, 1, 2, 29, 30, 31, 90, 200, 365])
    numbers = st.sampled_from([0, 1, 2, 3, 9_900, 100_000])
    spans = st.tuples(numbers, numbers).map(sorted)
    dates = st.sampled_from(["2026-01-01", "2026-10-22", "2026-11-21", "2027-01-01"])
    number = {"gte": numbers, "lte": numbers, "between": spans}
    date = {"last": some, "earlier": some, "between": st.tuples(dates, dates).map(sorted)}
    nothing = {"none": st.none()}

    def choice(values: list[str]) -> dict[str, Any]:
        chosen = st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)
        return {"in": chosen, "not_in": chosen}

    stores = [store.pk for store in world.stores]
    when = st.one_of(
        st.just({}),
        some.map(lambda days: {"days": days}),
        st.tuples(dates, dates).map(sorted).map(lambda ends: {"from": ends[0], "to": ends[1]}),
    )
    what = st.one_of(
        st.just({"goods": "any"}),
        st.sampled_from(sorted(world.products)).map(lambda pk: {"goods": "product", "ids": [pk]}),
        st.sampled_from(sorted(world.categories)).map(lambda pk: {"goods": "category", "ids": [pk]}),
    )
    how = st.one_of(
        st.tuples(st.just("times"), st.integers(1, 3)),
        st.tuples(st.just("quantity"), st.integers(1, 5)),
        st.tuples(st.just("amount"), st.sampled_from([5000, 15_000, 30_000])),
    ).map(lambda pair: {"measure": pair[0], "least": pair[1]})
    where = st.sampled_from([{}, {"stores": stores[:1]}, {"channels": ["TILL"]}])
    bought = st.tuples(what, how, when, where).map(lambda parts: parts[0] | parts[1] | parts[2] | parts[3])
    tags = [str(pk) for pk in Tag.objects.values_list("pk", flat=True)]
    leaves = st.one_of(
        leaf("profile.gender", choice(["F", "M", ""])),
        leaf("profile.level", choice(list(LEVELS))),
        leaf("profile.store", choice([str(pk) for pk in stores])),
        leaf("profile.tags", choice(tags)),
        leaf("profile.birthday", {"next": st.integers(0, 30)}),
        leaf("visits.seen", date),
        leaf("consent.marketing", choice(["SMS", "EMAIL", "WECHAT"])),
        leaf("metrics.orders", number),
        leaf("metrics.spend", number),
        leaf("metrics.risk", {"gte": st.sampled_from([10, 30, 50]), "lte": st.sampled_from([10, 30, 50])}),
        leaf("metrics.last", date | nothing),
        leaf("metrics.group", choice(["LOYAL", "AT_RISK"])),
        leaf("bought", {"bought": bought, "not_bought": bought}),
        st.sampled_from(DEEDS).flatmap(
            lambda deed: leaf(f"did.{deed}", {"last": some, "earlier": some, "none": st.none()})
        ),
    )
    return st.recursive(
        leaves,
        lambda inner: st.tuples(
            st.sampled_from(["all", "any", "none"]), st.lists(inner, min_size=0, max_size=3)
        ).map(lambda pair: {pair[0]: pair[1]}),
        max_leaves=6,
    )


def ids(sql: str, params: Any) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {pk for (pk,) in cursor.fetchall()}


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(data=st.data())
def test_the_statement_means_what_the_rules_say(world: World, data: Any) -> None:
    tree = data.draw(trees(world))
    with transaction.atomic():  # what fails leaves the next example a connection
        assert_agrees(world, tree)


def assert_agrees(world: World, tree: dict[str, Any]) -> None:
    """Every door answers as the plain reading does."""
    rules = checked(read(tree), now=world.now)
    expected = world.who(tree)
    scope = counting.scope_of(SYSTEM)
    for sums in Sums:
        part = ids_statement(rules, scope, sums)
        assert ids(part.sql, part.params) == expected
    assert counting.count(rules, SYSTEM) == len(expected)
    rows = fitting(Customer.objects.heads().in_use(), rules)
    assert set(rows.values_list("pk", flat=True)) == expected
    some = sorted(world.people)[0]
    assert counting.fits(rules, some) is (some in expected)
    for child, why in zip(_leaves(tree), counting.explain(rules, [some])[some], strict=True):
        assert why.holds is world.rule(child["field"], child["op"], child.get("value"), some)


def _leaves(tree: dict[str, Any]) -> list[dict[str, Any]]:
    if "field" in tree:
        return [tree]
    return [leaf for child in next(iter(tree.values())) for leaf in _leaves(child)]


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("op", ["last", "earlier", "none"])
def test_when_last_somebody_did_something(world: World, deed: str, op: str) -> None:
    """Each on its own, at the edges of its days; drawn trees seldom hold one alone."""
    for ago in [None] if op == "none" else [0, 29, 30, 31, 199, 200]:
        assert_agrees(world, {"all": [{"field": f"did.{deed}", "op": op, "value": ago}]})


@pytest.mark.parametrize(("how", "everybody"), [("all", True), ("none", True), ("any", False)])
def test_a_group_of_nothing(world: World, how: str, everybody: bool) -> None:
    rules = checked(read({how: []}), now=world.now)
    assert (counting.count(rules, SYSTEM) == len(world.who({"all": []}))) is everybody
    assert (counting.count(rules, SYSTEM) > 0) is everybody


def test_the_days_of_tests_are_the_merchants(world: World) -> None:
    assert checked(read({"all": []}), now=world.now).context.today == TODAY


@pytest.mark.parametrize(
    ("deed", "index"),
    [
        ("followed", "customers_note_when"),
        ("returned", "sales_return_of_day"),
        ("quoted", "sales_order_open"),
        ("coupon_got", "promotions_coupon_by_issue"),
        ("written_to", "messaging_message_sent"),
        ("read_message", "messaging_message_read"),
    ],
)
def test_who_did_something_lately_is_found_by_an_index(world: World, deed: str, index: str) -> None:
    rules = checked(read({"all": [{"field": f"did.{deed}", "op": "last", "value": 30}]}), now=world.now)
    part = ids_statement(rules, counting.scope_of(SYSTEM))
    with transaction.atomic(), connection.cursor() as cursor:
        # A table of a page is read whole whatever there is; what could be used shows where that is dear.
        cursor.execute("SET LOCAL enable_seqscan = off")
        # Of a handful of rows another index costs as little; what this one can do shows without the others.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT format('DROP INDEX %%I', other.relname) FROM pg_index AS i"
            " JOIN pg_class AS wanted ON wanted.oid = i.indexrelid AND wanted.relname = %s"
            " JOIN pg_index AS j ON j.indrelid = i.indrelid AND j.indexrelid <> i.indexrelid"
            " JOIN pg_class AS other ON other.oid = j.indexrelid"
            " WHERE NOT EXISTS (SELECT 1 FROM pg_constraint AS c WHERE c.conindid = j.indexrelid)",
            [index],
        )
        for (drop,) in cursor.fetchall():
            cursor.execute(drop)
        cursor.execute(f"EXPLAIN {part.sql}", part.params)
        plan = "\n".join(row for (row,) in cursor.fetchall())
        assert index in plan, plan


def test_who_came_with_an_import_and_who_used_a_kind_of_coupon(world: World) -> None:
    one, other = [pk for pk in sorted(world.people) if world.people[pk]["head"] == pk][-2:]
    person = Customer.objects.get(pk=one)
    SourceRecord.objects.create(
        key=person.key, customer=person, run_id=7, row=1, channel="IMPORT", received_at=world.now
    )
    used = Coupon.objects.filter(state="USED").values_list("customer_id", "kind_id")

    def found(field: str, value: str) -> set[int]:
        rules = checked(read({"all": [{"field": field, "op": "in", "value": [value]}]}), now=world.now)
        part = ids_statement(rules, counting.scope_of(SYSTEM))
        return ids(part.sql, part.params)

    assert found("did.import", "7") == {one}
    assert found("did.came_by", "IMPORT") == {one}
    assert other in found("did.came_by", "COUNTER")
    heads = world.who({"all": []})
    kind = used[0][1]
    assert (
        found("did.coupon_used_kind", str(kind)) == {world.people[pk]["head"] for pk, _kind in used} & heads
    )
