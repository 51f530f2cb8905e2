"""Prepaid value through the API: the same operations, the same scope, the same words as on the screens."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from dianke.access.models import Role
from dianke.core.actor import SYSTEM
from dianke.stores import operations as stores
from dianke.stores.models import Merchant
from dianke.wallets import operations as wallets
from dianke.wallets.models import Freeze, Refund
from dianke.wallets.tests.people import House
from tests.api.conftest import Caller, key_of

pytestmark = pytest.mark.django_db


def hired(house: House, role: str) -> Caller:
    """Somebody posted to the lake store."""
    Merchant.objects.get_or_create(name="云裳美业")
    staff = stores.hire_staff(
        username=role.lower(),
        name="林小满",
        number=role[:3],
        legal_entity=house.silk,
        hired_on=house.lake.opened_on,
        phone="",
        role=Role.objects.get(code=role),
        store=house.lake,
        actor=SYSTEM,
        now=house.now,
    )
    return key_of(staff.user)


@pytest.fixture
def house(house: House, now, settings) -> House:
    """Requests live at the same instant as the stories."""
    from django.utils import timezone

    house.now = timezone.now()
    return house


@pytest.fixture
def manager(house: House) -> Caller:
    return hired(house, "STORE_MANAGER")


def top_up(house: House, **more) -> dict:
    return {
        "customer_id": house.lin.pk, "store_id": house.lake.pk, "paid_amount": 100000,
        "payment_kind": "WECHAT", "reference": "t1",
    } | more  # fmt: skip


def test_a_top_up_is_made_once_under_its_reference_and_seen_in_the_purse(house: House, manager: Caller):
    offer = house.offer((1000, 200))
    made = manager.post("/wallets/top-ups", top_up(house, offer_id=offer.pk))
    assert made.status_code == 201, made.content
    assert (made.json()["paid_amount"], made.json()["bonus_amount"]) == (100000, 20000)
    again = manager.post("/wallets/top-ups", top_up(house, offer_id=offer.pk))
    assert again.json()["id"] == made.json()["id"]
    purse = manager.get(f"/wallets/purse?customer_id={house.lin.pk}&store_id={house.lake.pk}").json()
    assert (purse["spendable_amount"], purse["wallets"][0]["bonus_amount"]) == (120000, 20000)
    (wallet,) = manager.get(f"/wallets?customer_id={house.lin.pk}").json()["items"]
    assert (wallet["principal_amount"], wallet["bonus_amount"]) == (100000, 20000)
    assert manager.get(f"/wallets/{wallet['id']}").json() == wallet
    (row,) = manager.get(f"/wallets/{wallet['id']}/statement").json()["items"]
    assert (row["kind"], row["balance"]) == ("wallets.topped_up", 120000)
    day = house.lake.business_date(house.now).isoformat()
    told = manager.get(f"/wallets/{wallet['id']}/balances?as_of={day}").json()
    assert told["principal_amount"] == 100000
    assert len(manager.get(f"/wallets/top-ups?wallet_id={wallet['id']}").json()["items"]) == 1


def test_the_estimate_shows_its_steps_in_words_and_the_refund_pays_it(house: House, manager: Caller):
    house.term("wallet_refund", "PAID_SHARE")
    house.top_up(3000, offer=house.offer((3000, 1000)))
    house.spend(3594)
    wallet = house.wallet()
    worked = manager.get(f"/wallets/{wallet.pk}/refund-estimate?store_id={house.lake.pk}").json()
    assert (worked["refund_amount"], worked["forfeited_amount"]) == (30450, 10150)
    texts = [step["text"] for step in worked["parts"][0]["steps"]]
    assert any("3,594" in text and "4,000" in text for text in texts)
    body = {"store_id": house.lake.pk, "payment_kind": "CASH", "reason": "顾客要求", "reference": "r1"}
    paid = manager.post(f"/wallets/{wallet.pk}/refunds", body)
    assert (paid.status_code, paid.json()["amount"]) == (201, 30450)
    again = manager.post(f"/wallets/{wallet.pk}/refunds", body | {"reference": "r2"})
    assert again.json()["code"] == "nothing_to_refund"


def test_a_refund_above_the_limit_waits_for_a_second_person(house: House, manager: Caller):
    from decimal import Decimal

    from dianke.work import operations as work

    work.set_policy(
        operation="wallets.refund_wallet", limit=Decimal(500), checker_ids=[], expires_hours=72,
        is_active=True, actor=SYSTEM, now=house.now,
    )  # fmt: skip
    house.top_up(1000)
    body = {"store_id": house.lake.pk, "payment_kind": "CASH", "reason": "顾客要求", "reference": "r1"}
    refused = manager.post(f"/wallets/{house.wallet().pk}/refunds", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "approval_needed")
    assert not Refund.objects.exists()
    house.assert_wallet(1000)


def test_a_card_is_sold_used_and_taken_back(house: House, manager: Caller):
    kind = house.kind((house.hand, 5, 1, 150), price=500, needs_confirmation=True)
    body = {
        "customer_id": house.lin.pk, "kind_id": kind.pk, "store_id": house.lake.pk, "payment_kind": "CASH",
        "reference": "c1",
    }  # fmt: skip
    card = manager.post("/session-cards", body)
    assert card.status_code == 201, card.content
    assert [(item["left"], item["is_gifted"]) for item in card.json()["items"]] == [(5, False), (1, True)]
    pk = card.json()["id"]
    use = {
        "customer_id": house.lin.pk, "store_id": house.lake.pk, "reference": "u1",
        "uses": [{"card_id": pk, "variant_id": house.hand.pk, "count": 2}],
    }  # fmt: skip
    missing = manager.post("/session-cards/uses", use)
    assert (missing.status_code, missing.json()["code"]) == (403, "confirmation_missing")
    from django.utils import timezone

    code = wallets.code_now(house.lin, now=timezone.now())
    used = manager.post("/session-cards/uses", use | {"confirmation": code})
    assert used.status_code == 201, used.content
    assert (used.json()[0]["confirmed"], used.json()[0]["lines"][0]["value_amount"]) == ("PHONE", 20000)
    assert manager.get(f"/session-cards/{pk}").json()["items"][0]["left"] == 3
    assert len(manager.get(f"/session-cards/uses?card_id={pk}").json()["items"]) == 1
    undone = manager.post(f"/session-cards/uses/{used.json()[0]['id']}/undo", {"reason": "点错"})
    assert undone.json()["undone_at"]
    assert manager.get(f"/session-cards/{pk}").json()["items"][0]["left"] == 5
    worked = manager.get(f"/session-cards/{pk}/refund-estimate").json()
    assert worked["refund_amount"] == 50000
    (listed,) = manager.get("/session-cards?is_open=true").json()["items"]
    assert listed["id"] == pk


def test_a_card_is_frozen_extended_reissued_transferred_and_converted(house: House, manager: Caller):
    card = house.sell(house.kind((house.hand, 5, 0, 150), price=500, valid_days=30))
    path = f"/session-cards/{card.pk}"
    assert manager.post(f"{path}/freeze", {"reason": "挂失", "is_lost": True}).status_code == 201
    assert Freeze.objects.get().kind == "LOST"
    new = manager.post(f"{path}/reissue", {"reason": "补卡"}).json()
    assert new["number"] != card.number
    assert manager.post(f"{path}/unfreeze", {"reason": "恢复"}).json()["code"] == "prepaid_not_frozen"
    later = (card.expires_on + timedelta(days=10)).isoformat()
    extended = manager.post(f"{path}/extensions", {"to_date": later, "reason": "住院"})
    assert (extended.status_code, extended.json()["after"]) == (201, later)
    large = house.kind((house.hand, 10, 0, 150), price=900)
    body = {
        "kind_id": large.pk, "store_id": house.lake.pk, "payment_kind": "CASH", "reason": "升级",
        "reference": "v1",
    }  # fmt: skip
    made = manager.post(f"{path}/conversions", body)
    assert (made.status_code, made.json()["items"][0]["left"]) == (201, 10)
    move = {"to_customer_id": house.wang.pk, "store_id": house.lake.pk, "reason": "转", "reference": "m1"}
    moved = manager.post(f"/session-cards/{made.json()['id']}/transfers", move)
    assert (moved.status_code, moved.json()["to_customer_id"]) == (201, house.wang.pk)


def test_a_wallet_is_frozen_reissued_transferred_and_a_top_up_taken_back(house: House, manager: Caller):
    wrong = house.top_up(50)
    undone = manager.post(f"/wallets/top-ups/{wrong.pk}/undo", {"reason": "输错"})
    assert undone.status_code == 200, undone.content
    house.top_up(100)
    path = f"/wallets/{house.wallet().pk}"
    number = house.wallet().number
    assert manager.post(f"{path}/freeze", {"reason": "本人要求"}).status_code == 201
    assert manager.post(f"{path}/unfreeze", {"reason": "本人到店"}).json()["ended_at"]
    assert manager.post(f"{path}/reissue", {"reason": "换卡"}).json()["number"] != number
    move = {"to_customer_id": house.wang.pk, "store_id": house.lake.pk, "reason": "转", "reference": "m1"}
    moved = manager.post(f"{path}/transfers", move)
    assert (moved.status_code, moved.json()["principal_amount"]) == (201, 10000)
    house.assert_wallet(100, of=house.wang)


def test_a_clerk_tops_up_and_uses_but_does_not_pay_back_or_set_rules(house: House):
    clerk = hired(house, "CLERK")
    made = clerk.post("/wallets/top-ups", top_up(house))
    assert made.status_code == 201
    path = f"/wallets/{made.json()['wallet_id']}"
    refund = {"store_id": house.lake.pk, "payment_kind": "CASH", "reason": "x", "reference": "r"}
    rule = {"code": "named_cap", "value": "1", "from_date": "2026-01-01", "source": "x"}
    for call in (
        partial(clerk.post, f"{path}/refunds", refund),
        partial(clerk.post, f"{path}/freeze", {"reason": "x"}),
        partial(
            clerk.post, "/top-up-offers", {"name": "x", "steps": [{"paid_amount": 1, "bonus_amount": 1}]}
        ),
        partial(clerk.post, "/prepaid-terms", rule),
    ):
        assert call().status_code == 403
    house.top_up(10, customer=house.wang, store=house.harbour)
    type(house.wang).objects.filter(pk=house.wang.pk).update(store=house.harbour)
    elsewhere = house.wallet(house.wang, house.ocean)
    assert clerk.get(f"/wallets/{elsewhere.pk}").status_code == 404
    refused = clerk.post("/wallets/top-ups", top_up(house, customer_id=house.wang.pk, reference="t2"))
    assert refused.json()["errors"][0]["field"] == "customer_id"
    refused = clerk.post("/wallets/top-ups", top_up(house, store_id=house.harbour.pk, reference="t3"))
    assert refused.json()["errors"][0]["field"] == "store_id"


def test_offers_kinds_and_rules_are_set_up_by_who_heads_the_business(house: House):
    caller = hired(house, "OWNER")
    offer = caller.post(
        "/top-up-offers",
        {"name": "充1000送200", "steps": [{"paid_amount": 100000, "bonus_amount": 20000}], "bonus_days": 90},
    )
    assert offer.status_code == 201, offer.content
    path = f"/top-up-offers/{offer.json()['id']}"
    changed = caller.patch(path, {"name": "周年庆", "store_ids": [house.lake.pk]}).json()
    assert (changed["name"], changed["store_ids"], len(changed["steps"])) == ("周年庆", [house.lake.pk], 1)
    assert caller.patch(path, {}).status_code == 200
    assert caller.post(f"{path}/end").json()["ended_at"]
    assert caller.post(f"{path}/end").json()["code"] == "offer_already_ended"
    kind = caller.post(
        "/session-card-kinds",
        {
            "name": "手部10次",
            "price_amount": 98000,
            "items": [{"variant_id": house.hand.pk, "paid_count": 10, "gifted_count": 2}],
        },
    )
    assert kind.json()["items"][0]["unit_amount"] == 15000
    path = f"/session-card-kinds/{kind.json()['id']}"
    assert caller.patch(path, {"price_amount": 88000}).json()["price_amount"] == 88000
    wrong = {"items": [{"variant_id": house.scarf.pk, "paid_count": 1}]}
    assert caller.patch(path, wrong).json()["code"] == "not_a_service"
    assert caller.post(f"{path}/end").json()["ended_at"]
    term = caller.post(
        "/prepaid-terms",
        {"code": "named_cap", "value": "500000", "from_date": "2026-01-01", "source": "单用途卡办法"},
    )
    assert term.status_code == 201
    (listed,) = caller.get("/prepaid-terms?code=named_cap").json()["items"]
    assert listed["checked_at"]
    assert caller.post(f"/prepaid-terms/{listed['id']}/check").status_code == 200
    bad = caller.post(
        "/prepaid-terms", {"code": "named_cap", "value": "many", "from_date": "2026-02-01", "source": "x"}
    )
    assert bad.json()["code"] == "term_value_wrong"
    gift = {
        "customer_id": house.lin.pk, "store_id": house.lake.pk, "amount": 5000, "reason": "开业",
        "reference": "g1",
    }  # fmt: skip
    assert caller.post("/wallets/gifts", gift).json()["promotional_amount"] == 5000


def test_lists_take_the_same_number_of_statements_however_long(
    house: House, manager: Caller, django_assert_max_num_queries
):
    for customer in (house.lin, house.wang):
        house.top_up(10, customer=customer)
        house.sell(house.kind((house.hand, 5, 1, 150), price=500), customer)
    for path in ("/wallets", "/session-cards", "/wallets/top-ups", "/session-card-kinds", "/top-up-offers"):
        with django_assert_max_num_queries(20):
            assert manager.get(path).status_code == 200
