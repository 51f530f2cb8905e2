"""Requests of customers about their data: the clock, who may, answers and refusals, copies, minors, the register."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import jsonschema_rs
import pytest

from dianke.core.actor import SYSTEM, Actor, ActorKind, PermissionRefused
from dianke.core.business_dates import is_workday
from dianke.customers.models import (
    Consent,
    Customer,
    ProcessingActivity,
    Relation,
    RequestState,
    RightsRequest,
    SourceRecord,
    State,
)
from dianke.customers.operations import register, rights
from dianke.customers.queries import export
from dianke.customers.queries.rights import minority_of, pressing_requests
from dianke.customers.rules.dates import DateEntry, age_on, born_on, is_guarded
from dianke.customers.rules.rights import answer_by, days_left, without_contact_data
from dianke.customers.tests.cast import make_customer
from dianke.events.models import Event
from dianke.stores.tests.cast import Cast
from dianke.work.models import Task

SCHEMA = Path(__file__).parents[1] / "data" / "customer_export.schema.json"


def ask(customer: Customer, kind: str = "ACCESS", **more) -> RightsRequest:
    given = {"channel": "COUNTER", "actor": SYSTEM, "now": datetime(2026, 11, 21, 6, 30, tzinfo=UTC), **more}
    return rights.open_request(customer=customer, kind=kind, **given)


# --- the calculation -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2026, 11, 20), date(2026, 12, 11)),  # a Friday: three weeks
        (date(2026, 11, 21), date(2026, 12, 11)),  # Saturday counts like the Friday before it
        (date(2026, 9, 24), date(2026, 10, 22)),  # past Mid-autumn and National Day with their make-up days
    ],
)
def test_fifteen_working_days_follow_the_calendar_of_the_state(received: date, due: date) -> None:
    assert answer_by(received, is_workday=is_workday) == due
    assert days_left(due, received, is_workday=is_workday) == 15
    assert days_left(received, due, is_workday=is_workday) in (-14, -15)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("请删除我的资料，电话13812345678", "请删除我的资料，电话•••"),
        ("mei.wang@example.com 不要再发了", "••• 不要再发了"),
        ("+86 138-1234-5678 / 2026年11月", "••• / 2026年11月"),
        ("订单 123456 的地址错了", "订单 123456 的地址错了"),
    ],
)
def test_what_people_write_is_kept_without_numbers_and_addresses(text: str, kept: str) -> None:
    assert without_contact_data(text) == kept


def test_age_is_told_from_solar_and_lunar_days_of_birth() -> None:
    today = date(2026, 11, 21)
    assert age_on(date(2012, 11, 21), today) == 14
    assert is_guarded(date(2012, 11, 22), today)
    assert not is_guarded(date(2012, 11, 21), today)
    assert not is_guarded(None, today)
    assert born_on(2012, 10, 9, is_lunar=True) == date(2012, 11, 22)
    assert born_on(2012, 4, 3, is_lunar=True, is_leap=True) == date(2012, 5, 23)
    assert born_on(2013, 2, 29) == date(2013, 2, 28)
    assert born_on(None, 2, 3) is None
    assert born_on(1800, 2, 3) is None


@pytest.mark.parametrize(
    ("written", "today", "age"),
    [
        ("2012-2-29", date(2026, 2, 28), 13),  # one day short of it in a common year
        ("2012-2-29", date(2026, 3, 1), 14),
        ("2008-2-29", date(2024, 2, 29), 16),  # in a leap year from the very day on
        ("1990年闰五月初三", date(2026, 11, 21), 36),
        ("2012年农历十月初九", date(2026, 11, 21), 13),
        ("5-3", date(2026, 11, 21), None),
    ],
)
def test_a_birthday_as_it_was_written_tells_the_same_age(written: str, today: date, age: int | None) -> None:
    entry = DateEntry.parse(written)
    assert entry.age_on(today) == age
    assert entry.is_guarded_on(today) == (age is not None and age < 14)


# --- requests ------------------------------------------------------------------------------------------------
def test_a_request_starts_the_clock_and_makes_a_task_without_a_name(cast: Cast) -> None:
    customer = make_customer("王小美", "13812345678", store=cast.lake)
    request = ask(customer, details="我叫13812345678")
    assert request.due_at == datetime(
        2026, 12, 11, 16, tzinfo=UTC
    )  # the midnight after 11 December in Shanghai
    assert request.details == "我叫•••"
    task = Task.objects.get(reference=f"rights:{request.pk}")
    assert customer.member_number in task.title
    assert "王" not in task.title
    assert task.owner is not None
    assert task.due_at == request.due_at - timedelta(minutes=1)
    assert "王" not in json.dumps(list(Event.objects.values_list("data", flat=True)), ensure_ascii=False)


def test_asking_again_while_one_is_open_gives_the_same(cast: Cast) -> None:
    customer = make_customer("王小美", store=cast.lake)
    assert ask(customer) == ask(customer)
    joined = make_customer("王小美", merged_into=customer)
    assert ask(joined) == ask(customer)
    assert ask(customer, "CORRECTION") != ask(customer)


def test_who_may_ask(cast: Cast, now: datetime) -> None:
    customer = make_customer("王小美", store=cast.lake)
    other = make_customer("别人", store=cast.lake)
    myself = Actor(kind=ActorKind.CUSTOMER, id=customer.pk)
    own = rights.open_request(customer=customer, kind="ACCESS", channel="PORTAL", actor=myself, now=now)
    assert own.identity_checked_how == "PORTAL"
    for actor in (Actor(kind=ActorKind.CUSTOMER, id=other.pk), cast.actor("clerk"), cast.actor("southerner")):
        with pytest.raises(PermissionRefused):
            rights.open_request(customer=customer, kind="ERASURE", channel="COUNTER", actor=actor, now=now)
    assert Customer.objects.get(pk=customer.pk).state == State.ACTIVE
    with pytest.raises(rights.RequestNotFound):
        rights.withdraw_request(request=own, actor=Actor(kind=ActorKind.CUSTOMER, id=other.pk), now=now)
    assert rights.withdraw_request(request=own, actor=myself, now=now).state == RequestState.WITHDRAWN


def test_an_answer_needs_the_identity_checked_and_words(cast: Cast, now: datetime) -> None:
    who = {"actor": cast.actor("manager"), "now": now}
    request = ask(make_customer("王小美", store=cast.lake))
    with pytest.raises(rights.IdentityUnchecked):
        rights.close_request(request=request, answer="已给", **who)
    rights.check_identity(request=request, how="DOCUMENT", **who)
    with pytest.raises(rights.AnswerMissing):
        rights.close_request(request=request, answer=" ", **who)
    closed = rights.close_request(request=request, answer="已当面交付", **who)
    assert (closed.state, closed.closed_by) == (RequestState.DONE, cast["manager"].user)
    assert not Task.objects.get(reference=f"rights:{request.pk}").is_open
    with pytest.raises(rights.RequestClosed):
        rights.refuse_request(request=request, reason="晚了", **who)


def test_a_refusal_of_erasure_gives_the_customer_back(cast: Cast, now: datetime) -> None:
    who = {"actor": cast.actor("manager"), "now": now}
    customer = make_customer("王小美", store=cast.lake)
    waiting = make_customer("王小美", store=cast.lake, merged_into=customer, state="REVIEW")
    SourceRecord.objects.filter(customer=waiting).update(review="WAITING")
    request = ask(customer, "ERASURE")
    assert set(Customer.objects.values_list("state", flat=True)) == {State.ERASING}
    with pytest.raises(rights.EraseInstead):
        rights.close_request(request=request, answer="好", **who)
    with pytest.raises(rights.AnswerMissing):
        rights.refuse_request(request=request, reason="", **who)
    rights.refuse_request(request=request, reason="有未完成的定制订单", **who)
    assert dict(Customer.objects.values_list("pk", "state")) == {
        customer.pk: State.ACTIVE,
        waiting.pk: State.REVIEW,
    }


def test_an_objection_stops_the_uses_of_every_identity(cast: Cast, now: datetime) -> None:
    customer = make_customer("王小美", store=cast.lake, consents={("MARKETING", "SMS"): True})
    joined = make_customer("王小美", merged_into=customer)
    request = ask(customer, "OBJECTION")
    who = {"actor": cast.actor("manager"), "now": now}
    with pytest.raises(rights.NothingToStop):
        rights.stop_uses(request=request, purposes=["MEMBERSHIP"], **who)
    rights.stop_uses(request=request, purposes=["MARKETING", "PROFILING"], **who)
    taken_back = Consent.objects.filter(is_given=False).values_list("customer", "purpose")
    assert set(taken_back) == {
        (pk, purpose) for pk in (customer.pk, joined.pk) for purpose in ("MARKETING", "PROFILING")
    }


def test_pressing_requests_are_those_of_the_stores_one_answers_for(cast: Cast, now: datetime) -> None:
    late = ask(make_customer("甲", store=cast.lake), now=now - timedelta(days=60))
    ask(make_customer("乙", store=cast.lake))
    ask(make_customer("丙", store=cast.harbour), now=now - timedelta(days=60))
    assert pressing_requests(cast.actor("manager"), now) == [late]
    assert pressing_requests(cast.actor("clerk"), now) == []
    assert len(pressing_requests(cast.actor("owner"), now)) == 2


# --- copies --------------------------------------------------------------------------------------------------
@pytest.fixture
def copy(cast: Cast, now: datetime) -> export.Copy:
    head = make_customer(
        "=HYPERLINK(1)",
        "13812345678",
        email="mei@example.com",
        store=cast.lake,
        lunar_birthday=(1990, 8, 15, False),
        address=("浙江省", "杭州市", "西湖区", "文三路 1 号"),
        note="喜欢靠窗",
        sensitive={"过敏": "花生"},
        tags=["贵宾"],
        consents={("MARKETING", "SMS"): True},
    )
    joined = make_customer("王小美", "13812345679", merged_into=head)
    other = make_customer("李另一人", "13900001111")
    Relation.objects.create(customer=head, other=other, kind="SPOUSE", since=now)
    make_customer("无关者", "13700001111")
    assert joined.pk
    return export.copy_for(head, made_by="林小满", made_at=now, number="c-1")


def test_a_copy_holds_everything_of_the_cluster_and_nobody_else(copy: export.Copy) -> None:
    content = json.loads(export.as_json(copy))
    text = json.dumps(content, ensure_ascii=False)
    for kept in (
        "+8613812345678",
        "+8613812345679",
        "mei@example.com",
        "文三路 1 号",
        "喜欢靠窗",
        "花生",
        "贵宾",
    ):
        assert kept in text
    for others in ("李另一人", "13900001111", "无关者", "13700001111"):
        assert others not in text
    assert [row["relation"] for row in content["tables"]["relations"]] == ["SPOUSE"]


def test_json_follows_the_published_schema(copy: export.Copy) -> None:
    schema = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text("utf-8")))
    content = json.loads(export.as_json(copy))
    assert [error.message for error in schema.iter_errors(content)] == []
    content["tables"]["consents"][0]["is_given"] = "yes"
    assert not schema.is_valid(content)


def test_csv_is_one_file_per_table_marked_and_safe_against_formulas(copy: export.Copy) -> None:
    archive = zipfile.ZipFile(io.BytesIO(export.as_csv_zip(copy)))
    assert {"README.txt", "identities.csv", "contact_points.csv"} <= set(archive.namelist())
    rows = list(csv.reader(io.StringIO(archive.read("identities.csv").decode("utf-8-sig"))))
    assert rows[1][2] == "'=HYPERLINK(1)"
    assert "c-1" in rows[-1][0]
    assert "林小满" in rows[-1][0]
    phones = archive.read("contact_points.csv").decode("utf-8-sig")
    assert "'+8613812345678" in phones


def test_other_rooms_add_their_tables(copy: export.Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_parts", {})
    export.register_export(
        export.ExportPart("orders", "订单", {"number": "编号"}, lambda ids: [{"number": f"S-{len(ids)}"}])
    )
    again = export.copy_for(copy.head, made_by="x", made_at=copy.made_at, number="2")
    assert json.loads(export.as_json(again))["tables"]["orders"] == [{"number": "S-2"}]


def test_a_copy_is_made_for_an_open_request_of_a_checked_person_and_logged(cast: Cast, now: datetime) -> None:
    customer = make_customer("王小美", store=cast.lake)
    who = {"actor": cast.actor("manager"), "now": now}
    request = ask(customer)
    with pytest.raises(rights.IdentityUnchecked):
        rights.note_export(request=request, format="json", **who)
    rights.check_identity(request=request, how="IN_PERSON", **who)
    number = rights.note_export(request=request, format="json", **who)
    event = Event.objects.get(kind="customers.data_exported")
    assert (str(event.pk), event.data["format"]) == (number, "json")
    with pytest.raises(rights.NotForCopies):
        rights.note_export(request=ask(customer, "CORRECTION"), format="json", **who)
    with pytest.raises(PermissionRefused):
        rights.note_export(request=request, format="json", actor=cast.actor("clerk"), now=now)
    with pytest.raises(rights.RequestNotFound):
        rights.note_export(request=request, format="json", actor=cast.actor("southerner"), now=now)


# --- minors --------------------------------------------------------------------------------------------------
def test_a_child_is_flagged_until_a_guardian_is_named(cast: Cast, now: datetime) -> None:
    child = make_customer("小明", store=cast.lake, birthday=(2015, 3, 1))
    joined = make_customer("小明", merged_into=child, birthday=(1985, 3, 1))
    today = date(2026, 11, 21)
    assert minority_of(child, today).is_flagged
    assert minority_of(child, today).age == 11
    Relation.objects.create(customer=joined, other=make_customer("妈妈"), kind="GUARDIAN", since=now)
    assert not minority_of(child, today).is_flagged
    adult = make_customer("大人", birthday=(None, 3, 1))
    assert not minority_of(adult, today).is_minor


# --- the processing register ---------------------------------------------------------------------------------
def test_the_register_is_filled_reviewed_and_changed(cast: Cast, now: datetime) -> None:
    who = {"actor": cast.actor("manager"), "now": now}
    filled = json.loads((SCHEMA.parent / "processing_register.json").read_text("utf-8"))
    assert set(ProcessingActivity.objects.values_list("name", flat=True)) == {row["name"] for row in filled}
    row = ProcessingActivity.objects.get(name="会员档案")
    assert row.reviewed_at is None
    register.review_activity(activity=row, **who)
    row.refresh_from_db()
    assert row.reviewed_at == now
    with pytest.raises(register.ActivityIncomplete):
        register.change_activity(activity=row, values={"retention": " "}, **who)
    register.change_activity(activity=row, values={"retention": "三年"}, **who)
    added = register.add_activity(
        values={
            "name": "到店拍照",
            "purpose": "前后对比",
            "ground": "同意",
            "categories": "照片",
            "retention": "一年",
        },
        **who,
    )
    register.remove_activity(activity=added, **who)
    assert Event.objects.get(kind="customers.processing_activity_removed").data["name"] == "到店拍照"
    with pytest.raises(register.ActivityNotFound):
        register.review_activity(activity=added, **who)
