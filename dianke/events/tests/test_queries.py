"""Timelines and pages of the log: nothing twice, nothing left out, nothing shown to the wrong person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from dianke.access.models import Role, User
from dianke.core.actor import SYSTEM
from dianke.core.paging import CursorNotUsable
from dianke.events import registry
from dianke.events.models import Delivery, Event
from dianke.events.operations import operation, record
from dianke.events.queries import event_at, log_page, timeline

pytestmark = pytest.mark.django_db
STORE, OTHER = "stores.store:1", "stores.store:2"


@operation(None)
def tell(*, kind, subjects, store_id=None, data=None, actor, now):
    return record(kind, subjects[0], also=subjects[1:], store_id=store_id, data=data, actor=actor, now=now)


@pytest.fixture
def story(now):
    """Ten events, two at each instant: store 1 in all, store 2 in every third."""
    return [
        tell(
            kind="shop.bell_rung" if n % 2 else "shop.door_opened",
            subjects=[STORE, OTHER] if n % 3 == 0 else [STORE],
            store_id=1 + n % 2,
            actor=SYSTEM,
            now=now + timedelta(minutes=n // 2),
        ).pk
        for n in range(10)
    ]


@pytest.fixture
def _registered(monkeypatch):
    monkeypatch.setattr(registry, "_kinds", {})
    monkeypatch.setattr(registry, "_rules", [])


def ids(page):
    return [event.pk for event in page.events]


def all_pages(subjects, **more):
    found, before = [], None
    while True:
        page = timeline(subjects, before=before, limit=3, **more)
        found += ids(page)
        before = page.next_cursor
        if before is None:
            return found


def test_timeline_is_newest_first_and_its_pages_join_without_gap(story):
    assert all_pages(STORE, actor=SYSTEM) == story[::-1]


def test_timeline_of_several_subjects_shows_a_shared_event_once(story):
    assert all_pages([OTHER, STORE, OTHER], actor=SYSTEM) == story[::-1]


def test_timeline_shows_events_a_subject_is_only_also_about(story):
    assert ids(timeline(OTHER, actor=SYSTEM)) == [story[9], story[6], story[3], story[0]]


def test_timeline_narrows_to_kinds_and_still_pages_on(story):
    assert all_pages(STORE, actor=SYSTEM, kinds=["shop.bell_rung"]) == story[1::2][::-1]


def test_timeline_of_nothing_is_empty(story):
    assert timeline("stores.store:99", actor=SYSTEM).events == []
    assert timeline([], actor=SYSTEM).events == []


@pytest.mark.usefixtures("_registered")
@pytest.mark.parametrize(
    ("permissions", "store_ids", "shown"),
    [
        (frozenset({"shop.see_bells"}), None, slice(None)),
        (frozenset({"shop.see_bells"}), {1}, slice(0, None, 2)),  # bells ring in store 2
        (frozenset(), None, slice(0, None, 2)),
    ],
)
def test_timeline_leaves_out_kinds_the_actor_may_not_see(story, make_actor, permissions, store_ids, shown):
    registry.register_kind("shop.bell_rung", "Bell rung", permission="shop.see_bells")
    actor = make_actor(permissions=permissions, store_ids=store_ids)
    assert all_pages(STORE, actor=actor) == story[shown][::-1]


@pytest.mark.usefixtures("_registered")
def test_rule_of_a_room_hides_events_from_timelines(story):
    registry.register_visibility(lambda actor: Q(kind="shop.bell_rung"))
    assert all_pages(STORE, actor=SYSTEM) == story[0::2][::-1]


def test_timeline_costs_two_queries(story):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        timeline(STORE, actor=SYSTEM)
    assert len(queries) == 2  # links, events


@pytest.mark.parametrize("cursor", ["x", "1", "1-2-3", "9" * 40 + "-1"])
def test_spoilt_cursor_is_refused_by_name(cursor):
    with pytest.raises(CursorNotUsable):
        timeline(STORE, actor=SYSTEM, before=cursor)


def test_log_pages_lead_forth_and_back(story):
    rows = Event.objects.all()
    first = log_page(rows, cursor=None, limit=4)
    second = log_page(rows, cursor=first.next_cursor, limit=4)
    third = log_page(rows, cursor=second.next_cursor, limit=4)
    assert ids(first) + ids(second) + ids(third) == story[::-1]
    assert (first.previous_cursor, third.next_cursor) == (None, None)
    back = log_page(rows, cursor=third.previous_cursor, limit=4)
    assert ids(back) == ids(second)
    assert ids(log_page(rows, cursor=back.previous_cursor, limit=4)) == ids(first)


def test_event_is_found_by_its_reference_and_only_in_the_actors_stores(story, make_actor):
    event = Event.objects.get(pk=story[0])  # in store 1
    assert event_at(event.reference, actor=make_actor("OWNER")) == event
    assert event_at(event.reference, actor=make_actor("OWNER", store_ids={2})) is None
    assert event_at(event.reference, actor=make_actor("CLERK")) is None


def test_log_about_a_subject_is_found_by_its_links(story):
    assert set(Event.objects.about(OTHER).values_list("pk", flat=True)) == set(story[0::3])


# --- labels ------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("_registered")
def test_label_may_name_values_of_the_event(story):
    event = Event(kind="shop.bell_rung", subjects=[STORE], data={"times": 3})
    assert registry.describe(event) == "shop.bell_rung"
    registry.register_kind("shop.bell_rung", "Bell rung %(times)s times by %(whom)s")
    assert registry.describe(event) == "Bell rung 3 times by …"


def test_subjects_are_called_by_their_room_or_by_their_model(monkeypatch):
    monkeypatch.setattr(registry, "_names", {})
    names = registry.subject_names(["events.delivery:5", "no.such:1"], actor=SYSTEM)
    assert names["events.delivery:5"].text.endswith("#5")
    assert names["no.such:1"].text == "no.such:1"
    registry.register_subject(
        "no.such", lambda keys, actor: {key: registry.SubjectName(f"Such {key}", "/such/") for key in keys}
    )
    assert registry.subject_names(["no.such:1"], actor=SYSTEM)["no.such:1"].text == "Such 1"


def test_names_of_all_tables_cost_one_query(monkeypatch, now, django_assert_num_queries):
    monkeypatch.setattr(registry, "_names", {})
    monkeypatch.setattr(registry, "_tables", {})
    person = User.objects.create(username="lin", name="林小满", created_at=now)
    roles = list(Role.objects.order_by("pk")[:2])
    registry.register_rows("access.user", lambda actor: User.objects.all(), "name", url_name="user")
    registry.register_rows("access.role", lambda actor: Role.objects.all(), "code", noun="Part")
    asked = [f"access.user:{person.pk}", *(f"access.role:{role.pk}" for role in roles)]
    registry.register_rows("access.device", lambda actor: User.objects.all(), "", noun="Thing")
    asked += ["access.role:0", "access.role:x", f"access.device:{person.pk}"]
    with django_assert_num_queries(1):
        names = registry.subject_names(asked, actor=SYSTEM)
    assert names[asked[0]] == registry.SubjectName("林小满", f"/settings/users/{person.pk}/")
    texts = [names[subject].text for subject in asked[1:]]
    assert texts == [*(role.code for role in roles), "Part #0", "Part #x", f"Thing #{person.pk}"]


def test_changed_fields_are_called_as_on_screens():
    assert registry.field_label("events.delivery:5", "reason") == str(
        Delivery._meta.get_field("reason").verbose_name
    )
    assert registry.field_label("events.delivery:5", "no_such_field") == "no_such_field"
    assert registry.field_label("no.such:1", "name") == "name"
