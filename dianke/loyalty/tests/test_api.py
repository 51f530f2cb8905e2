"""Levels and points through the API, as tills and other systems use them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from dianke.access.models import Role
from dianke.core.actor import SYSTEM
from dianke.customers.tests.cast import make_customer, make_house
from dianke.loyalty import tasks
from dianke.loyalty.tests.shop import Shop
from dianke.stores import operations as stores
from dianke.stores.models import Merchant
from dianke.stores.tests.cast import FIRST_DAY, Cast
from tests.api.conftest import key_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db, now) -> Cast:
    return make_house(now)


@pytest.fixture
def hire(cast, now):
    """`hire("lin", "CLERK", cast.lake)`: that person, with a key to the API."""
    Merchant.objects.get_or_create(name="云裳美业")

    def make(username: str, role: str, store=None):
        staff = stores.hire_staff(
            username=username, name=username, number=username, legal_entity=cast.lake.legal_entity,
            hired_on=FIRST_DAY, phone="", role=Role.objects.get(code=role), store=store, actor=SYSTEM, now=now,
        )  # fmt: skip
        return key_of(staff.user)

    return make


def test_the_programme_is_read_and_changed(shop: Shop, hire):
    shop.open()
    owner, clerk = hire("owner1", "OWNER"), hire("clerk1", "CLERK")
    assert clerk.get("/loyalty-programme").json()["worth_points"] == 100
    assert clerk.patch("/loyalty-programme", {"pending_days": 3}).status_code == 403
    assert owner.patch("/loyalty-programme", {"pending_days": 3}).json()["pending_days"] == 3
    wrong = owner.patch("/loyalty-programme", {"time_zone": "Mars/Base"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "loyalty_time_zone_unknown")
    made = owner.post("/loyalty-levels", {"code": "black", "name": "黑卡", "price_amount": 99900})
    assert (made.status_code, made.json()["rank"]) == (201, 30)
    again = owner.post("/loyalty-levels", {"code": "black", "name": "黑"})
    assert (again.status_code, again.json()["code"]) == (409, "loyalty_level_taken")
    url = f"/loyalty-levels/{made.json()['id']}"
    assert owner.patch(url, {"discount_bp": 500}).json()["discount_bp"] == 500
    assert owner.post(f"{url}/archive", {}).json()["archived_at"]
    for path, body in (
        ("/loyalty-rules", {"name": "周末双倍", "kind": "MULTIPLY", "factor_bp": 20000, "weekdays": [5, 6]}),
        ("/loyalty-gifts", {"name": "生日", "occasion": "BIRTHDAY", "points": 100}),
        ("/loyalty-rewards", {"name": "杯子", "points": 100}),
    ):
        row = owner.post(path, body)
        assert row.status_code == 201, row.content
        assert owner.patch(f"{path}/{row.json()['id']}", {"is_active": False}).json()["is_active"] is False
        assert len(clerk.get(path).json()["items"]) >= 1


def test_a_member_is_told_points_level_and_what_is_missing(shop: Shop, hire, cast):
    shop.open()
    clerk = hire("clerk1", "CLERK", cast.lake)
    wang = make_customer("王小明", store=cast.lake, now=shop.now)
    shop.sell(wang, 820_00)
    tasks.follow_sales(shop.now)
    found = clerk.get(f"/loyalty-members/{wang.pk}").json()
    assert (found["points"], found["level_code"], found["worth_amount"]) == (820, "regular", 820)
    assert found["next"]["missing"] == [
        {"name": "amount", "have": 820_00, "need": 1000_00, "missing": 180_00}
    ]
    (lot,) = clerk.get(f"/loyalty-members/{wang.pk}/lots").json()
    assert (lot["remaining"], lot["is_pending"]) == (820, False)
    lines = clerk.get(f"/loyalty-members/{wang.pk}/statement").json()
    assert [(row["points"], row["balance"]) for row in lines["items"]] == [(820, 820)]
    assert clerk.get(f"/loyalty-members/{wang.pk}/balance?on=2026-11-20").json()["points"] == 0
    assert clerk.get(f"/loyalty-members/{wang.pk}/balance?on=2026-11-21").json()["points"] == 820
    assert [row["why"] for row in clerk.get(f"/loyalty-members/{wang.pk}/level-changes").json()["items"]] == [
        "JOINED"
    ]
    (member,) = clerk.get("/loyalty-members").json()["items"]
    assert member["customer_id"] == wang.pk


def test_points_and_levels_by_hand_and_rewards(shop: Shop, hire, cast):
    shop.open()
    clerk, manager = hire("clerk1", "CLERK", cast.lake), hire("manager1", "STORE_MANAGER", cast.lake)
    wang = make_customer("王小明", store=cast.lake, now=shop.now)
    url, body = f"/loyalty-members/{wang.pk}", {"points": 300, "reason": "补偿", "key": str(uuid4())}
    assert clerk.post(f"{url}/adjustments", body).status_code == 403
    assert manager.post(f"{url}/adjustments", body).json()["is_repeat"] is False
    assert manager.post(f"{url}/adjustments", body).json()["is_repeat"] is True
    none = manager.post(f"{url}/adjustments", body | {"points": 0, "key": str(uuid4())})
    assert (none.status_code, none.json()["errors"][0]["field"]) == (422, "points")
    vip = shop.level("vip").pk
    given = manager.post(f"{url}/level-grants", {"level_id": vip, "reason": "老客"})
    assert given.status_code == 201, given.content
    assert clerk.get(url).json()["level_code"] == "vip"
    (grant,) = clerk.get(f"/loyalty-level-grants?customer_id={wang.pk}").json()["items"]
    assert manager.post(f"/loyalty-level-grants/{grant['id']}/withdraw", {}).json()["withdrawn_at"]
    assert clerk.get(url).json()["level_code"] == "regular"
    owner = hire("owner1", "OWNER")
    cup = owner.post("/loyalty-rewards", {"name": "杯子", "points": 120}).json()["id"]
    wish = {"reward_id": cup, "key": str(uuid4())}
    done = clerk.post(f"{url}/redemptions", wish)
    assert (done.status_code, done.json()["state"]) == (201, "READY")
    assert clerk.post(f"{url}/redemptions", wish).json()["id"] == done.json()["id"]
    assert clerk.get(url).json()["points"] == 180
    path = f"/loyalty-redemptions/{done.json()['id']}"
    assert clerk.post(f"{path}/hand-over", {}).json()["state"] == "GIVEN"
    assert clerk.post(f"{path}/cancel", {"reason": "拿错了"}).json()["state"] == "CANCELLED"
    assert clerk.get(url).json()["points"] == 300
    assert len(clerk.get("/loyalty-redemptions?state=CANCELLED").json()["items"]) == 1


def test_who_brought_whom(shop: Shop, hire, cast):
    shop.open(is_referring=True, referrer_points=100)
    clerk = hire("clerk1", "CLERK", cast.lake)
    li = make_customer("李", "13800000001", store=cast.lake, now=shop.now)
    wang = make_customer("王", "13800000002", store=cast.lake, now=shop.now)
    code = clerk.post(f"/loyalty-members/{li.pk}/referral-code", {}).json()["code"]
    claimed = clerk.post("/loyalty-referrals", {"customer_id": wang.pk, "code": code})
    assert (claimed.status_code, claimed.json()["state"]) == (201, "WAITING")
    own = clerk.post("/loyalty-referrals", {"customer_id": li.pk, "code": code})
    assert (own.status_code, own.json()["code"]) == (409, "referred_self")
    assert len(clerk.get("/loyalty-referrals").json()["items"]) == 1


def test_members_of_other_stores_are_not_there(shop: Shop, hire, cast):
    shop.open()
    clerk = hire("clerk1", "CLERK", cast.lake)
    other = make_customer("外", store=cast.road, now=shop.now)
    shop.sell(other, 10_00)
    tasks.follow_sales(shop.now)
    assert clerk.get(f"/loyalty-members/{other.pk}").status_code == 404
    assert clerk.get("/loyalty-members").json()["items"] == []
