"""Keyset paging over real rows: every row once, in order, whatever is inserted meanwhile."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from dianke.core.paging import CursorNotUsable, keyset_page
from dianke.stores.models import CalendarDay, Region

DAY = date(2026, 1, 1)


@pytest.mark.django_db
def test_rows_inserted_before_the_cursor_shift_nothing() -> None:
    Region.objects.bulk_create(Region(name=f"区{n:02}") for n in range(10))
    first = keyset_page(Region.objects.all(), order=["name"], limit=4)
    Region.objects.create(name="区00前")
    second = keyset_page(Region.objects.all(), order=["name"], cursor=first.next_cursor, limit=4)
    assert [row.name for row in second.items] == ["区04", "区05", "区06", "区07"]


@pytest.mark.django_db
def test_previous_cursor_returns_to_the_page_before() -> None:
    Region.objects.bulk_create(Region(name=f"区{n:02}") for n in range(10))
    first = keyset_page(Region.objects.all(), order=["-name"], limit=4)
    second = keyset_page(Region.objects.all(), order=["-name"], cursor=first.next_cursor, limit=4)
    back = keyset_page(Region.objects.all(), order=["-name"], cursor=second.previous_cursor, limit=4)
    assert [row.name for row in back.items] == [row.name for row in first.items]
    assert back.previous_cursor is None
    assert first.previous_cursor is None


@pytest.mark.django_db
@pytest.mark.parametrize("cursor", ["", "x", "bm9wZQ", "eyJvIjpbXSwidiI6W10sImIiOmZhbHNlfQ", "%00", "一"])
def test_a_damaged_cursor_is_refused_by_name_or_ignored_when_empty(cursor: str) -> None:
    if not cursor:
        assert keyset_page(Region.objects.all(), order=["name"], cursor=cursor).items == []
        return
    with pytest.raises(CursorNotUsable):
        keyset_page(Region.objects.all(), order=["name"], cursor=cursor)


@pytest.mark.django_db
def test_a_cursor_of_another_sort_is_refused() -> None:
    Region.objects.bulk_create(Region(name=f"区{n}") for n in range(3))
    page = keyset_page(Region.objects.all(), order=["name"], limit=1)
    with pytest.raises(CursorNotUsable):
        keyset_page(Region.objects.all(), order=["-name"], cursor=page.next_cursor)


class WalkTest(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(
        occasions=st.lists(st.sampled_from(["甲", "乙", "", "丙"]), max_size=25),
        limit=st.integers(1, 7),
        descending=st.booleans(),
    )
    def test_a_walk_meets_every_row_once_in_order_with_ties(
        self, occasions: list[str], limit: int, descending: bool
    ) -> None:
        """Ties are broken by the key and every page boundary may fall inside a tie."""
        CalendarDay.objects.bulk_create(
            CalendarDay(day=date.fromordinal(DAY.toordinal() + n), kind="HOLIDAY", name=name)
            for n, name in enumerate(occasions)
        )
        order = ["-name"] if descending else ["name"]
        found, cursor = [], None
        while True:
            page = keyset_page(CalendarDay.objects.all(), order=order, cursor=cursor, limit=limit)
            found += [row.pk for row in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        tie = "-pk" if descending else "pk"
        self.assertEqual(found, list(CalendarDay.objects.order_by(*order, tie).values_list("pk", flat=True)))

    @settings(max_examples=40, deadline=None)
    @given(
        parents=st.lists(st.booleans(), min_size=1, max_size=20),
        limit=st.integers(1, 6),
        descending=st.booleans(),
    )
    def test_rows_without_a_value_come_last_and_are_met_once(
        self, parents: list[bool], limit: int, descending: bool
    ) -> None:
        top = Region.objects.create(name="总部")
        for n, has_parent in enumerate(parents):
            Region.objects.create(name=f"区{n}", parent=top if has_parent else None)
        order = ["-parent_id"] if descending else ["parent_id"]
        walked, cursor = [], None
        while True:
            page = keyset_page(Region.objects.all(), order=order, cursor=cursor, limit=limit)
            walked += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        self.assertEqual(sorted(r.pk for r in walked), sorted(Region.objects.values_list("pk", flat=True)))
        self.assertEqual([r.parent_id is None for r in walked], sorted(r.parent_id is None for r in walked))
