"""The pages: who may open them, what they say when something is wrong, and what they cost."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.urls import reverse

from dianke.stores import operations
from dianke.stores.models import CalendarDay, Holding, Region, Staff, Store

SEE = {"owner", "auditor", "region", "manager", "clerk", "shen"}
HEADS = {"owner", "admin"}
ALL = {"owner", "admin", "auditor", "region", "manager", "clerk", "shen"}
NOT_FOUND = {"southerner"}  # leads a store, but none of these


def pages(cast):
    """(url, who may, who does not even see the row). Everybody else is told they may not."""
    lake, clerk = cast.lake.pk, cast["clerk"]
    posting = clerk.postings.get().pk
    managers = HEADS | {"region", "manager"}
    return [
        (reverse("stores:stores"), ALL | NOT_FOUND, set()),
        (reverse("stores:store-new"), HEADS | {"region"}, set()),
        (reverse("stores:store", args=[lake]), ALL, NOT_FOUND),
        (reverse("stores:store-edit", args=[lake]), HEADS | {"region"}, set()),
        (reverse("stores:store-close", args=[lake]), HEADS | {"region"}, set()),
        (reverse("stores:hours", args=[lake]), managers, NOT_FOUND),
        (reverse("stores:register-new", args=[lake]), HEADS | {"region"}, set()),
        (reverse("stores:register", args=[lake, cast.lake.registers.get().pk]), HEADS | {"region"}, set()),
        (reverse("stores:place-new", args=[lake]), HEADS | {"region"}, set()),
        (reverse("stores:place", args=[lake, cast.lake.stock_places.get().pk]), HEADS | {"region"}, set()),
        (reverse("stores:calendar"), ALL | NOT_FOUND, set()),
        (reverse("stores:day-new"), managers | NOT_FOUND, set()),
        (reverse("stores:staff-list"), ALL | NOT_FOUND, set()),
        (reverse("stores:staff-hire"), managers | NOT_FOUND, set()),
        (reverse("stores:staff", args=[clerk.pk]), ALL, NOT_FOUND),
        (reverse("stores:staff-edit", args=[clerk.pk]), managers, NOT_FOUND),
        (reverse("stores:staff-post", args=[clerk.pk]), managers, NOT_FOUND),
        (reverse("stores:staff-release", args=[clerk.pk]), managers, NOT_FOUND),
        (reverse("stores:posting-end", args=[posting]), managers, NOT_FOUND),
        (reverse("stores:posting-transfer", args=[posting]), managers, NOT_FOUND),
        (reverse("stores:organisation"), HEADS | {"auditor", "shen"}, set()),
        (reverse("stores:merchant-edit"), HEADS, set()),
        (reverse("stores:entity-new"), HEADS, set()),
        (reverse("stores:entity", args=[cast.silk.pk]), HEADS, set()),
        (reverse("stores:partner-new"), HEADS, set()),
        (reverse("stores:partner", args=[cast.partner.pk]), HEADS, set()),
        (reverse("stores:holding-new", args=[cast.partner.pk]), HEADS, set()),
        (reverse("stores:holding-end", args=[Holding.objects.get().pk]), HEADS, set()),
        (reverse("stores:region-new"), HEADS | {"region"}, set()),
        (reverse("stores:region", args=[cast.east.pk]), HEADS | {"region"}, set()),
    ]


@pytest.mark.parametrize("username", sorted(ALL | NOT_FOUND))
def test_every_page_opens_for_who_may_and_for_nobody_else(cast, signed_in, username):
    client = signed_in(username)
    for url, may, unseen in pages(cast):
        wanted = 200 if username in may else 404 if username in unseen else 403
        assert client.get(url).status_code == wanted, url


def test_without_signing_in_every_page_leads_to_the_sign_in(cast, client):
    for url, _may, _unseen in pages(cast):
        response = client.get(url)
        assert response.status_code == 302, url
        assert response.url.startswith("/sign-in/"), url


@pytest.mark.parametrize("pk", [0, 2**63 - 1, 2**63, 10**30])
def test_an_id_no_row_can_have_is_not_found(cast, signed_in, pk):
    client = signed_in("owner")
    for name in ("store", "store-edit", "hours", "staff", "posting-end", "entity", "holding-end", "region"):
        assert client.get(reverse(f"stores:{name}", args=[pk])).status_code == 404, name
    assert client.get(reverse("stores:register", args=[cast.lake.pk, pk])).status_code == 404
    assert client.get(reverse("stores:stores"), {"region": pk, "entity": pk}).status_code == 200
    assert client.get(reverse("stores:staff-list"), {"store": pk, "role": pk}).status_code == 200
    assert client.get(reverse("stores:calendar"), {"store": pk}).status_code == 200


@pytest.mark.parametrize(
    "month", ["2026-13", "0000-01", "9999-12", "1900-01", "x", "2026-02", "2099-12", "1950-01", "\x00"]
)
def test_the_calendar_opens_whatever_month_is_asked_for(cast, signed_in, month):
    assert signed_in("clerk").get(reverse("stores:calendar"), {"month": month}).status_code == 200


def test_the_calendar_names_its_month_as_people_write_it(cast, signed_in, now):
    client = signed_in("clerk")
    assert "2026年11月" in client.get(reverse("stores:calendar"), {"month": "2026-11"}).content.decode()


# --- forms -----------------------------------------------------------------------------------------------------------
def store_values(cast, **changes):
    return {
        "name": "湖滨银泰店",
        "short_name": "湖滨",
        "code": "HZ03",
        "trade": "BEAUTY",
        "legal_entity": cast.silk.pk,
        "region": cast.city.pk,
        "opened_on": "2026-12-01",
        "time_zone": "Asia/Shanghai",
        "closing_hour": "0",
    } | changes


def test_opening_a_store_leads_to_its_page(cast, signed_in):
    response = signed_in("owner").post(reverse("stores:store-new"), store_values(cast))
    store = Store.objects.get(code="HZ03")
    assert (response.status_code, response.url) == (303, reverse("stores:store", args=[store.pk]))


def test_a_refused_form_names_the_field_and_keeps_what_was_typed(cast, signed_in):
    response = signed_in("owner").post(reverse("stores:store-new"), store_values(cast, code="HZ01"))
    page = response.content.decode()
    assert response.status_code == 422
    assert "HZ01" in page
    assert 'value="湖滨银泰店"' in page
    assert 'aria-invalid="true"' in page
    assert 'id="id_code_error"' in page
    assert "id_code_error" in page[page.index('id="id_code"') - 300 : page.index('id="id_code"') + 300]
    assert not Store.objects.filter(short_name="湖滨").exists()


def test_a_form_in_a_dialog_closes_it_and_tells_the_page(cast, signed_in):
    client = signed_in("owner")
    headers = {"HX-Request": "true", "HX-Target": "div#dialog-body"}
    url = reverse("stores:region-new")
    shown = client.get(url, headers=headers)
    assert "<html" not in shown.content.decode()
    refused = client.post(url, {"name": "华东"}, headers=headers)
    assert refused.status_code == 422
    assert "<html" not in refused.content.decode()
    done = client.post(url, {"name": "华北"}, headers=headers)
    assert done.status_code == 204
    assert json.loads(done.headers["HX-Trigger"])["dk:done"]["text"]
    assert Region.objects.filter(name="华北").exists()


def test_hours_with_one_time_missing_say_so_beside_it(cast, signed_in):
    url = reverse("stores:hours", args=[cast.lake.pk])
    client = signed_in("manager")
    response = client.post(url, {"opens_1_0": "09:00", "closes_1_0": ""})
    page = response.content.decode()
    assert response.status_code == 422
    assert 'id="id_closes_1_0_error"' in page
    overlap = client.post(
        url, {f"opens_{n}_0": "09:00" for n in (1, 2)} | {f"closes_{n}_0": "18:00" for n in (1, 2)}
    )
    assert overlap.status_code == 422
    assert "09:00–18:00" in overlap.content.decode()
    saved = client.post(url, {"opens_1_0": "18:00", "closes_1_0": "02:00"})
    assert saved.status_code == 303
    assert cast.lake.opening_hours.count() == 1


def test_a_manager_chooses_among_the_own_stores_only(cast, signed_in):
    page = signed_in("manager").get(reverse("stores:staff-hire")).content.decode()
    assert "西湖" in page
    assert "武林路" not in page
    url = reverse("stores:staff-hire")
    values = {
        "name": "新人", "username": "new", "number": "900", "legal_entity": cast.silk.pk,
        "hired_on": "2026-11-21", "store": cast.road.pk, "role": cast["clerk"].postings.get().role_id,
    }  # fmt: skip
    assert signed_in("manager").post(url, values).status_code == 422
    assert signed_in("manager").post(url, values | {"store": cast.lake.pk}).status_code == 303
    assert Staff.objects.get(number="900").postings.get().store == cast.lake


def test_giving_a_wider_role_is_answered_with_the_reason_in_the_form(cast, signed_in):
    from dianke.stores.tests.cast import role_named

    values = {
        "name": "新人", "username": "new", "number": "900", "legal_entity": cast.silk.pk,
        "hired_on": "2026-11-21", "store": cast.lake.pk, "role": role_named("OWNER").pk,
    }  # fmt: skip
    response = signed_in("manager").post(reverse("stores:staff-hire"), values)
    assert response.status_code == 422
    assert 'id="id_role_error"' in response.content.decode()
    assert not Staff.objects.filter(number="900").exists()


def test_only_who_may_reveal_phones_changes_them(cast, signed_in, now, system):
    url = reverse("stores:staff-edit", args=[cast["manager"].pk])
    assert "138 0013 8000" in signed_in("owner").get(url).content.decode()
    page = signed_in("owner").get(reverse("stores:staff", args=[cast["manager"].pk])).content.decode()
    assert "13800138000" not in page
    assert "8000" in page


def test_a_leaver_is_shown_what_is_handed_over_and_can_be_kept(cast, signed_in):
    client = signed_in("manager")
    url = reverse("stores:staff-release", args=[cast["clerk"].pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"left_on": "2027-01-01", "successor": ""}).status_code == 303
    page = client.get(reverse("stores:staff", args=[cast["clerk"].pk])).content.decode()
    assert reverse("stores:staff-keep", args=[cast["clerk"].pk]) in page
    assert client.post(reverse("stores:staff-keep", args=[cast["clerk"].pk])).status_code == 303
    assert Staff.objects.get(pk=cast["clerk"].pk).left_on is None


def test_a_mark_for_all_stores_has_no_button_for_a_manager(cast, signed_in, system, now):
    who = {"actor": system, "now": now}
    mine = operations.mark_day(store=cast.lake, day=date(2026, 11, 24), kind="CLOSED", **who)
    alls = operations.mark_day(store=None, day=date(2026, 11, 25), kind="CLOSED", **who)
    client = signed_in("manager")
    page = client.get(reverse("stores:calendar"), {"month": "2026-11"}).content.decode()
    assert reverse("stores:day-clear", args=[mine.pk]) in page
    assert reverse("stores:day-clear", args=[alls.pk]) not in page
    assert client.post(reverse("stores:day-clear", args=[alls.pk])).status_code == 403
    assert client.post(reverse("stores:day-clear", args=[mine.pk])).status_code == 303
    assert list(CalendarDay.objects.all()) == [alls]


# --- what pages cost -------------------------------------------------------------------------------------------------
#: As a drawer, so that what the frame around pages costs (bell, switch, navigation) is not counted here. Every answer
#: costs session and person (2), and the merchant's zone and the postings for the grants (2); then:
DRAWER = {"HX-Request": "true", "HX-Target": "div#drawer-body"}
COMMON = 4


@pytest.fixture
def many(cast, now):
    for number in range(12):
        store = Store.objects.create(
            code=f"X{number:02}", name=f"分店{number}", short_name=f"分店{number}", trade="BEAUTY",
            legal_entity=cast.silk, region=cast.city, opened_on=date(2026, 1, 1),
        )  # fmt: skip
        cast.hire(f"x{number}", f"员工{number}", "CLERK", store=store)
        cast.hire(f"y{number}", f"同事{number}", "CLERK", store=cast.lake)
    return cast


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("stores", 6),  # the day; stores; choices of two filters; views and columns of the person
        (
            "staff-list",
            8,
        ),  # the day; people with their postings (2); choices of three filters; views, columns
        ("organisation", 6),  # the day; merchant, shares, entities, partners, regions
        ("calendar", 3),  # the day; stores to choose from; marked days
    ],
)
def test_pages_cost_the_same_with_many_rows(many, signed_in, name, own, django_assert_max_num_queries):
    client = signed_in("owner")
    with django_assert_max_num_queries(COMMON + own):
        assert client.get(reverse(f"stores:{name}"), headers=DRAWER).status_code == 200


def test_one_store_and_one_person_cost_the_same_however_many_hang_on_them(
    many, signed_in, django_assert_max_num_queries
):
    client = signed_in("owner")
    # the store; the day; people and their number (2); week, marked days; tills, places
    with django_assert_max_num_queries(COMMON + 8):
        client.get(reverse("stores:store", args=[many.lake.pk]), headers=DRAWER)
    # the person; the day; postings with their places; what the person holds (tasks, customers)
    with django_assert_max_num_queries(COMMON + 6):
        client.get(reverse("stores:staff", args=[many["x1"].pk]), headers=DRAWER)
