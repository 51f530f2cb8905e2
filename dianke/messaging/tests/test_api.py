"""Messages over HTTP: what may be asked for by whom, what became of it, what carriers report."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.utils import timezone

from dianke.messaging.models import Message, Suppression, Template
from dianke.messaging.tests.reports import dsn


@pytest.fixture
def ask(post):
    def request(name: str, method: str, path: str, body: object = None):
        client = Client()
        client.force_login(post.cast[name].user)
        session = client.session
        stamp = timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        data = "" if body is None else json.dumps(body)
        answer = client.generic(method, f"/api/v1{path}", data, content_type="application/json")
        return answer.status_code, json.loads(answer.content) if answer.content else None

    return request


def wanted(*people, **more):
    return {
        "source": "crm:7",
        "channel": "SMS",
        "purpose": "MARKETING",
        "body": "{{ salutation }}，秋茶到店了。",
        "intents": [{"customer_id": one.pk} for one in people],
        **more,
    }


def test_the_same_is_asked_for_twice_and_written_down_once(post, ask):
    body = wanted(post.person(), post.person(), due_at=post.now.isoformat())
    assert ask("owner", "POST", "/messages", body) == (201, {"added": 2, "before": 0})
    assert ask("owner", "POST", "/messages", body) == (201, {"added": 0, "before": 2})
    post.send()
    status, page = ask("owner", "GET", "/messages?source=api:crm:7")
    assert status == 200
    assert [row["state"] for row in page["items"]] == ["SENT", "SENT"]
    _status, outcomes = ask("owner", "GET", "/messages/outcomes?source=api:crm:7")
    assert (outcomes["total"], outcomes["out"], outcomes["by_state"]) == (2, 2, {"SENT": 2})


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"body": "{{ salutaton }}"}, "message_variable_unknown"),
        ({"body": "{{ coupon_code }}"}, "message_value_missing"),
        ({"body": ""}, "message_text_missing"),
    ],
)
def test_words_that_cannot_be_said_are_refused_with_their_reason(post, ask, more, code):
    status, problem = ask("owner", "POST", "/messages", wanted(post.person(), **more))
    assert (status, problem["code"]) == (422, code)
    assert Message.objects.count() == 0


def test_a_field_nobody_knows_is_refused(post, ask):
    status, _problem = ask("owner", "POST", "/messages", wanted(post.person(), force=True))
    assert (status, Message.objects.count()) == (422, 0)


def test_who_may_be_written_to_is_told_before(post, ask, monkeypatch):
    monkeypatch.setattr("dianke.access.middleware.timezone.now", lambda: post.now)  # not in the evening
    yes, no = post.person(), post.person(consents={})
    body = {"customer_ids": [yes.pk, no.pk], "channel": "SMS", "purpose": "MARKETING"}
    _status, verdicts = ask("owner", "POST", "/messages/allowed", body)
    found = {row["customer_id"]: (row["is_allowed"], row["reasons"]) for row in verdicts}
    assert found == {yes.pk: (True, []), no.pk: (False, ["never_asked"])}


def test_others_customers_are_neither_seen_nor_written_to(post, ask):
    other = post.person(store=post.cast.harbour)
    post.queue(other)
    assert ask("clerk", "GET", "/messages")[1]["items"] == []
    _status, found = ask("clerk", "POST", "/messages", wanted(other, source="crm:8"))
    assert found == {"added": 0, "before": 1}
    assert Message.objects.filter(source="api:crm:8").count() == 0


def test_what_a_mail_server_reports_is_taken_in_from_whoever_may(post, ask):
    post.queue(post.person(), channel="EMAIL", subject="秋茶")
    row = Message.objects.get()
    Message.objects.update(state="SENT", sent_at=post.now)
    report = {"report": dsn(str(row.uuid)).decode()}
    assert ask("clerk", "POST", "/messages/bounces", report)[0] == 403
    assert ask("owner", "POST", "/messages/bounces", report) == (200, {"noted": 1})
    row.refresh_from_db()
    assert (row.state, row.reason) == ("FAILED", "bounced_hard")


def test_who_answers_stop_is_left_alone(post, ask):
    post.person(phone="13812345678")
    body = {"phone": "13812345678", "text": "好的"}
    assert ask("owner", "POST", "/messages/replies", body)[1] == {"is_stopped": False}
    assert ask("owner", "POST", "/messages/replies", {**body, "text": "td"})[1] == {"is_stopped": True}
    assert Suppression.objects.get().why == "REPLY"


def test_templates_are_made_by_those_who_may(post, ask):
    body = {"name": "生日", "channel": "SMS", "purpose": "CARE", "body": "{{ name }}，生日快乐！"}
    assert ask("clerk", "POST", "/message-templates", body)[0] == 403
    status, made = ask("owner", "POST", "/message-templates", body)
    assert status == 201
    assert (made["version"], Template.objects.get().name) == (1, "生日")
