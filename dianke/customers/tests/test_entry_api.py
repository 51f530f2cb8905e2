"""The door over the API: the same rules, the same silence about other people's customers."""

from __future__ import annotations

import json

import pytest

from dianke.customers.models import Consent, Customer, State, Tag
from dianke.customers.tests.cast import make_customer, second_partner
from tests.api.conftest import key_of

PHONE = "13812345678"
pytestmark = pytest.mark.django_db


@pytest.fixture
def call(cast):
    keys = {}

    def run(who: str, path: str, body=None, method: str = "POST"):
        if who not in keys:
            keys[who] = key_of(cast[who].user)
        answer = keys[who].call(method, path, body)
        return answer.status_code, answer.json() if answer.content else None

    return run


def test_a_customer_comes_in_and_the_same_again_changes_nothing(call, cast):
    body = {
        "store_id": cast.lake.pk,
        "name": "王小明",
        "phones": [{"number": "138 1234 5678"}],
        "dates": [{"calendar": "LUNAR", "month": 8, "day": 15}],
        "addresses": [{"text": "浙江省杭州市西湖区文三路90号"}],
        "source": "shop",
        "external_id": "7",
    }
    status, made = call("manager", "/customers", body)
    assert (status, made["outcome"]) == (201, "CREATED")
    status, again = call("manager", "/customers", body)
    assert (status, again["outcome"], again["id"]) == (200, "UNCHANGED", made["id"])
    customer = Customer.objects.get()
    assert (customer.channel, customer.dates.get().calendar, customer.addresses.get().city) == (
        "API",
        "LUNAR",
        "杭州市",
    )


def test_what_is_wrong_is_told_by_field(call, cast):
    status, told = call("manager", "/customers", {"store_id": cast.lake.pk, "phones": [{"number": "1381"}]})
    assert status == 422
    assert told["errors"][0]["field"] == "phone"


def test_sensitive_details_come_in_only_with_the_consent_to_them(call, cast):
    body = {
        "store_id": cast.lake.pk,
        "name": "王小明",
        "source": "clinic",
        "external_id": "7",
        "sensitive": {"allergies": "花生"},
    }
    status, told = call("manager", "/customers", body)
    assert (status, told["errors"][0]["field"]) == (422, "sensitive_allergies")
    assert not Customer.objects.exists()
    agreed = [{"purpose": "SENSITIVE"}]
    status, made = call("manager", "/customers", body | {"consents": agreed})
    assert status == 201
    # The consent stands: what comes later of the same customer need not bring it again.
    status, again = call("manager", "/customers", body | {"sensitive": {"allergies": "花生、海鲜"}})
    assert (status, again["id"]) == (200, made["id"])
    path = f"/customers/{made['id']}"
    call("manager", f"{path}/consents", {"purpose": "SENSITIVE", "is_given": False})
    status, told = call("manager", path, {"sensitive": {"allergies": "牛奶"}}, "PATCH")
    assert (status, told["errors"][0]["field"]) == (422, "sensitive_allergies")
    status, _told = call("manager", path, {"sensitive": {"allergies": ""}}, "PATCH")
    assert status == 200
    assert not Customer.objects.select_related("key").get().sensitive


def test_who_may_not_see_sensitive_details_sends_none(call, cast):
    cast.hire("ads", "何推", "MARKETER")
    body = {
        "name": "王小明",
        "consents": [{"purpose": "SENSITIVE"}],
        "sensitive": {"allergies": "花生"},
    }
    assert call("ads", "/customers", body)[0] == 403


def test_who_sees_some_of_the_stores_says_which_one_a_customer_belongs_to(call, cast):
    body = {"name": "王小明", "phones": [{"number": PHONE}]}
    status, told = call("region", "/customers", body)
    assert (status, told["errors"][0]["field"]) == (422, "store")
    status, made = call("clerk", "/customers", body)  # works in one store: nothing to ask
    assert (status, Customer.objects.get(pk=made["id"]).store) == (201, cast.lake)
    status, made = call("owner", "/customers", {"name": "李四"})
    assert (status, Customer.objects.get(pk=made["id"]).store) == (201, None)


def test_the_question_for_duplicates_is_answered_without_leaking(call, cast):
    make_customer("王小明", PHONE, store=cast.lake, partner=second_partner(), email="wang@example.com")
    status, hints = call("shen", "/customers/check", {"phone": PHONE, "name": "王小明"})
    assert status == 200
    (hint,) = hints
    assert (hint["id"], hint["name"], hint["where"], hint["keeper"]) == (None, "", "", "PARTNER")
    shown = json.dumps(hint, ensure_ascii=False)
    assert not [secret for secret in ("王", "5678", "wang@", "西湖", "裘") if secret in shown]
    _status, (own,) = call("qiu", "/customers/check", {"phone": PHONE})
    assert own["name"] == "王＊明"


def test_a_profile_is_corrected_and_its_parts_added_and_put_away(call, cast):
    known = make_customer("王小明", PHONE, store=cast.lake)
    base = f"/customers/{known.pk}"
    assert call("clerk", base, {"occupation": "教师"}, "PATCH")[0] == 200
    _status, point = call("clerk", f"{base}/contact-points", {"kind": "EMAIL", "value": "wang@example.com"})
    _status, address = call("clerk", f"{base}/addresses", {"text": "杭州西湖区文三路90号"})
    _status, day = call("clerk", f"{base}/dates", {"month": 3, "day": 5})
    assert call("clerk", f"{base}/consents", {"purpose": "CARE"})[0] == 201
    for part, made in (("contact-points", point), ("addresses", address), ("dates", day)):
        assert call("clerk", f"{base}/{part}/{made['id']}/archive")[0] == 200
    known.refresh_from_db()
    assert (known.occupation, Consent.objects.get().how) == ("教师", "API")
    assert call("neighbour", base, {"occupation": "医生"}, "PATCH")[0] == 404
    assert call("neighbour", f"{base}/consents", {"purpose": "CARE"})[0] == 404


def test_many_are_tagged_and_assigned_and_one_is_removed_and_comes_back(call, cast):
    people = [make_customer(f"王{n}", store=cast.lake) for n in range(3)]
    tag = Tag.objects.create(name="VIP")
    ids = [person.pk for person in people]
    assert call("clerk", "/customers/tag", {"customer_ids": ids, "tag_ids": [tag.pk]}) == (200, {"count": 3})
    assert call("clerk", "/customers/untag", {"customer_ids": ids[:1], "tag_ids": [tag.pk]}) == (
        200,
        {"count": 1},
    )
    body = {"customer_ids": ids, "owner_id": cast["clerk"].user.pk}
    assert call("clerk", "/customers/assign", body)[0] == 403
    assert call("manager", "/customers/assign", body) == (200, {"count": 3})
    assert call("manager", f"/customers/{ids[0]}/remove")[1]["state"] == State.REMOVED
    assert call("manager", f"/customers/{ids[0]}/restore")[1]["state"] == State.ACTIVE
