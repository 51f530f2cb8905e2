"""The pages at the counter, of a wallet and a card, the settings and the customer's phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from dianke.access.models import Role
from dianke.core.actor import SYSTEM
from dianke.customers.models import PortalSession
from dianke.customers.queries.portal import token_hash
from dianke.customers.views.phone import cookie_name
from dianke.stores import operations as stores
from dianke.stores.models import Merchant
from dianke.wallets import operations as wallets
from dianke.wallets.models import Freeze, Offer, Refund, SessionCard, Term, TopUp, Transfer
from dianke.wallets.tests.people import House

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]


@pytest.fixture
def house(house: House) -> House:
    """Pages live now."""
    house.now = timezone.now()
    return house


@pytest.fixture
def browser(house: House) -> Browser:
    """`browser("STORE_MANAGER")`: somebody of that role at the lake store, signed in."""
    Merchant.objects.get_or_create(name="云裳美业")

    def sign_in(role: str) -> Client:
        staff = stores.hire_staff(
            username=role.lower(),
            name="林小满",
            number=role[:4],
            legal_entity=house.silk,
            hired_on=house.lake.opened_on,
            phone="",
            role=Role.objects.get(code=role),
            store=house.lake,
            actor=SYSTEM,
            now=house.now,
        )
        client = Client(headers={"accept-language": "zh-hans"})
        client.force_login(staff.user)
        session = client.session
        stamp = timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        return client

    return sign_in


@pytest.fixture
def phone(house: House) -> Client:
    """The phone of Lin, signed in."""
    PortalSession.objects.create(
        customer=house.lin,
        token_hash=token_hash("a" * 40),
        device="手机",
        created_at=house.now,
        last_used_at=house.now,
        expires_at=house.now.replace(year=house.now.year + 1),
    )
    client = Client(headers={"accept-language": "zh-hans"})
    client.cookies[cookie_name()] = "a" * 40
    return client


def text(response) -> str:
    return response.content.decode()


def key_in(response) -> str:
    return re.search(r'name="key" value="(\w+)"', text(response))[1]


def test_a_top_up_from_the_page_of_a_customer_happens_once_however_often_it_is_sent(
    house: House, browser: Browser
):
    offer, clerk = house.offer((1000, 200)), browser("CLERK")
    url = f"/customers/{house.lin.pk}/top-up/"
    form = clerk.get(url)
    assert form.status_code == 200, form.content
    assert "充 1000 送 200" in text(form)
    data = {
        "store": house.lake.pk, "paid_amount": "1000", "offer": offer.pk, "payment_kind": "WECHAT",
        "key": key_in(form),
    }  # fmt: skip
    assert clerk.post(url, data).status_code == 303
    assert clerk.post(url, data).status_code == 303
    assert TopUp.objects.count() == 1
    wallet = house.wallet()
    page = clerk.get(f"/wallets/{wallet.pk}/")
    assert page.status_code == 200
    assert "1,200.00" in text(page)
    refused = clerk.post(url, data | {"paid_amount": ""})
    assert refused.status_code == 422
    profile = clerk.get(f"/customers/{house.lin.pk}/dealings/")
    assert f"/wallets/{wallet.pk}/" in text(profile)


def test_the_working_is_shown_before_anything_is_paid_back(house: House, browser: Browser):
    house.term("wallet_refund", "PAID_SHARE")
    house.top_up(3000, offer=house.offer((3000, 1000)))
    house.spend(3594)
    manager, url = browser("STORE_MANAGER"), f"/wallets/{house.wallet().pk}/refund/"
    page = manager.get(url)
    assert page.status_code == 200, page.content
    for shown in ("2,695.50", "304.50", "101.50"):
        assert shown in text(page)
    assert not Refund.objects.exists()
    data = {"store": house.lake.pk, "payment_kind": "CASH", "reason": "顾客要求", "key": key_in(page)}
    assert manager.post(url, data).status_code == 303
    assert Refund.objects.get().amount == 30450
    house.assert_wallet(0)
    assert manager.get(url).status_code == 200


def test_a_wallet_is_frozen_unfrozen_reissued_and_transferred(house: House, browser: Browser):
    house.top_up(100)
    manager, path = browser("STORE_MANAGER"), f"/wallets/{house.wallet().pk}/"
    assert manager.post(f"{path}freeze/", {"reason": "本人要求"}).status_code == 303
    assert "本人要求" in text(manager.get(path))
    assert manager.post(f"{path}unfreeze/", {"reason": "到店"}).status_code == 303
    assert Freeze.objects.get().ended_at
    before = house.wallet().number
    assert manager.post(f"{path}reissue/", {"reason": "补卡"}).status_code == 303
    assert house.wallet().number != before
    form = manager.get(f"{path}transfer/")
    data = {"store": house.lake.pk, "to": "13987654321", "reason": "转给家人", "key": key_in(form)}
    wrong = manager.post(f"{path}transfer/", data | {"to": "没有这个人"})
    assert wrong.status_code == 422
    assert manager.post(f"{path}transfer/", data).status_code == 303
    assert Transfer.objects.get().to_customer == house.wang


def test_a_card_is_sold_and_used_with_the_code_of_the_phone(house: House, browser: Browser, phone: Client):
    kind = house.kind((house.hand, 5, 1, 150), (house.face, 2, 0, 150), price=900, needs_confirmation=True)
    manager, url = browser("STORE_MANAGER"), f"/customers/{house.lin.pk}/session-cards/new/"
    form = manager.get(url)
    data = {"store": house.lake.pk, "kind": kind.pk, "payment_kind": "CASH", "key": key_in(form)}
    assert manager.post(url, data).status_code == 303
    card = SessionCard.objects.get()
    path = f"/session-cards/{card.pk}/"
    assert "手部护理" in text(manager.get(path))
    shown = text(phone.get("/m/prepaid/code/"))
    code = re.search(r"cp-number num\">(\d{3} \d{3})<", shown)[1]
    use = manager.get(f"{path}use/")
    data = {
        "store": house.lake.pk,
        f"count_{house.hand.pk}": "2",
        f"count_{house.face.pk}": "1",
        "key": key_in(use),
    }
    without = manager.post(f"{path}use/", data)
    assert without.status_code == 422
    done = manager.post(f"{path}use/", data | {"confirmation": code})
    assert done.status_code == 303, text(done)
    house.assert_card(card, hand=(3, 1, 385.71), face=(1, 0, 128.57))
    assert "手部护理 × 2" in text(manager.get(path))
    used = card.uses.get()
    assert manager.post(f"/session-cards/uses/{used.pk}/undo/", {"reason": "点错"}).status_code == 303
    house.assert_card(card, hand=(5, 1, 642.86), face=(2, 0, 257.14))


def test_a_card_is_extended_frozen_refunded_with_its_working(house: House, browser: Browser):
    card = house.sell(house.kind((house.hand, 10, 2, 150), price=1000, valid_days=30))
    house.use(card, (house.hand, 4))
    manager, path = browser("STORE_MANAGER"), f"/session-cards/{card.pk}/"
    extended = manager.post(f"{path}extend/", {"to_date": "2030-01-01", "reason": "住院"})
    assert extended.status_code == 303
    card.refresh_from_db()
    assert card.expires_on == date(2030, 1, 1)
    assert manager.post(f"{path}freeze/", {"reason": "暂停"}).status_code == 303
    assert manager.post(f"{path}unfreeze/", {"reason": "恢复"}).status_code == 303
    assert manager.post(f"{path}reissue/", {"reason": "换"}).status_code == 303
    page = manager.get(f"{path}refund/")
    assert "600.00" in text(page)
    data = {"store": house.lake.pk, "payment_kind": "CASH", "reason": "搬家", "key": key_in(page)}
    assert manager.post(f"{path}refund/", data).status_code == 303
    assert Refund.objects.get().amount == 60000
    other = house.sell(house.kind((house.hand, 1, 0, 150), price=100))
    path = f"/session-cards/{other.pk}/transfer/"
    data = {"store": house.lake.pk, "to": "13987654321", "reason": "送人", "key": key_in(manager.get(path))}
    assert manager.post(path, data).status_code == 303
    other.refresh_from_db()
    assert other.customer == house.wang


def test_a_card_is_turned_into_a_dearer_one_after_a_look_at_the_working(house: House, browser: Browser):
    card = house.sell(house.kind((house.hand, 4, 0, 150), price=400))
    house.use(card, (house.hand, 1))
    large = house.kind((house.hand, 10, 1, 150), price=1200)
    cheap = house.kind((house.hand, 1, 0, 150), price=100)
    manager, path = browser("STORE_MANAGER"), f"/session-cards/{card.pk}/convert/"
    assert path in text(manager.get(f"/session-cards/{card.pk}/"))
    choices = text(manager.get(path))
    assert f"?kind={large.pk}" in choices
    assert "¥900.00" in choices
    assert f"?kind={cheap.pk}" not in choices
    page = manager.get(f"{path}?kind={large.pk}")
    assert "¥300.00" in text(page)
    assert '<form class="dk-form"' not in text(manager.get(f"{path}?kind={cheap.pk}"))
    data = {"key": key_in(page), "store": house.lake.pk, "payment_kind": "WECHAT", "reason": ""}
    assert manager.post(f"{path}?kind={large.pk}", data).status_code == 422
    for _sent_twice in range(2):
        assert manager.post(f"{path}?kind={large.pk}", data | {"reason": "升级"}).status_code == 303
    made = SessionCard.objects.get(kind=large)
    assert made.converted_from.credited_amount == 300_00
    assert made.converted_from.card == card
    assert manager.get(path).status_code == 302
    assert browser("MARKETER").get(path).status_code == 403


def test_lists_find_wallets_and_cards_by_customer(house: House, browser: Browser):
    house.top_up(100)
    house.top_up(50, customer=house.wang)
    house.sell(house.kind((house.hand, 3, 0, 150), price=300))
    manager = browser("STORE_MANAGER")
    assert "林小满" in text(manager.get("/wallets/"))
    found = text(manager.get("/wallets/?q=王小明"))
    assert "王小明" in found
    assert "100.00" not in found
    assert "林小满" in text(manager.get("/session-cards/?q=林小满"))


def test_offers_kinds_and_rules_are_set_up(house: House, browser: Browser):
    owner = browser("OWNER")
    made = owner.post(
        "/settings/top-up-offers/new/",
        {"name": "充值有礼", "steps": "500+50\n1000 200", "levels": "金卡 银卡"},
    )
    assert made.status_code == 303, text(made)
    offer = Offer.objects.get()
    assert [(s.paid_amount, s.bonus_amount) for s in offer.steps.all()] == [(50000, 5000), (100000, 20000)]
    assert offer.levels == ["金卡", "银卡"]
    wrong = owner.post("/settings/top-up-offers/new/", {"name": "坏的", "steps": "五百送五十"})
    assert wrong.status_code == 422
    path = f"/settings/top-up-offers/{offer.pk}/"
    assert "1000+200" in text(owner.get(path))
    assert owner.post(path, {"name": "周年庆", "steps": "1000+300"}).status_code == 303
    assert owner.post(f"{path}end/").status_code == 303
    assert "周年庆" in text(owner.get("/settings/top-up-offers/"))
    kind = {
        "name": "手部10次", "price_amount": "980", "items": "HL1 10+2", "starts": "AT_SALE",
        "needs_confirmation": "on",
    }  # fmt: skip
    made = owner.post("/settings/session-card-kinds/new/", kind)
    assert made.status_code == 303, text(made)
    assert "手部10次" in text(owner.get("/settings/session-card-kinds/"))
    assert (
        owner.post("/settings/session-card-kinds/new/", kind | {"items": "WJ1 3", "name": "x"}).status_code
        == 422
    )
    rule = {"code": "named_cap", "value": "5000", "from_date": "2026-01-01", "source": "单用途卡办法"}
    assert owner.post("/settings/prepaid-rules/new/", rule).status_code == 303
    term = Term.objects.get()
    assert term.value == "500000"
    page = text(owner.get("/settings/prepaid-rules/"))
    assert "5,000.00" in page
    assert "单用途卡办法" in page
    assert owner.post(f"/settings/prepaid-rules/{term.pk}/check/").status_code == 303
    assert owner.get(f"/settings/prepaid-rules/{term.pk}/end/").status_code == 200
    manager = browser("STORE_MANAGER")
    assert manager.get("/settings/prepaid-rules/").status_code == 200
    assert manager.post("/settings/prepaid-rules/new/", rule).status_code == 403


def test_the_phone_shows_balances_cards_the_statement_and_what_a_refund_comes_to(house: House, phone: Client):
    house.term("wallet_refund", "PAID_SHARE")
    house.top_up(1000, offer=house.offer((1000, 200), bonus_days=30))
    house.spend(100)
    card = house.sell(house.kind((house.hand, 5, 1, 150), price=500))
    house.use(card, (house.hand, 1))
    assert "1,100.00" in text(phone.get("/m/"))
    page = text(phone.get("/m/prepaid/"))
    for shown in ("1,000.00", "100.00", "手部护理 × 1"):
        assert shown in page
    worked = text(phone.get("/m/prepaid/refunds/"))
    assert "916.67" in worked
    assert "400.00" in worked
    assert "data-reload-in" in text(phone.get("/m/prepaid/code/"))
    assert Client().get("/m/prepaid/").status_code == 302


def test_a_receipt_goes_to_the_proven_phone_with_what_is_left(house: House):
    from dianke.core import messages
    from dianke.wallets.tasks import deliver_receipt

    card = house.sell(house.kind((house.hand, 5, 1, 150), price=500))
    house.use(card, (house.hand, 1))
    with messages.recorded() as sent:
        assert deliver_receipt("wallets.sessions_used", house.lin.pk, {"count": "1"}, now=house.now)
        assert not deliver_receipt("wallets.sessions_used", house.wang.pk, {"count": "1"}, now=house.now)
    assert (sent[0].to, sent[0].template) == ("+8613812345678", "wallets.sessions_used")
    assert "5" in sent[0].text


def test_every_move_of_prepaid_value_queues_receipts_for_whom_it_concerns(house: House, monkeypatch):
    from dianke.events.models import Event
    from dianke.wallets import tasks

    queued: list[dict] = []

    class Job:
        def defer(self, **arguments):
            queued.append(arguments)

    monkeypatch.setattr(tasks.send_receipt, "configure", lambda **_options: Job())
    house.top_up(100)
    tasks.tell_customers(Event.objects.filter(kind="wallets.topped_up").latest("pk"), now=house.now)
    assert [(job["kind"], job["customer_id"]) for job in queued] == [("wallets.topped_up", house.lin.pk)]


def test_what_is_left_stands_in_the_way_of_erasing_and_stays_apart_in_a_merge(house: House):
    from dianke.customers.queries.rights import erasure_blockers
    from dianke.customers.rules.merging import account_views

    house.top_up(100)
    house.sell(house.kind((house.hand, 3, 0, 150), price=300))
    assert len(erasure_blockers([house.lin.pk])) == 2
    (view,) = [view for view in account_views() if view.code == "wallets"]
    found = str(view.count_for([house.lin.pk, house.wang.pk])[house.lin.pk])
    assert "100.00" in found
    assert "3" in found
    given = {"wallet": house.wallet(), "payment_kind": "CASH", "reason": "退"}
    wallets.refund_wallet(**house.usual(given))
    assert len(erasure_blockers([house.lin.pk])) == 1
