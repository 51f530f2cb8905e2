from datetime import timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone

from dianke.access import fields
from dianke.access.fields import (
    FieldRule,
    mask_document,
    mask_email,
    mask_name,
    mask_phone,
    masked,
    register_field,
)
from dianke.access.models import User
from dianke.access.operations import reveal_field
from dianke.access.operations.reveals import ReasonMissing, TooManyReveals
from dianke.access.tests.conftest import sign_in
from dianke.core.actor import PermissionRefused
from dianke.events.models import Event

pytestmark = pytest.mark.django_db

CODE = "access.test.phone"
PHONE = "13812345678"


@pytest.fixture(autouse=True)
def _rule(monkeypatch):
    """A hidden field of accounts: e-mail stands for a phone."""
    monkeypatch.setattr(fields, "FIELD_RULES", {})
    register_field(
        FieldRule(
            code=CODE,
            label="手机",
            see="stores.view_staff_contacts",
            reveal="stores.reveal_staff_contacts",
            mask=mask_phone,
            read=lambda user: PHONE,
            find=lambda actor, pk: User.objects.visible_to(actor).get(pk=pk),
        )
    )


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (mask_phone, "13812345678", "138 •••• 5678"),
        (mask_phone, "02161234567", "021 •••• 4567"),
        (mask_phone, "61234567", "•••• 4567"),
        (mask_phone, "12315", "••••15"),
        (mask_phone, "110", "••••"),
        (mask_email, "lin@example.com", "l•••@example.com"),
        (mask_email, "broken", "••••"),
        (mask_name, "欧阳小满", "欧••"),
        (mask_document, "310101199001011234", "•••• 1234"),
        (mask_document, "1234", "••••"),
    ],
)
def test_masks_keep_what_helps_to_recognise_and_no_more(mask, value, shown):
    assert mask(value) == shown


def test_without_permission_not_even_the_mask_is_shown(person, acting):
    manager, clerk = person("boss", role="STORE_MANAGER", stores={1}), person("lin")
    assert masked(acting(manager), CODE, PHONE) == "138 •••• 5678"
    assert masked(acting(clerk), CODE, PHONE) == "••••"
    assert masked(acting(manager), CODE, "") == ""
    assert masked(acting(manager), CODE, PHONE, store_id=2) == "••••"


def test_revealing_leaves_an_event_with_the_reason_and_without_the_value(person, acting):
    manager, subject = person("boss", role="STORE_MANAGER"), person("lin")
    value = reveal_field(
        code=CODE, subject=subject, reason="联系本人", actor=acting(manager), now=timezone.now()
    )
    assert value == PHONE
    event = Event.objects.get(kind="access.field_revealed")
    assert event.data == {"field": CODE, "reason": "联系本人"}
    assert event.subjects == [f"access.user:{subject.pk}"]
    assert event.user_id == manager.pk
    assert PHONE not in str(event.__dict__)


def test_who_may_only_see_the_mask_cannot_reveal(person, acting):
    accountant, subject = person("zhang", role="ACCOUNTANT"), person("lin")
    with pytest.raises(PermissionRefused):
        reveal_field(code=CODE, subject=subject, reason="x", actor=acting(accountant), now=timezone.now())
    assert not Event.objects.filter(kind="access.field_revealed").exists()


def test_a_reason_is_needed(person, acting):
    manager, subject = person("boss", role="STORE_MANAGER"), person("lin")
    with pytest.raises(ReasonMissing):
        reveal_field(code=CODE, subject=subject, reason="  ", actor=acting(manager), now=timezone.now())


def test_thirty_reveals_an_hour_are_the_limit_of_one_person(person, acting, now):
    manager, other, subject = (
        person("boss", role="STORE_MANAGER"),
        person("boss2", role="STORE_MANAGER"),
        person("lin"),
    )
    start = now.replace(minute=0, second=0)

    def reveal(who, at):
        return reveal_field(code=CODE, subject=subject, reason="核对", actor=acting(who), now=at)

    for number in range(30):
        reveal(manager, start + timedelta(minutes=number))
    with pytest.raises(TooManyReveals) as refused:
        reveal(manager, start + timedelta(minutes=40))
    assert refused.value.params == {"limit": 30, "minutes": 20}
    assert reveal(other, start + timedelta(minutes=40)) == PHONE
    assert reveal(manager, start + timedelta(minutes=61)) == PHONE
    assert Event.objects.filter(kind="access.field_revealed").count() == 32


def test_the_tag_offers_the_button_only_to_whoever_may_press_it(person, acting, rf):
    manager, clerk = person("boss", role="STORE_MANAGER"), person("lin")
    template = Template('{% load masks %}{% masked user "access.test.phone" %}')
    seen = template.render(Context({"user": clerk, "actor": acting(manager)}))
    assert "138 •••• 5678" in seen
    assert "hx-post" in seen
    unseen = template.render(Context({"user": clerk, "actor": acting(clerk)}))
    assert "••••" in unseen
    assert "5678" not in unseen
    assert "hx-post" not in unseen


def test_first_press_asks_why_second_shows_and_thirty_seconds_later_it_hides(client, person):
    person("boss", role="STORE_MANAGER")
    subject = person("lin")
    sign_in(client, "boss")
    data = {"field": CODE, "subject": subject.pk}
    asked = client.post("/reveal/", data).content.decode()
    assert PHONE not in asked
    assert "138 •••• 5678" in asked
    shown = client.post("/reveal/", data | {"reason": "联系本人"})
    assert PHONE in shown.content.decode()
    assert "delay:30s" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    hidden = client.get("/reveal/", data).content.decode()
    assert PHONE not in hidden
    assert "138 •••• 5678" in hidden


def test_records_out_of_reach_and_unknown_fields_are_not_found(client, person):
    person("lin")
    stranger = person("wang")
    sign_in(client, "lin")
    assert client.post("/reveal/", {"field": CODE, "subject": stranger.pk, "reason": "x"}).status_code == 404
    assert client.post("/reveal/", {"field": "no.such", "subject": 1, "reason": "x"}).status_code == 404
    assert client.post("/reveal/", {"field": CODE, "subject": "abc", "reason": "x"}).status_code == 404
