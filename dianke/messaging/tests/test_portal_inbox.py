"""The inbox on the customer's own phone: what lies there, whose it is, and that reading is noted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from dianke.core import messages
from dianke.customers.tests.cast import make_customer
from dianke.customers.tests.phone import PHONE, Phone
from dianke.events.models import Event
from dianke.messaging.models import Message


@pytest.fixture
def phone(post):
    with messages.recorded() as sent:
        yield Phone(sent)


@pytest.fixture
def member(post):
    return make_customer(
        "林晓月",
        PHONE,
        store=post.cast.lake,
        is_verified=True,
        consents={("CARE", "ANY"): True},
        now=timezone.now() - timedelta(days=7),
    )


def say(post, one, text: str, source: str = "campaign:1") -> Message:
    post.queue(one, channel="PORTAL", purpose="CARE", body=text, source=source)
    post.send(channel="PORTAL")
    return Message.objects.get(source=source, customer=one)


INBOX = "/m/messages/"


def test_without_signing_in_nothing_opens(post, phone, member):
    say(post, member, "您的戒指已修好。")
    assert phone.client.get(INBOX)["Location"] == "/m/sign-in/"
    assert phone.client.post(reverse("messaging:portal-read")).status_code == 302
    assert Message.objects.get().state == "DELIVERED"


def test_what_was_said_lies_there_and_reading_it_is_noted(post, phone, member):
    row = say(post, member, "您的戒指已修好。")
    phone.sign_in()
    card = phone.client.get("/m/").content.decode()
    assert INBOX in card
    page = phone.client.get(INBOX)
    assert "您的戒指已修好。" in page.content.decode()
    assert [letter.is_new for letter in page.context["letters"]] == [True]
    assert phone.client.post(reverse("messaging:portal-read"))["Location"] == INBOX
    row.refresh_from_db()
    assert (row.state, row.read_at is not None) == ("READ", True)
    assert [letter.is_new for letter in phone.client.get(INBOX).context["letters"]] == [False]
    assert Event.objects.filter(kind="messaging.inbox_read").count() == 1
    phone.client.post(reverse("messaging:portal-read"))
    assert Event.objects.filter(kind="messaging.inbox_read").count() == 1


def test_nobody_reads_what_others_were_told(post, phone, member):
    say(post, post.person(consents={("CARE", "ANY"): True}), "这是别人的。")
    phone.sign_in()
    page = phone.client.get(INBOX)
    assert page.context["letters"] == []
    phone.client.post(reverse("messaging:portal-read"))
    assert Message.objects.get().state == "DELIVERED"


def test_what_waits_or_was_called_back_is_not_shown(post, phone, member):
    say(post, member, "第一条", "campaign:1")
    post.queue(member, channel="PORTAL", purpose="CARE", body="还没到时候", source="campaign:2")
    phone.sign_in()
    assert [letter.text for letter in phone.client.get(INBOX).context["letters"]] == ["第一条"]
