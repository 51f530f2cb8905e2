"""The pages of requests, copies, erasure, the register, dates and care rules: who opens them and what they do."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dianke.core.actor import SYSTEM
from dianke.customers.models import (
    CareRule,
    Consent,
    Customer,
    ImportantDate,
    ProcessingActivity,
    RequestState,
    RightsRequest,
    State,
)
from dianke.customers.operations import rights
from dianke.customers.tests.cast import make_customer
from dianke.events.models import Event
from dianke.stores.models import Posting
from dianke.stores.tests.cast import Cast
from dianke.work.models import Approval, Task
from dianke.work.operations import decide

SignIn = Callable[[str], Client]


def proven(client: Client, ago: timedelta = timedelta(0)) -> Client:
    """As if the password had been typed just now, or some time ago."""
    session = client.session
    session["authenticated_at"] = (timezone.now() - ago).timestamp()
    session.save()
    return client


def asked(customer: Customer, kind: str = "ACCESS", how: str = "DOCUMENT") -> RightsRequest:
    return rights.open_request(
        customer=customer,
        kind=kind,
        channel="COUNTER",
        identity_checked_how=how,
        actor=SYSTEM,
        now=timezone.now(),
    )


def page(request: RightsRequest, part: str = "", *more: str) -> str:
    return reverse(f"customers:request{part}", args=[request.pk, *more])


# --- requests ------------------------------------------------------------------------------------------------
def test_a_request_is_taken_down_by_member_number(cast: Cast, signed_in: SignIn) -> None:
    customer = make_customer("王小美", store=cast.lake)
    manager = signed_in("manager")
    form = {"number": customer.member_number, "kind": "ACCESS", "channel": "COUNTER", "details": ""}
    answer = manager.post(reverse("customers:request-new"), form)
    request = RightsRequest.objects.get()
    assert answer.url == page(request)
    shown = manager.get(page(request)).content.decode()
    assert "王小美" in shown
    assert manager.get(reverse("customers:requests")).status_code == 200


def test_numbers_of_customers_elsewhere_are_answered_like_unknown_ones(cast: Cast, signed_in: SignIn) -> None:
    far = make_customer("远方", store=cast.harbour)
    answers = {
        signed_in("manager")
        .post(reverse("customers:request-new"), {"number": number, "kind": "ACCESS", "channel": "COUNTER"})
        .context["form"]
        .errors["number"][0]
        for number in (far.member_number, "99999999")
    }
    assert len(answers) == 1
    assert not RightsRequest.objects.exists()


def test_requests_elsewhere_do_not_exist_and_clerks_have_none(cast: Cast, signed_in: SignIn) -> None:
    request = asked(make_customer("王小美", store=cast.lake))
    assert signed_in("southerner").get(page(request)).status_code == 404
    assert signed_in("clerk").get(page(request)).status_code == 403
    for part in ("-identity", "-answer", "-refusal"):
        assert signed_in("southerner").get(page(request, part)).status_code == 404
    assert signed_in("southerner").post(page(request, "-withdrawal")).status_code == 404
    assert b"\xe7\x8e\x8b" not in signed_in("southerner").get(reverse("customers:requests")).content


def test_identity_answer_and_refusal_by_their_dialogs(cast: Cast, signed_in: SignIn) -> None:
    manager = signed_in("manager")
    request = asked(make_customer("王小美", store=cast.lake), how="")
    refused = manager.post(page(request, "-answer"), {"answer": "已答复"})
    assert refused.status_code == 422
    manager.post(page(request, "-identity"), {"how": "IN_PERSON"})
    manager.post(page(request, "-answer"), {"answer": "已答复"})
    request.refresh_from_db()
    assert (request.state, request.answer) == (RequestState.DONE, "已答复")
    other = asked(make_customer("李", store=cast.lake), "CORRECTION")
    manager.post(page(other, "-refusal"), {"reason": "无法核实"})
    withdrawn = asked(make_customer("赵", store=cast.lake), "PORTABILITY")
    manager.post(page(withdrawn, "-withdrawal"))
    states = set(RightsRequest.objects.values_list("state", flat=True))
    assert states == {RequestState.DONE, RequestState.REFUSED, RequestState.WITHDRAWN}


def test_an_objection_stops_what_is_ticked(cast: Cast, signed_in: SignIn) -> None:
    request = asked(make_customer("王小美", store=cast.lake), "OBJECTION")

    signed_in("manager").post(page(request, "-answer"), {"purposes": ["MARKETING", "CARE"]})
    assert set(Consent.objects.values_list("purpose", "is_given")) == {("MARKETING", False), ("CARE", False)}


# --- copies --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("format", "begins"), [("json", b"{"), ("csv", b"PK"), ("pdf", b"%PDF"), ("paper", b"\n<!doctype")]
)
def test_copies_ask_who_one_is_and_are_logged(
    cast: Cast, signed_in: SignIn, format: str, begins: bytes
) -> None:
    request = asked(make_customer("王小美", "13812345678", store=cast.lake))
    client = signed_in("manager")
    asks = proven(client, timedelta(hours=1)).post(page(request, "-copies", format))
    assert b"_confirm_password" in asks.content
    assert not Event.objects.filter(kind="customers.data_exported").exists()
    answer = proven(client).post(page(request, "-copies", format))
    assert answer.content.lstrip().lower().startswith(begins.strip().lower())
    assert answer["Cache-Control"] == "no-store"
    assert Event.objects.filter(kind="customers.data_exported").count() == 1
    if format == "json":
        assert json.loads(answer.content)["made_by"] == "林小满"
    if format != "paper":
        assert "王" not in answer["Content-Disposition"]


def test_a_copy_is_not_made_for_somebody_unchecked(cast: Cast, signed_in: SignIn) -> None:
    request = asked(make_customer("王小美", store=cast.lake), how="")
    answer = proven(signed_in("manager")).post(page(request, "-copies", "json"))
    assert answer.status_code == 409
    assert proven(signed_in("manager")).post(page(request, "-copies", "exe")).status_code == 404


# --- erasure -------------------------------------------------------------------------------------------------
def test_an_erasure_is_asked_for_approved_and_certified(cast: Cast, signed_in: SignIn) -> None:
    customer = make_customer("王小美", "13812345678", store=cast.lake)
    request = asked(customer, "ERASURE")
    owner = proven(signed_in("owner"))
    assert owner.get(page(request)).status_code == 200
    wrong = owner.post(page(request, "-erasure"), {"number": "1", "reason": "顾客要求"})
    assert wrong.status_code == 422
    answer = owner.post(page(request, "-erasure"), {"number": customer.member_number, "reason": "顾客要求"})
    approval = Approval.objects.get()
    assert answer.url == reverse("work:approval", args=[approval.pk])
    assert owner.get(page(request)).status_code == 200  # says that it waits
    assert owner.get(answer.url).status_code == 200
    decide(
        approval=approval,
        is_approved=True,
        sha256=approval.sha256,
        actor=cast.actor("admin"),
        now=timezone.now(),
    )
    assert Customer.objects.get(pk=customer.pk).state == State.ERASED
    paper = owner.get(page(request, "-certificate")).content.decode()
    assert f"#{customer.pk}" in paper
    assert "王小美" not in paper
    assert owner.get(page(request)).status_code == 200
    assert owner.get(reverse("customers:requests") + "?state=DONE").status_code == 200


def test_one_who_is_alone_erases_at_once(cast: Cast, signed_in: SignIn) -> None:
    customer = make_customer("王小美", store=cast.lake)
    request = asked(customer, "ERASURE")
    Posting.objects.filter(staff=cast["admin"]).delete()
    owner = proven(signed_in("owner"))
    answer = owner.post(page(request, "-erasure"), {"number": customer.member_number, "reason": "顾客要求"})
    assert answer.url == page(request)
    assert Customer.objects.get(pk=customer.pk).state == State.ERASED


def test_managers_take_erasures_down_and_do_not_carry_them_out(cast: Cast, signed_in: SignIn) -> None:
    request = asked(make_customer("王小美", store=cast.lake), "ERASURE")
    manager = proven(signed_in("manager"))
    assert manager.get(page(request)).status_code == 200
    assert manager.get(page(request, "-erasure")).status_code == 403
    assert manager.get(page(request, "-certificate")).status_code == 404


# --- the register --------------------------------------------------------------------------------------------
def test_the_register_is_shown_changed_reviewed_and_printed(cast: Cast, signed_in: SignIn) -> None:
    manager = signed_in("manager")
    row = ProcessingActivity.objects.get(name="会员档案")
    assert "会员档案" in manager.get(reverse("customers:processing")).content.decode()
    assert "会员档案" in manager.get(reverse("customers:processing-paper")).content.decode()
    values = {
        name: getattr(row, name)
        for name in ("name", "purpose", "ground", "categories", "recipients", "retention")
    }
    manager.post(reverse("customers:processing-edit", args=[row.pk]), {**values, "retention": "三年"})
    row.refresh_from_db()
    assert row.retention == "三年"
    assert row.reviewed_at is not None
    manager.post(reverse("customers:processing-new"), {**values, "name": "拍照"})
    new = ProcessingActivity.objects.get(name="拍照")
    manager.post(reverse("customers:processing-review", args=[new.pk]))
    manager.post(reverse("customers:processing-remove", args=[new.pk]))
    assert not ProcessingActivity.objects.filter(pk=new.pk).exists()
    assert signed_in("clerk").get(reverse("customers:processing")).status_code == 403


# --- dates and rules -----------------------------------------------------------------------------------------
def in_days(days: int) -> tuple[int, int, int]:
    day = timezone.localdate() + timedelta(days=days)
    return (1990, day.month, day.day)


def test_dates_are_shown_by_day_and_made_tasks_of(cast: Cast, signed_in: SignIn) -> None:
    soon = make_customer("王小美", store=cast.lake, birthday=in_days(2), owner=cast["clerk"].user)
    make_customer("李以后", store=cast.lake, birthday=in_days(20), owner=cast["clerk"].user)
    clerk = signed_in("clerk")
    week = clerk.get(reverse("customers:dates")).content.decode()
    assert "王小美" in week
    assert "李以后" not in week
    assert "李以后" in clerk.get(reverse("customers:dates") + "?span=month&owner=me").content.decode()
    row = ImportantDate.objects.get(customer=soon)
    on = timezone.localdate() + timedelta(days=2)
    one_day = f"{reverse('customers:dates')}?day={on:%Y-%m-%d}"
    assert "王小美" in clerk.get(one_day).content.decode()
    clerk.post(reverse("customers:date-task", args=[row.pk]), {"on": f"{on:%Y-%m-%d}"})
    task = Task.objects.get(kind="care_date")
    assert reverse("work:task", args=[task.pk]) in clerk.get(reverse("customers:dates")).content.decode()
    assert (
        signed_in("neighbour")
        .post(reverse("customers:date-task", args=[row.pk]), {"on": f"{on:%Y-%m-%d}"})
        .status_code
        == 404
    )
    assert clerk.post(reverse("customers:date-task", args=[row.pk]), {"on": "nie"}).status_code == 404


def test_the_page_of_dates_costs_the_same_however_many_there_are(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in("owner")

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert client.get(reverse("customers:dates") + "?span=month").status_code == 200
        return len(counted)

    make_customer("一", store=cast.lake, birthday=in_days(2), owner=cast["clerk"].user)
    queries()
    before = queries()
    for day in range(1, 25):
        make_customer(f"客{day}", store=cast.lake, birthday=in_days(day), owner=cast["clerk"].user)
    assert queries() == before


def test_strange_addresses_of_the_dates_are_harmless(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in("owner")
    for query in ("?span=x", "?day=2026-99-99", "?store=abc&owner=x&kind=Q", "?day=1900-01-01", "?page=9"):
        assert client.get(reverse("customers:dates") + query).status_code == 200


def test_today_names_whose_day_it_is_and_what_is_overdue(cast: Cast, signed_in: SignIn) -> None:
    late = make_customer("王小美", store=cast.lake, birthday=in_days(0))
    rights.open_request(
        customer=late,
        kind="ACCESS",
        channel="COUNTER",
        actor=SYSTEM,
        now=timezone.now() - timedelta(days=60),
    )
    shown = signed_in("manager").get("/").content.decode()
    assert reverse("customers:request", args=[RightsRequest.objects.get().pk]) in shown
    assert reverse("customers:dates") in shown


def test_care_rules_are_made_changed_and_paused(cast: Cast, signed_in: SignIn) -> None:
    owner = signed_in("owner")
    new = reverse("customers:care-rule-new")
    assert owner.get(reverse("customers:care-rules")).status_code == 200
    assert owner.post(new, {"title": "", "kind": "BIRTHDAY", "days_before": "3"}).status_code == 422
    owner.post(new, {"title": "生日祝福", "kind": "BIRTHDAY", "days_before": "3"})
    rule = CareRule.objects.get()
    assert (rule.name, rule.days_before) == ("生日祝福", 3)
    change = {
        "title": "生日祝福",
        "name": "生日",
        "kind": "BIRTHDAY",
        "days_before": "7",
        "store": cast.lake.pk,
    }
    owner.post(reverse("customers:care-rule", args=[rule.pk]), change)
    owner.post(reverse("customers:care-rule-state", args=[rule.pk]), {"is_active": "0"})
    rule.refresh_from_db()
    assert (rule.name, rule.days_before, rule.store, rule.is_active) == ("生日", 7, cast.lake, False)
    owner.post(reverse("customers:care-rule-state", args=[rule.pk]), {"is_active": "1"})
    assert owner.get(reverse("customers:care-rules")).status_code == 200
    assert signed_in("manager").get(reverse("customers:care-rules")).status_code == 403
