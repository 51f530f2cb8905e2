"""The organisation through the API: the same operations, the same scope, the same words as on the screens."""

from __future__ import annotations

from typing import get_args

import pytest

from dianke.access.models import Role
from dianke.events.models import Event
from dianke.stores.api import schemas
from dianke.stores.models import CalendarDay, LegalEntity, Posting, Staff, StockPlace, Store
from dianke.stores.tests.cast import make_cast, role_named
from tests.api.conftest import key_of


@pytest.fixture
def cast(db, now):
    return make_cast(now)


@pytest.fixture
def owner(cast):
    return key_of(cast["owner"].user)


@pytest.fixture
def manager(cast):
    return key_of(cast["manager"].user)


@pytest.mark.parametrize(
    ("literal", "choices"),
    [
        (schemas.EntityKind, LegalEntity.Kind),
        (schemas.PlaceKind, StockPlace.Kind),
        (schemas.MarkKind, CalendarDay.Kind),
    ],
)
def test_the_kinds_of_the_schema_are_those_of_the_tables(literal, choices):
    assert list(get_args(literal)) == choices.values


def test_a_store_is_opened_changed_closed_and_opened_again(cast, owner):
    values = {
        "code": "HZ03", "name": "湖滨银泰店", "short_name": "湖滨", "trade": "BEAUTY",
        "legal_entity_id": cast.silk.pk, "region_id": cast.city.pk, "opened_on": "2026-12-01",
    }  # fmt: skip
    made = owner.post("/stores", values)
    assert made.status_code == 201
    store = made.json()
    assert (store["currency"], store["closed_on"]) == ("CNY", None)
    path = f"/stores/{store['id']}"
    changed = owner.patch(path, {"telephone": "0571-8888", "region_id": None}).json()
    assert (changed["telephone"], changed["region_id"], changed["name"]) == ("0571-8888", None, "湖滨银泰店")
    assert owner.post(f"{path}/close", {"closed_on": "2027-01-01"}).json()["closed_on"] == "2027-01-01"
    assert owner.post(f"{path}/reopen").json()["closed_on"] is None
    kinds = Event.objects.about(f"stores.store:{store['id']}").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == [f"stores.store_{what}" for what in ("opened", "changed", "closed", "reopened")]


def test_a_null_where_none_can_be_is_refused(cast, owner):
    refused = owner.patch(f"/stores/{cast.lake.pk}", {"name": None})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "name")
    unknown = owner.patch(f"/stores/{cast.lake.pk}", {"legal_entity_id": 10**9})
    assert unknown.json()["errors"][0]["field"] == "legal_entity_id"
    assert unknown.json()["code"] == "reference_unknown"


def test_a_key_sees_what_its_owner_sees(cast, owner, manager):
    codes = [store["code"] for store in manager.get("/stores").json()["items"]]
    assert codes == ["HZ01"]
    assert manager.get(f"/stores/{cast.road.pk}").status_code == 404
    assert manager.patch(f"/stores/{cast.lake.pk}", {"telephone": "1"}).status_code == 403
    assert manager.get("/partners").status_code == 403
    assert {p["name"] for p in manager.get("/staff").json()["items"]} == {"林小满", "李想"}
    narrowed = key_of(cast["owner"].user, store_ids=[cast.road.pk])
    assert [store["code"] for store in narrowed.get("/stores").json()["items"]] == ["HZ02"]


def test_a_walk_by_cursor_meets_every_store_once(cast, owner):
    seen, cursor = [], ""
    while cursor is not None:
        page = owner.get(f"/stores?limit=1&cursor={cursor}").json()
        seen += [store["code"] for store in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ["HZ01", "HZ02", "SZ01"]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("trade=BEAUTY", ["HZ01", "HZ02", "SZ01"]),
        ("trade=JEWELRY", []),
        ("q=西湖", ["HZ01"]),
        ("q=sz", ["SZ01"]),
        ("is_open=false", []),
        ("region_id={east}", ["HZ02"]),
        ("legal_entity_id={ocean}", ["SZ01"]),
    ],
)
def test_filters_of_stores_narrow(cast, owner, query, codes):
    path = "/stores?" + query.format(east=cast.east.pk, ocean=cast.ocean.pk)
    assert [store["code"] for store in owner.get(path).json()["items"]] == codes


def test_phones_are_masked_until_revealed_with_a_reason(cast, owner):
    staff = cast["manager"]
    shown = owner.get(f"/staff/{staff.pk}").json()["phone"]
    assert "13800138000" not in shown
    assert shown.endswith("8000")
    path = f"/staff/{staff.pk}/reveal-phone"
    assert owner.post(path, {"reason": " "}).status_code == 422
    assert owner.post(path, {"reason": "紧急联系"}).json() == {"value": "+8613800138000"}
    event = Event.objects.get(kind="access.field_revealed")
    assert "13800138000" not in str(event.data)
    clerk = key_of(cast["clerk"].user)
    assert clerk.get(f"/staff/{staff.pk}").json()["phone"] == "••••"
    assert clerk.post(path, {"reason": "好奇"}).status_code == 403


def test_a_person_is_hired_posted_transferred_and_released(cast, owner):
    hired = owner.post(
        "/staff",
        {
            "name": "赵一", "number": "100", "username": "zhaoyi", "legal_entity_id": cast.silk.pk,
            "hired_on": "2026-11-21", "role_id": role_named("CLERK").pk, "store_id": cast.lake.pk,
        },
    )  # fmt: skip
    assert hired.status_code == 201
    pk = hired.json()["id"]
    posting = Posting.objects.get(staff_id=pk)
    assert (
        owner.post(
            f"/staff/{pk}/postings",
            {"role_id": posting.role_id, "store_id": cast.lake.pk, "from_date": "2026-12-01"},
        ).json()["code"]
        == "posted_twice"
    )
    moved = owner.post(
        f"/postings/{posting.pk}/transfer", {"store_id": cast.road.pk, "from_date": "2026-12-01"}
    )
    assert (moved.status_code, moved.json()["store_id"]) == (201, cast.road.pk)
    items = owner.get(f"/postings?staff_id={pk}&on=2026-12-01").json()["items"]
    assert [each["id"] for each in items] == [moved.json()["id"]]
    assert owner.post(f"/postings/{moved.json()['id']}/end", {"to_date": "2027-01-01"}).status_code == 200
    released = owner.post(f"/staff/{pk}/release", {"left_on": "2027-02-01", "successor_id": cast["clerk"].pk})
    assert (released.json()["left_on"], released.json()["successor_id"]) == ("2027-02-01", cast["clerk"].pk)
    assert owner.post(f"/staff/{pk}/keep").json()["left_on"] is None


def test_nobody_grants_more_than_they_have_through_the_api_either(cast, manager):
    body = {"role_id": Role.objects.get(code="OWNER").pk, "store_id": cast.lake.pk, "from_date": "2026-12-01"}
    refused = manager.post(f"/staff/{cast['clerk'].pk}/postings", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "role_too_wide")
    elsewhere = manager.post(f"/staff/{cast['clerk'].pk}/postings", body | {"store_id": cast.road.pk})
    assert elsewhere.json()["code"] == "reference_unknown"


def test_hours_and_marked_days_make_the_days_of_a_store(cast, manager):
    path = f"/stores/{cast.lake.pk}"
    week = {"hours": [{"weekday": day, "opens": "10:00", "closes": "22:00"} for day in range(7)]}
    assert manager.call("PUT", f"{path}/opening-hours", week).status_code == 200
    overlap = {
        "hours": [
            {"weekday": 0, "opens": "10:00", "closes": "02:00"},
            {"weekday": 1, "opens": "01:00", "closes": "09:00"},
        ]
    }
    assert manager.call("PUT", f"{path}/opening-hours", overlap).json()["code"] == "hours_overlap"
    mark = manager.post(
        "/calendar-days", {"store_id": cast.lake.pk, "day": "2026-11-23", "kind": "CLOSED", "name": "盘点"}
    )
    assert mark.status_code == 201
    days = manager.get(f"{path}/days?from_date=2026-11-22&days=2").json()
    assert [(day["day"], day["is_open"], day["name"]) for day in days] == [
        ("2026-11-22", True, ""),
        ("2026-11-23", False, "盘点"),
    ]
    assert days[0]["spans"] == [{"opens": "10:00", "closes": "22:00"}]
    assert manager.call("DELETE", f"/calendar-days/{mark.json()['id']}").status_code == 204
    assert (
        manager.post("/calendar-days", {"day": "2026-11-23", "kind": "CLOSED"}).json()["code"]
        == "all_stores_out_of_reach"
    )


def test_shares_and_entities_are_kept_through_the_api(cast, owner):
    share = {"partner_id": cast.partner.pk, "legal_entity_id": cast.silk.pk, "from_date": "2026-12-01"}
    assert (
        owner.post("/holdings", share | {"share_basis_points": 4001}).json()["code"] == "shares_exceed_whole"
    )
    made = owner.post("/holdings", share | {"share_basis_points": 4000}).json()
    assert (
        owner.post(f"/holdings/{made['id']}/end", {"to_date": "2027-01-01"}).json()["to_date"] == "2027-01-01"
    )
    assert len(owner.get("/holdings?on=2027-01-01").json()["items"]) == 1
    partner = key_of(cast["shen"].user)
    assert [each["short_name"] for each in partner.get("/legal-entities").json()["items"]] == ["云裳"]
    assert len(partner.get("/holdings").json()["items"]) == 2


def test_lists_cost_the_same_however_many_rows(cast, owner, django_assert_max_num_queries):
    for number in range(20):
        cast.hire(f"x{number}", f"员工{number}", "CLERK", store=cast.lake, phone="13800138000")
    # Which modules are on, key with its person, when it was last used (3); the merchant's zone and the postings for the
    # grants (2); rate limit (1); the page (1); and once in the life of a process the key that phones are sealed with.
    with django_assert_max_num_queries(8):
        assert len(owner.get("/staff").json()["items"]) == Staff.objects.count()
    assert Store.objects.count() == 3


def test_me_tells_a_program_what_it_may_and_where(cast, manager):
    me = manager.get("/me").json()
    assert (me["kind"], me["roles"], me["reaches_all_stores"]) == ("API_KEY", ["STORE_MANAGER"], False)
    assert me["stores"] == [{"id": cast.lake.pk, "name": "西湖"}]
    assert "stores.manage_calendar" in me["permissions"]
    assert "access.manage_users" not in me["permissions"]
