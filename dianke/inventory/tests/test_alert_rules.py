"""Alerts and suggested transfers: who is told of what, and that helping one store never empties another."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.inventory.rules.alerts import (
    AlertKind,
    BatchStock,
    Bounds,
    Keeping,
    Nearness,
    Site,
    Stock,
    alerts,
    floor_of,
    nearness,
    suggest_transfers,
    target_of,
)

TODAY = date(2026, 11, 21)


def d(value: int | str) -> Decimal:
    return Decimal(value)


def stock(quantity: int, *, place: int = 1, variant: int = 1, **more: object) -> Stock:
    values = {k: d(v) if isinstance(v, int) else v for k, v in more.items()}
    return Stock(place, variant, d(quantity), **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "kinds"),
    [
        (stock(5), []),
        (stock(5, minimum=5), []),
        (stock(4, minimum=5), [AlertKind.LOW]),
        (stock(4, minimum=5, incoming=1), []),
        (stock(6, minimum=5, reserved=2), [AlertKind.LOW]),
        (stock(0), []),
        (stock(0, minimum=1), [AlertKind.LOW]),
        (stock(-2), [AlertKind.NEGATIVE]),
        (stock(-2, minimum=1), [AlertKind.LOW, AlertKind.NEGATIVE]),
        (stock(3, moved_on=TODAY - timedelta(89)), []),
        (stock(3, moved_on=TODAY - timedelta(90)), [AlertKind.SLOW]),
        (stock(3, since=TODAY - timedelta(200)), [AlertKind.SLOW]),
        (stock(3, since=TODAY - timedelta(200), moved_on=TODAY), []),
        (stock(0, since=TODAY - timedelta(200)), []),
    ],
)
def test_stock_raises_the_alerts_it_should(row: Stock, kinds: list[AlertKind]) -> None:
    assert [one.kind for one in alerts([row], [], today=TODAY, bounds=Bounds())] == kinds


@pytest.mark.parametrize(("days", "told"), [(31, False), (30, True), (0, True), (-5, True)])
def test_goods_near_their_expiry_and_past_it_are_told(days: int, told: bool) -> None:
    batch = BatchStock(1, 1, 9, d(4), TODAY + timedelta(days))
    found = alerts([], [batch], today=TODAY, bounds=Bounds())
    assert bool(found) == told
    if told:
        assert (found[0].quantity, found[0].batch, found[0].facts["days"]) == (d(4), 9, str(days))
    assert alerts([], [BatchStock(1, 1, 9, d(0), TODAY)], today=TODAY, bounds=Bounds()) == []


def test_what_is_low_says_how_much_is_missing() -> None:
    (found,) = alerts([stock(3, reserved=1, incoming=2, minimum=10)], [], today=TODAY, bounds=Bounds())
    assert found.quantity == d(6)
    assert found.facts == {"free": "2", "incoming": "2", "minimum": "10"}
    assert found.cause == ("LOW", 1, 1, None)


SITES = {
    1: Site(1, store=1, legal_entity=1, region=1),
    2: Site(2, store=1, legal_entity=1, region=1),
    3: Site(3, store=2, legal_entity=1, region=1),
    4: Site(4, store=3, legal_entity=1, region=2),
    5: Site(5, store=4, legal_entity=2, region=1),
}


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        (1, 2, Nearness.SAME_STORE),
        (1, 3, Nearness.SAME_REGION),
        (1, 4, Nearness.SAME_ENTITY),
        (1, 5, Nearness.OTHER_ENTITY),
    ],
)
def test_how_near_two_places_are(one: int, other: int, near: Nearness) -> None:
    assert nearness(SITES[one], SITES[other]) is nearness(SITES[other], SITES[one]) is near


def test_the_nearest_helps_first_and_keeps_what_it_needs() -> None:
    rows = [
        stock(1, place=1, minimum=5, maximum=20),
        stock(9, place=3, minimum=4),
        stock(50, place=4, daily=1),
        stock(99, place=5),
    ]
    found = suggest_transfers(rows, SITES, keeping=Keeping(keep_days=45))
    assert [(one.from_place, one.quantity, one.nearness) for one in found] == [
        (3, d(5), Nearness.SAME_REGION),
        (4, d(5), Nearness.SAME_ENTITY),
        (5, d(9), Nearness.OTHER_ENTITY),
    ]
    assert {one.needed for one in found} == {d(19)}
    assert found[1].cover_here == d(50)


def test_who_runs_out_first_is_served_first() -> None:
    rows = [
        stock(4, place=1, minimum=6, maximum=8, daily=1),
        stock(4, place=3, minimum=6, maximum=8, daily=4),
        stock(13, place=4, minimum=8),
    ]
    found = suggest_transfers(rows, SITES, keeping=Keeping(keep_days=0))
    assert [(one.to_place, one.quantity) for one in found] == [(3, d(4)), (1, d(1))]


def test_what_is_under_way_already_is_not_sent_again() -> None:
    rows = [stock(1, place=1, minimum=5, incoming=4), stock(50, place=3)]
    assert suggest_transfers(rows, SITES, keeping=Keeping()) == []


amounts = st.integers(-5, 40).map(Decimal)
limits = st.one_of(st.none(), st.integers(0, 20).map(Decimal))


@st.composite
def houses(draw: st.DrawFn) -> list[Stock]:
    rows = []
    for variant in draw(st.sets(st.integers(1, 3), min_size=1)):
        for place in draw(st.sets(st.sampled_from(sorted(SITES)), min_size=1)):
            low = draw(limits)
            rows.append(
                Stock(
                    place,
                    variant,
                    draw(amounts),
                    reserved=draw(st.integers(0, 5).map(Decimal)),
                    incoming=draw(st.integers(0, 5).map(Decimal)),
                    minimum=low,
                    maximum=None if low is None else low + draw(st.integers(0, 10)),
                    daily=draw(st.integers(0, 30)) / d(10),
                )
            )
    return rows


@given(houses())
def test_nobody_is_emptied_and_nobody_is_overfilled(rows: list[Stock]) -> None:
    keeping = Keeping()
    found = suggest_transfers(rows, SITES, keeping=keeping)
    for row in rows:
        mine = [one for one in found if one.variant == row.variant]
        given_away = sum((one.quantity for one in mine if one.from_place == row.place), Decimal(0))
        got = sum((one.quantity for one in mine if one.to_place == row.place), Decimal(0))
        assert not (given_away and got)
        if given_away:
            assert row.free - given_away >= floor_of(row, keeping)
        if got:
            assert row.minimum is not None
            assert row.free + row.incoming < row.minimum
            assert row.free + row.incoming + got <= target_of(row, keeping)
    assert all(one.quantity >= 1 and one.quantity == one.quantity.to_integral_value() for one in found)
    assert found == suggest_transfers(list(reversed(rows)), SITES, keeping=keeping)
