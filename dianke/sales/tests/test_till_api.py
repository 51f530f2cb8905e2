"""What tills read and send over HTTP: goods by pages and by changes, settings, members, codes, batches of sales."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dianke.access.devices import cookie_name
from dianke.access.models import Device
from dianke.access.operations.tills import token_hash
from dianke.catalog.models import PriceList, PriceListItem, Product, Variant
from dianke.config.operations import switch_module
from dianke.core.actor import SYSTEM
from dianke.customers.tests.cast import make_customer
from dianke.sales.models import DeviceGap, Order
from dianke.sales.operations.offline import issue_grant
from dianke.sales.tests.counter import Counter, make_counter
from dianke.stores.models import Staff
from dianke.stores.operations import hire_staff
from dianke.stores.tests.cast import FIRST_DAY, role_named
from dianke.wallets import operations as wallets

pytestmark = pytest.mark.django_db
ID, NAME, AMOUNT, TIERS, STEPS, CODES, WORDS = 0, 2, 11, 12, 13, 14, 16


@pytest.fixture
def counter(db: None) -> Counter:
    made = make_counter(timezone.now())
    switch_module(module="till", is_on=True, actor=SYSTEM, now=made.now)
    return made


@pytest.fixture
def people(counter: Counter) -> dict[str, Staff]:
    shop = counter.shop
    posts = (
        ("clerk", "CLERK", shop.lake),
        ("auditor", "AUDITOR", None),
        ("southerner", "CLERK", shop.harbour),
    )
    return {
        name: hire_staff(
            username=name,
            name=name,
            number=f"{number:03}",
            legal_entity=shop.lake.legal_entity,
            hired_on=FIRST_DAY,
            role=role_named(role),
            store=place,
            actor=SYSTEM,
            now=counter.now,
        )
        for number, (name, role, place) in enumerate(posts, 1)
    }


@pytest.fixture
def call(people: dict[str, Staff]):
    def send(
        method: str, path: str, body: Any = None, who: str = "clerk", cookie: str = ""
    ) -> tuple[int, Any]:
        client = Client()
        client.force_login(people[who].user, backend="django.contrib.auth.backends.ModelBackend")
        session, stamp = client.session, timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        if cookie:
            client.cookies[cookie_name()] = cookie
        more = {"data": body, "content_type": "application/json"} if body is not None else {}
        answer = getattr(client, method)(path if path == "/till/" else f"/api/v1{path}", **more)
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status_code, answer.json() if is_json else answer.content

    return send


@pytest.fixture
def device(counter: Counter) -> Device:
    return Device.objects.create(
        name="1号机",
        store_id=counter.store.pk,
        token_hash=token_hash("t1"),
        enrolled_at=counter.now,
        last_seen_at=counter.now,
    )


def goods(call, counter: Counter, **query: Any) -> Any:
    asked = "&".join(f"{name}={value}" for name, value in {"store_id": counter.store.pk, **query}.items())
    status, page = call("get", f"/till/goods?{asked}")
    assert status == 200, page
    return page


def test_a_till_reads_goods_with_prices_of_levels_steps_and_pinyin(call, counter: Counter) -> None:
    special = PriceList.objects.create(
        code="VIP", name="贵宾价", currency="CNY", tiers=["vip"], state="ACTIVE"
    )
    PriceListItem.objects.create(price_list=special, variant=counter.scarf, price_amount=9_000)
    many = PriceList.objects.create(code="MANY", name="满十件", currency="CNY", state="ACTIVE")
    PriceListItem.objects.create(
        price_list=many, product=counter.scarf.product, min_quantity=10, price_amount=8_000
    )
    page = goods(call, counter)
    rows = {row[ID]: row for row in page["rows"]}
    row = rows[counter.scarf.pk]
    assert (row[AMOUNT], row[TIERS]) == (10_000, {"vip": 9_000})
    assert row[STEPS] == [["10", 8_000, {"vip": 9_000}]]
    assert rows[counter.hat.pk][TIERS] is None
    assert page["count"] == len(rows) == Variant.objects.sellable().count()
    assert page["next"] == ""


def test_pages_take_the_same_number_of_statements_however_long_they_are(call, counter: Counter) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            goods(call, counter)
        return len(asked)

    before = count()
    first = counter.scarf.product
    for number in range(30):
        more = Product.objects.create(
            code=f"M{number}",
            name=f"商品{number}",
            unit=first.unit,
            created_at=counter.now,
            changed_at=counter.now,
        )
        Variant.objects.create(product=more, code=f"M{number}", price_amount=100)
    assert count() == before


def test_a_mark_brings_only_what_changed_and_what_is_gone(call, counter: Counter) -> None:
    Product.objects.update(changed_at=counter.now - timedelta(days=2))
    mark = goods(call, counter)["mark"].replace("+", "%2B")
    assert goods(call, counter, since=mark)["rows"] == []
    Product.objects.filter(pk=counter.scarf.product_id).update(name="新围巾", changed_at=timezone.now())
    Product.objects.filter(pk=counter.hat.product_id).update(state="ARCHIVED", changed_at=timezone.now())
    page = goods(call, counter, since=mark)
    assert [row[NAME] for row in page["rows"]] == ["新围巾 红"]
    assert page["gone"] == [counter.hat.pk]
    status, problem = call("get", f"/till/goods?store_id={counter.store.pk}&since=yesterday")
    assert (status, problem["code"]) == (422, "till_mark_wrong")


def test_settings_name_payments_people_and_offers_and_a_version_of_all(
    call, counter: Counter, people: dict[str, Staff]
) -> None:
    status, found = call("get", f"/till/settings?store_id={counter.store.pk}")
    assert status == 200
    assert "CASH" in {tender["code"] for tender in found["tenders"]}
    assert "EXCHANGE" not in {tender["code"] for tender in found["tenders"]}
    assert people["clerk"].user_id in {person["id"] for person in found["people"]}
    assert call("get", f"/till/settings?store_id={counter.store.pk}")[1]["version"] == found["version"]
    assert call("get", f"/till/settings?store_id={counter.store.pk}", who="southerner")[0] == 404


def test_a_member_comes_with_level_points_coupons_and_value_and_the_phone_masked(
    call, counter: Counter
) -> None:
    counter.programme()
    customer = counter.member()
    counter.give_points(customer, 300)
    counter.top_up(customer, 10_000)
    status, found = call("get", f"/till/members/{customer.pk}?store_id={counter.store.pk}")
    assert status == 200
    assert found["standing"]["points"] == 300
    assert found["standing"]["worth"] == {"points": 100, "amount": 100, "step": 1, "cap_bp": 10_000}
    assert found["wallet"]["spendable_amount"] == 10_000
    assert found["advice"]
    listed = call("get", f"/till/members?store_id={counter.store.pk}&q=王小明")[1]["members"]
    assert [each["id"] for each in listed] == [customer.pk]
    code = call("get", f"/till/scan?store_id={counter.store.pk}&code={customer.member_number}")[1]
    assert (code["kind"], code["member"]["id"]) == ("member", customer.pk)


def test_a_scan_finds_goods_receipts_and_nothing(call, counter: Counter) -> None:
    order = counter.sell((counter.scarf, 1), payments=[("CASH", 10_000)])
    found = call("get", f"/till/scan?store_id={counter.store.pk}&code={counter.scarf.code}")[1]
    assert (found["kind"], found["row"][ID]) == ("good", counter.scarf.pk)
    found = call("get", f"/till/scan?store_id={counter.store.pk}&code={order.number}")[1]
    assert (found["kind"], found["order"]["id"]) == ("receipt", order.pk)
    assert call("get", f"/till/scan?store_id={counter.store.pk}&code=nothing-here")[1]["kind"] == "none"
    listed = call("get", f"/till/orders?store_id={counter.store.pk}&q={order.number[-4:]}")[1]["orders"]
    assert [each["number"] for each in listed] == [order.number]


def test_past_sales_are_found_by_the_members_phone_and_say_what_came_back(call, counter: Counter) -> None:
    member = make_customer("李静", "13812345678", store=counter.store, now=counter.now)
    hers = counter.sell((counter.scarf, 1), payments=[("CASH", 10_000)], customer=member)
    other = counter.sell((counter.hat, 1), payments=[("CASH", 5_000)])
    counter.give_back(hers)

    def listed(text: str, who: str = "clerk") -> Any:
        status, found = call("get", f"/till/orders?store_id={counter.store.pk}&q={text}", who=who)
        assert status == 200, found
        return [(each["number"], each["is_returned"]) for each in found["orders"]]

    assert listed("") == [(other.number, False), (hers.number, True)]
    assert listed("5678") == [(hers.number, True)]
    assert listed("李静") == [(hers.number, True)]
    assert listed("9999") == []
    assert call("get", f"/till/orders?store_id={counter.store.pk}", who="southerner")[0] == 404


def test_what_a_customer_can_pay_ahead_for_is_what_holds_for_them_here(call, counter: Counter) -> None:
    member = counter.member()
    usual: dict[str, Any] = {"actor": SYSTEM, "now": counter.now}
    began = {"currency": "CNY", "starts_at": counter.now - timedelta(days=1)}
    steps = [wallets.StepIn(50_000, 5_000, 1_000)]
    offer = wallets.make_offer(values={"name": "充送", **began}, steps=steps, stores=[], **usual)
    values = {"name": "限一次", **began, "per_customer": 1}
    once = wallets.make_offer(values=values, steps=steps, stores=[], **usual)
    wallets.make_offer(values={"name": "别店", **began}, steps=steps, stores=[counter.shop.harbour], **usual)
    items = [wallets.ItemIn(counter.care.pk, 10, 1)]
    card = {"name": "护手十次", "price_amount": 150_000, "valid_days": 365}
    kind = wallets.make_card_kind(values=card, items=items, stores=[], **usual)
    path = f"/till/prepaid?store_id={counter.store.pk}&customer_id={member.pk}"
    status, found = call("get", path)
    assert status == 200
    assert [each["id"] for each in found["offers"]] == [offer.pk, once.pk]
    assert found["offers"][0]["steps"] == [{"paid_amount": 50_000, "given_amount": 6_000}]
    assert [(each["id"], each["price_amount"]) for each in found["kinds"]] == [(kind.pk, 150_000)]
    assert [(each["count"], each["gifted"]) for each in found["kinds"][0]["items"]] == [(10, 1)]
    assert found["cash_below"] == 5_000_000
    line = {"kind": "TOP_UP", "name": "充值", "amount": 50_000, "data": {"offer_id": once.pk}}
    sold = sale(counter, 1, customer_id=member.pk, is_offline=False, device_sequence=None) | {
        "items": [{"key": "t", **line}],
        "payments": [{"uuid": str(uuid4()), "tender": "CASH", "amount": 50_000}],
    }
    assert call("post", "/sales", sold)[0] == 201
    assert [each["id"] for each in call("get", path)[1]["offers"]] == [offer.pk]
    assert call("get", path, who="auditor")[0] == 403
    assert call("get", path, who="southerner")[0] == 404


def sale(counter: Counter, number: int, **more: Any) -> dict[str, Any]:
    return {
        "uuid": str(uuid4()),
        "store_id": counter.store.pk,
        "channel": "TILL",
        "items": [{"key": "a", "variant_id": counter.socks.pk, "quantity": "1", "sold_amount": 999}],
        "payments": [{"uuid": str(uuid4()), "tender": "CASH", "amount": 999}],
        "is_offline": True,
        "device_sequence": number,
        "occurred_at": timezone.now().isoformat(),
        "device_at": timezone.now().isoformat(),
    } | more


def test_a_broken_sale_of_a_batch_holds_up_no_other_and_a_repeat_takes_nothing_twice(
    call, counter: Counter, device: Device
) -> None:
    token = issue_grant(device=device, store=counter.store, actor=SYSTEM, now=timezone.now()).token
    own = {"device_id": device.pk, "grant_token": token}
    sales = [sale(counter, number, **own) for number in range(1, 6)]
    sales[1]["items"] = [{"key": "a", "variant_id": 999_999, "sold_amount": 999}]
    sales[2] = {"uuid": sales[2]["uuid"], "nonsense": True}
    status, found = call("post", "/sales/batch", {"sales": sales})
    assert status == 200
    assert [answer["status"] for answer in found["answers"]] == [201, 422, 422, 201, 201]
    assert [answer["uuid"] for answer in found["answers"]] == [each["uuid"] for each in sales]
    assert found["answers"][1]["problem"]["code"] == "not_for_sale"
    assert Order.objects.count() == 3
    again = call("post", "/sales/batch", {"sales": sales})[1]["answers"]
    assert [answer["status"] for answer in again] == [201, 422, 422, 201, 201]
    assert again[0]["order"]["number"] == found["answers"][0]["order"]["number"]
    assert Order.objects.count() == 3
    assert list(DeviceGap.objects.values_list("first", "last")) == [(2, 3)]
    other = sales[0] | {"note": "anders"}
    (differs,) = call("post", "/sales/batch", {"sales": [other]})[1]["answers"]
    assert (differs["status"], differs["problem"]["code"]) == (409, "sale_differs")
    assert differs["order"]["number"] == found["answers"][0]["order"]["number"]


def test_an_unknown_customer_or_till_of_a_batch_refuses_that_sale_alone(
    call, counter: Counter, device: Device
) -> None:
    token = issue_grant(device=device, store=counter.store, actor=SYSTEM, now=timezone.now()).token
    own = {"device_id": device.pk, "grant_token": token}
    sales = [sale(counter, number, **own) for number in range(1, 5)]
    sales[1]["customer_id"] = 999_999
    sales[2]["device_id"] = 999_999
    found = call("post", "/sales/batch", {"sales": sales})[1]["answers"]
    assert [answer["status"] for answer in found] == [201, 422, 422, 201]
    assert found[1]["problem"]["field"] == "customer_id"
    assert found[2]["problem"]["field"] == "device_id"
    assert Order.objects.count() == 2


def test_the_service_worker_names_every_file_and_its_scope(call, counter: Counter) -> None:
    answer = Client().get("/till/sw.js")
    assert answer.status_code == 200
    assert answer["Service-Worker-Allowed"] == "/till/"
    script = answer.content.decode()
    for name in ("machine/till.js", "pricing/engine.js", "vendor/till/dexie.js", "web/css/tokens.css"):
        assert name in script


def test_the_page_hands_over_store_register_and_the_till_it_is(
    call, counter: Counter, device: Device
) -> None:
    cookie = signing.get_cookie_signer(salt=cookie_name() + "dianke.access.device").sign("t1")
    status, page = call("get", "/till/", cookie=cookie)
    assert status == 200
    text = page.decode()
    assert 'id="till-boot"' in text
    assert '"next_number": 1' in text
    assert call("get", "/till/", who="auditor")[0] == 403
