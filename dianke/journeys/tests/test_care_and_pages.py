"""Care turned on by one click, the editor, the monitor, one person's way, the interface, and who may not."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from dianke.core.intervals import Difference, Withheld
from dianke.insight.models import CustomerMetrics
from dianke.journeys.models import Journey
from dianke.journeys.operations.care import turn_on_care
from dianke.journeys.operations.publishing import JourneyNotReady
from dianke.journeys.queries.monitor import monitor_of
from dianke.journeys.rules.care import CARES, Settings
from dianke.journeys.tests.road import BIRTHDAY, Road, passage, trail
from dianke.messaging.models import Message, Template
from dianke.work.models import Task

BEIJING = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def signed_in(road: Road) -> Any:
    def sign_in(username: str) -> Client:
        client = Client()
        client.force_login(road.desk.cast[username].user)
        session = client.session
        stamp = timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        return client

    return sign_in


def on(road: Road, code: str, **settings: Any) -> Journey:
    values = Settings(**{"channels": ("SMS",), **settings})
    return turn_on_care(code=code, settings=values, actor=road.desk.actor("owner"), now=road.now)


# --- care ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", sorted(CARES))
def test_each_care_can_be_turned_on_as_it_comes_and_again(road: Road, code: str) -> None:
    journey = on(road, code, channels=("PORTAL", "SMS", "EMAIL"))
    assert (journey.state, journey.version, journey.care) == ("RUNNING", 1, code)
    assert on(road, code, channels=("PORTAL", "SMS", "EMAIL")).version == 1
    texts = Template.objects.order_by("channel")
    assert [row.channel for row in texts] == ["EMAIL", "PORTAL", "SMS"]
    assert all("{{ salutation }}" in row.body for row in texts)


def test_a_coupon_makes_it_an_offer_and_other_words(road: Road) -> None:
    kind = road.desk.kind()
    journey = on(road, "birthday", channels=("PORTAL",), coupon_kind_id=kind.pk, days=3)
    assert journey.draft["purpose"] == "MARKETING"
    assert journey.draft["trigger"]["days"] == 3
    assert "{{ coupon_code }}" in Template.objects.get().body
    on(road, "birthday", channels=("PORTAL",))
    assert Template.objects.count() == 2


def test_words_that_were_reworded_stay(road: Road) -> None:
    on(road, "birthday")
    Template.objects.update(name="我们自己的祝福")
    on(road, "birthday", days=1)
    assert Template.objects.count() == 1


def test_somebody_who_stays_away_is_greeted_then_called_and_left_alone_when_they_come(road: Road) -> None:
    quiet, back = road.person(), road.person()
    for person in (quiet, back):
        CustomerMetrics.objects.create(
            customer=person,
            first_date="2026-01-01",
            last_date="2026-10-03",
            interval_days="25.0",
            as_of_date="2026-11-21",
            value_group="LOYAL",
            position="",
            **dict.fromkeys(("recency_score", "frequency_score", "money_score"), 3),
            **dict.fromkeys(
                (
                    "order_count",
                    "order_count_365",
                    "spend_amount",
                    "spend_365_amount",
                    "returned_amount",
                    "margin_amount",
                    "average_amount",
                ),
                0,
            ),
        )
    journey = on(road, "dormant")
    road.now = datetime(2026, 11, 22, 10, tzinfo=BEIJING)  # 50 days after
    road.tick()
    assert road.sent(quiet) == road.sent(back) == 1
    road.buys(back, at=road.now + timedelta(days=1))
    road.later(days=7)
    assert Task.objects.filter(kind="care_date").count() == 1
    assert passage(journey, back).reason == "bought"


def test_welcome_needs_no_day_and_festivals_fall_by_the_moon(road: Road) -> None:
    person = road.person()
    journey = on(road, "festival", festivals=("spring",), days=1)
    road.now = datetime(2027, 2, 5, 9, 45, tzinfo=BEIJING)  # the day before New Year 2027
    road.tick()
    assert road.sent(person) == 1
    assert passage(journey, person).occurrence == "spring:2027"
    assert "春节" in road.desk.carrier.got[-1].text


# --- pages -----------------------------------------------------------------------------------------------------------
def test_care_is_turned_on_set_and_off_on_its_page(road: Road, signed_in: Any) -> None:
    road.person(birthday=(1990, 11, 23))
    owner = signed_in("owner")
    assert owner.get("/care/").content.decode().count("jy-care") >= 8
    for code in CARES:
        assert owner.get(f"/care/{code}/preview/").status_code == 200, code
        assert owner.get(f"/care/{code}/settings/").status_code == 200, code
    owner.post("/care/birthday/on/")
    journey = Journey.objects.get()
    assert journey.state == "RUNNING"
    form = {"days": "2", "at": "08:30", "channels": ["SMS"], "coupon_kind_id": "", "control_percent": "10"}
    assert owner.post("/care/birthday/settings/", form).status_code == 303
    journey.refresh_from_db()
    assert (journey.version, journey.draft["trigger"]["days"], journey.draft["control_bp"]) == (2, 2, 1000)
    owner.post("/care/birthday/off/")
    journey.refresh_from_db()
    assert journey.state == "STOPPED"


def test_a_journey_is_made_step_by_step(road: Road, signed_in: Any) -> None:
    owner = signed_in("owner")
    begin = {
        "name": "新客跟进",
        "kind": "BIRTHDAY",
        "days": "0",
        "at": "10:00",
        "purpose": "CARE",
        "channels": ["SMS"],
        "again": "EACH",
        "goal_days": "14",
    }
    assert owner.post("/journeys/new/", begin).status_code == 303
    journey = Journey.objects.get()
    base = f"/journeys/{journey.pk}/"
    over_wecom, _of_a_channel_journeys_do_not_use = (road.text(channel=code) for code in ("WECOM", "WECHAT"))
    message = {"text_SMS": road.text().pk, "text_WECOM": over_wecom.pk, "valid_hours": "36"}
    assert owner.get(f"{base}steps/new/?kind=MESSAGE&where=start").status_code == 200
    owner.post(f"{base}steps/new/?kind=MESSAGE&where=start", message)
    owner.post(f"{base}steps/new/?kind=WAIT&where=start", {"days": "1", "hours": "0", "at": ""})
    owner.post(f"{base}steps/new/?kind=BRANCH&where=after:s1", {"test": "BOUGHT", "segment_id": ""})
    owner.post(f"{base}steps/new/?kind=TASK&where=no:s3", {"title": "回访", "valid_hours": "48"})
    owner.post(f"{base}steps/s2/move/", {"to": "down"})
    journey.refresh_from_db()
    assert [step["key"] for step in journey.draft["steps"]] == ["s1", "s2", "s3"]
    assert journey.draft["steps"][2]["no"][0]["title"] == "回访"
    assert journey.draft["steps"][0]["texts"]["WECOM"] == over_wecom.pk
    owner.post(f"{base}steps/s2/remove/")
    assert owner.post(f"{base}steps/s1/", {**message, "valid_hours": "24"}).status_code == 303
    for path in ("edit/", "publish/", "begin/", "steps/s4/", ""):
        assert owner.get(base + path).status_code == 200, path
    owner.post(f"{base}publish/", {"with_present": ""})
    journey.refresh_from_db()
    assert (journey.state, journey.version) == ("RUNNING", 1)


def test_the_page_tells_who_is_where_and_one_persons_way(road: Road, signed_in: Any) -> None:
    person = road.person(birthday=(1990, 11, 22))
    road.person(birthday=(1990, 11, 22), consents={("CARE", "ANY"): False})
    journey = road.published(
        road.plan(road.message(), {"key": "wait", "kind": "WAIT", "days": 5}, trigger=BIRTHDAY)
    )
    road.pass_hours(24)
    road.buys(person, at=road.now)
    owner = signed_in("owner")
    page = owner.get(f"/journeys/{journey.pk}/").content.decode()
    assert "every 8s" in page
    assert "不同意" in page
    way = owner.get(f"/journeys/people/{passage(journey, person).pk}/").content.decode()
    assert trail(journey, person) == [("hello", "SENT", "")]
    assert "短信" in way
    for path in ("", f"people/?journey={journey.pk}", "people/?state=GOING", f"{journey.pk}/monitor/"):
        assert owner.get(f"/journeys/{path}").status_code == 200, path
    assert journey.name in owner.get(f"/customers/{person.pk}/dealings/").content.decode()
    owner.post(f"/journeys/{journey.pk}/pause/")
    owner.post(f"/journeys/{journey.pk}/resume/")
    owner.post(f"/journeys/{journey.pk}/stop/")
    journey.refresh_from_db()
    assert journey.state == "STOPPED"


def test_what_it_brought_is_said_against_those_kept_back(road: Road, signed_in: Any) -> None:
    for _n in range(140):
        road.person(birthday=(1990, 11, 22))
    journey = road.published(road.plan(control_bp=5_000))
    road.pass_hours(24)
    page = f"/journeys/{journey.pk}/"
    assert "成交的人太少" in signed_in("owner").get(page).content.decode()
    found = monitor_of(journey, goal_days=30)
    assert found.lift is Withheld.FEW_CONVERTED
    for row in journey.passages.filter(arm="TREATED").select_related("customer")[:30]:
        road.buys(row.customer, at=road.now)
    found = monitor_of(journey, goal_days=30)
    assert isinstance(found.lift, Difference)
    assert found.bought_control == 0
    assert found.lift.value == pytest.approx(30 / found.treated)
    assert 0 < found.lift.low < found.lift.value < found.lift.high
    said = signed_in("owner").get(page).content.decode()
    assert "个百分点" in said


def test_a_clerk_sees_none_of_it_and_another_store_is_not_there(road: Road, signed_in: Any) -> None:
    journey = road.draft(store_ids=[road.desk.cast.harbour.pk])
    clerk = signed_in("clerk")
    for path in ("/care/", "/journeys/", f"/journeys/{journey.pk}/", "/care/birthday/preview/"):
        assert clerk.get(path).status_code == 403, path
    assert clerk.post("/care/birthday/on/").status_code == 403
    assert signed_in("manager").get(f"/journeys/{journey.pk}/").status_code == 404


def test_the_manager_of_a_store_sees_care_and_the_own_customers_and_turns_nothing_on(
    road: Road, signed_in: Any
) -> None:
    mine = road.person(birthday=(1990, 11, 22))
    other = road.person(birthday=(1990, 11, 22), store=road.desk.cast.harbour)
    journey = on(road, "birthday")
    road.pass_hours(24)
    manager = signed_in("manager")
    page = manager.get("/care/")
    assert (page.status_code, page.context["may_publish"]) == (200, False)
    assert "负责全部门店" in page.content.decode()
    assert "负责全部门店" not in signed_in("owner").get("/care/").content.decode()
    assert manager.post("/care/welcome/on/").status_code == 403
    people = manager.get(f"/journeys/people/?journey={journey.pk}").content.decode()
    assert str(mine) in people
    assert str(other) not in people
    asked = {"format": "xlsx", "query": f"journey={journey.pk}"}
    found = {
        who: {
            row[0] for row in sheet(signed_in(who).post("/lists/journeys.people/export/", asked, follow=True))
        }
        for who in ("owner", "manager")
    }
    assert {str(mine), str(other)} <= found["owner"]
    assert str(mine) in found["manager"]
    assert str(other) not in found["manager"]
    assert signed_in("clerk").post("/lists/journeys.people/export/", asked).status_code in (403, 404)


def sheet(answer: Any) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content)))
    return book.get_sheet_by_index(0).to_python()


# --- the interface ---------------------------------------------------------------------------------------------------
def test_the_api_makes_publishes_tells_and_stops(road: Road, signed_in: Any) -> None:
    today = timezone.localdate()
    person = road.person(birthday=(1990, today.month, today.day))
    owner = signed_in("owner")
    body = {"name": "生日", "plan": road.plan()}
    made = owner.post("/api/v1/journeys", body, content_type="application/json")
    assert made.status_code == 201, made.content
    base = f"/api/v1/journeys/{made.json()['id']}"
    wrong = owner.put(base, {**body, "plan": {"trigger": {"kind": "X"}}}, content_type="application/json")
    assert wrong.status_code == 422
    published = owner.post(f"{base}/publish", {"with_present": True}, content_type="application/json")
    assert published.json()["state"] == "RUNNING"
    people = owner.get(f"{base}/people").json()["items"]
    assert [row["customer_id"] for row in people] == [person.pk]
    assert owner.get(base).json()["entered"] == 1
    for name, state in (("pause", "PAUSED"), ("resume", "RUNNING"), ("stop", "STOPPED")):
        assert owner.post(f"{base}/{name}").json()["state"] == state
    put = owner.put("/api/v1/care/thanks", {"days": 2}, content_type="application/json")
    assert put.json()["care"] == "thanks"
    assert len(owner.get("/api/v1/journeys").json()["items"]) == 2
    assert signed_in("clerk").get("/api/v1/journeys").status_code == 403
    assert Message.objects.count() == 0


def test_care_by_email_waits_for_an_address_of_this_shop(road: Road, settings: Any) -> None:
    settings.CSRF_TRUSTED_ORIGINS = []
    with pytest.raises(JourneyNotReady, match="DIANKE_ORIGINS"):
        on(road, "birthday", channels=("PORTAL", "EMAIL"))
    assert on(road, "birthday", channels=("PORTAL",)).state == "RUNNING"
