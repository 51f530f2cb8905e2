"""The operation log and the failed reactions as people see and use them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from dianke.access.models import User
from dianke.access.permissions import permissions_of
from dianke.core.actor import SYSTEM, Grant, RowScope
from dianke.events.dispatcher import UNEXPECTED
from dianke.events.models import Delivery, Event
from dianke.events.operations import operation, record

pytestmark = pytest.mark.django_db

LOG, FAILED = "events:log", "events:failed-reactions"


def grants_of(user, *, now):
    """The role of the cast is the sign-in name."""
    return [Grant(user.username, permissions_of(user.username), RowScope.ALL)]


@pytest.fixture(autouse=True)
def _roles_by_name(settings):
    settings.DIANKE_GRANTS = "dianke.events.tests.test_pages.grants_of"


@pytest.fixture
def signed_in(client, now):
    def sign_in(role):
        user = User.objects.create(username=role, name="Lin Xiaoman", created_at=now, language="en")
        client.force_login(user)
        client.cookies["language"] = "en"
        stamp = timezone.now().timestamp()
        session = client.session
        session["life"] = {"seen": stamp, "idle": 3600, "ends": stamp + 3600}
        session.save()
        return client

    return sign_in


@operation(None)
def move_sofa(*, store_id=None, actor, now):
    return record(
        "stores.sofa_moved",
        "stores.sofa:7",
        also=["stores.store:1"],
        store_id=store_id,
        data={"changes": {"place": ["window", "back room"]}, "price": "<b>1200.00</b>"},
        actor=actor,
        now=now,
    )


@pytest.fixture
def dead(now):
    event = move_sofa(actor=SYSTEM, now=now)
    return Delivery.objects.create(
        reaction="work.remind_owner",
        subject=event.subject,
        era=1,
        xid=5,
        event_id=event.pk,
        event_recorded_at=event.recorded_at,
        state=Delivery.State.DEAD,
        try_count=7,
        next_at=now,
        failed_at=now,
        error_code="bell_muted",
        error="The bell is muted.",
    )


def text_of(response):
    assert response.status_code == 200
    return response.content.decode()


# --- the operation log ---------------------------------------------------------------------------------------
def test_log_shows_what_happened_and_leads_to_the_details(signed_in, now):
    event = move_sofa(actor=SYSTEM, now=now)
    client = signed_in("OWNER")
    page = text_of(client.get(reverse(LOG)))
    address = reverse("events:event", args=[event.reference])
    assert address in page
    detail = text_of(client.get(address))
    for shown in (
        "place",
        "window",
        "back room",
        "System",
        "stores.sofa_moved",
        "&lt;b&gt;1200.00&lt;/b&gt;",
    ):
        assert shown in detail


@pytest.mark.parametrize(
    ("query", "is_shown"),
    [
        ("kind=stores.sofa_moved", True),
        ("kind=stores.sofa_sold", False),
        ("subject=stores.store:1", True),
        ("subject=stores.store:2", False),
        ("person=999", False),
        ("person=nobody", False),
        ("store=3", True),
        ("store=4", False),
        ("time_from=2026-11-21&time_to=2026-11-21", True),
        ("time_from=2026-11-22", False),
    ],
)
def test_log_filters_by_time_person_kind_store_and_subject(signed_in, now, query, is_shown):
    move_sofa(store_id=3, actor=SYSTEM, now=now)
    answer = signed_in("OWNER").get(f"{reverse(LOG)}?{query}")
    assert [event.kind for event in answer.context["result"].page.items] == ["stores.sofa_moved"] * is_shown


def test_log_pages_on_by_key(signed_in, now):
    for n in range(30):
        move_sofa(actor=SYSTEM, now=now + timedelta(seconds=n))
    client = signed_in("AUDITOR")
    first = client.get(reverse(LOG), {"size": 25})
    cursor = first.context["result"].page.next_cursor
    second = client.get(reverse(LOG), {"size": 25, "cursor": cursor})
    assert [len(r.context["result"].page.items) for r in (first, second)] == [25, 5]


@pytest.mark.parametrize("count", [3, 25])
def test_log_costs_the_same_queries_whatever_it_shows(signed_in, now, count, django_assert_max_num_queries):
    for n in range(count):
        move_sofa(actor=SYSTEM, now=now + timedelta(seconds=n))
    client = signed_in("OWNER")
    client.get(reverse(LOG))
    # session, account and what the frame asks for everyone (10), then rows, people's names, views, columns
    with django_assert_max_num_queries(16):
        assert client.get(reverse(LOG)).status_code == 200


@pytest.mark.parametrize("name", [LOG, FAILED])
def test_clerk_is_refused(signed_in, name):
    assert signed_in("CLERK").get(reverse(name)).status_code == 403


def test_unknown_or_spoilt_reference_is_not_found(signed_in, now):
    client = signed_in("OWNER")
    assert client.get(reverse("events:event", args=["1-1"])).status_code == 404
    assert client.get(reverse("events:event", args=["nonsense"])).status_code in {404, 422}


# --- failed reactions --------------------------------------------------------------------------------------------
def test_failed_reaction_says_what_why_how_often_and_on_what(signed_in, dead):
    client = signed_in("OWNER")
    assert "The bell is muted." in text_of(client.get(reverse(FAILED)))
    detail = text_of(client.get(reverse("events:failed-reaction", args=[dead.pk])))
    for shown in ("work.remind_owner", "The bell is muted.", "bell_muted", ">7<", "stores.sofa_moved"):
        assert shown in detail


def test_fault_of_the_program_is_told_in_plain_words(signed_in, dead):
    Delivery.objects.update(error="", error_code=f"{UNEXPECTED}:ValueError tasks.py:3")
    detail = text_of(signed_in("OWNER").get(reverse("events:failed-reaction", args=[dead.pk])))
    assert "A fault in the program" in detail


def test_waiting_behind_another_failure_is_not_listed_as_trouble(signed_in, dead):
    Delivery.objects.update(state=Delivery.State.WAITING, try_count=0)
    assert "work.remind_owner" not in text_of(signed_in("OWNER").get(reverse(FAILED))).split("<tbody>")[-1]


def test_retry_dismiss_with_reason_and_undo(signed_in, dead):
    client = signed_in("OWNER")
    assert client.post(reverse("events:retry", args=[dead.pk])).status_code == 303
    dead.refresh_from_db()
    assert (dead.state, dead.try_count) == (Delivery.State.WAITING, 0)
    dismissal = reverse("events:dismissal", args=[dead.pk])
    assert client.get(dismissal).status_code == 200
    assert client.post(dismissal, {"reason": " "}).status_code == 422
    assert client.post(dismissal, {"reason": "done by hand"}).status_code == 303
    dead.refresh_from_db()
    assert (dead.state, dead.reason) == (Delivery.State.DISMISSED, "done by hand")
    assert client.post(reverse("events:undo-dismissal", args=[dead.pk])).status_code == 303
    dead.refresh_from_db()
    assert dead.state == Delivery.State.DEAD
    assert list(
        Event.objects.exclude(kind="stores.sofa_moved").order_by("id").values_list("kind", flat=True)
    ) == [
        "events.delivery_retried",
        "events.delivery_dismissed",
        "events.delivery_restored",
    ]


def test_retry_of_what_has_worked_by_now_is_a_conflict(signed_in, dead):
    Delivery.objects.update(state=Delivery.State.DISMISSED)
    assert signed_in("OWNER").post(reverse("events:retry", args=[dead.pk])).status_code == 409


def test_someone_who_may_not_look_after_failures_cannot_retry(signed_in, dead):
    assert signed_in("AUDITOR").post(reverse("events:retry", args=[dead.pk])).status_code == 403
