"""The first start: six questions, one business, never twice, and only for whoever sits there or holds the token."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dianke.access.models import User
from dianke.config import setup_token
from dianke.config.models import StorePreset
from dianke.config.modules import modules_on
from dianke.config.prepare import Prepared
from dianke.config.serve import greet
from dianke.config.setup_forms import guess_place, suggest_store_code, suggest_username
from dianke.events.models import Event
from dianke.stores.models import LegalEntity, Merchant, Posting, Store

pytestmark = pytest.mark.django_db

ACCOUNT = {"person": "王小梅", "username": "", "password": "春天一起喝龙井茶呀"}
ANSWERS: list[tuple[str, dict[str, str]]] = [
    ("name", {"merchant": "小梅美容"}),
    ("trade", {"trade": "BEAUTY"}),
    ("language", {"language": "zh-hans"}),
    ("place", {"place": "CN"}),
    ("store", {"store": "小梅美容新河路店", "store_code": ""}),
]


@pytest.fixture(autouse=True)
def _first_start(settings: Any) -> None:
    settings.DIANKE_FIRST_START = True
    setup_token.use_up()


def answer_all(client: Client, *, upto: str = "", **headers: str) -> None:
    for step, values in ANSWERS:
        if step == upto:
            return
        answer = client.post(f"/setup/{step}/", values, **headers)
        assert answer.status_code == 302, answer.content.decode()


def test_everything_leads_to_the_first_start_while_there_is_no_merchant(client: Client) -> None:
    for path in ("/", "/sign-in/", "/settings/", "/nowhere/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, "/setup/"), path
    assert client.get("/manifest.webmanifest").status_code == 200
    assert client.get("/setup/", follow=True).redirect_chain == [("/setup/name/", 302)]


def test_six_answers_make_a_business_that_can_work(client: Client) -> None:
    answer_all(client)
    page = client.get("/setup/account/").content.decode()
    assert "小梅美容新河路店（XMMR01）" in page
    assert "美容美发" in page
    answer = client.post("/setup/account/", ACCOUNT)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    merchant = Merchant.objects.get()
    assert (merchant.name, merchant.trade, merchant.currency, merchant.time_zone) == (
        "小梅美容",
        "BEAUTY",
        "CNY",
        "Asia/Shanghai",
    )
    store = Store.objects.get()
    assert (store.code, store.trade, store.closing_hour) == ("XMMR01", "BEAUTY", 2)
    assert LegalEntity.objects.get() == store.legal_entity
    assert store.opening_hours.count() == 7
    assert StorePreset.objects.get().store == store
    assert {"bookings", "wallets"} <= modules_on(store.pk)
    user = User.objects.get()
    assert (user.username, user.name, user.is_demo) == ("wangxiaomei", "王小梅", False)
    assert user.check_password(ACCOUNT["password"])
    posting = Posting.objects.get()
    assert (posting.role.code, posting.store) == ("ADMINISTRATOR", None)
    assert Event.objects.filter(kind="config.business_started").count() == 1


def test_afterwards_one_is_signed_in_and_greeted_with_the_first_steps(client: Client) -> None:
    answer_all(client)
    client.post("/setup/account/", ACCOUNT)
    page = client.get("/").content.decode()
    assert "登记合伙人与股份" in page
    assert "第二道锁" in page
    client.post("/first-steps/opening_hours/done/")
    assert 'action="/first-steps/opening_hours/open/"' in client.get("/").content.decode()
    client.post("/first-steps/away/")
    assert "第二道锁" not in client.get("/").content.decode()
    client.post("/first-steps/shown/")
    assert "第二道锁" in client.get("/").content.decode()


def test_the_password_lies_in_no_session(client: Client) -> None:
    answer_all(client)
    client.post("/setup/account/", ACCOUNT | {"person": "", "password": "不该留下来的口令"})
    client.post("/setup/account/", ACCOUNT | {"password": "不该留下来的口令", "back": "1"})
    assert "不该留下来的口令" not in str(dict(client.session))


def test_going_back_keeps_what_was_typed(client: Client) -> None:
    answer_all(client, upto="store")
    answer = client.post("/setup/store/", {"store": "写了一半", "store_code": "X1", "back": "1"})
    assert answer["Location"] == "/setup/place/"
    page = client.get("/setup/store/").content.decode()
    assert "写了一半" in page
    assert 'value="X1"' in page
    assert "小梅美容" in client.get("/setup/name/").content.decode()


def test_no_question_can_be_skipped(client: Client) -> None:
    assert client.get("/setup/account/")["Location"] == "/setup/name/"
    assert client.post("/setup/account/", ACCOUNT)["Location"] == "/setup/name/"
    assert not User.objects.exists()


def test_the_first_store_is_suggested_from_the_name_of_the_business(client: Client) -> None:
    answer_all(client, upto="store")
    assert 'value="小梅美容"' in client.get("/setup/store/").content.decode()
    assert client.get("/setup/suggest/", {"store": "林家珠宝"}).json() == {"text": "LJZB01"}
    assert client.get("/setup/suggest/", {"person": "单雄信"}).json() == {"text": "shanxiongxin"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": "12345678"}, "password"),
        ({"password": "短"}, "password"),
        ({"password": "wangxiaomei"}, "password"),
        ({"person": ""}, "person"),
        ({"username": "王 小梅"}, "username"),
    ],
)
def test_a_wrong_answer_is_told_beside_its_field_and_starts_nothing(
    client: Client, change: dict[str, str], field: str
) -> None:
    answer_all(client)
    page = client.post("/setup/account/", ACCOUNT | change)
    assert page.status_code == 422
    assert f'id="id_{field}_error"' in page.content.decode()
    assert not Merchant.objects.exists()
    assert not User.objects.exists()


def test_somewhere_else_wants_currency_and_zone(client: Client) -> None:
    answer_all(client, upto="place")
    page = client.post("/setup/place/", {"place": "OTHER", "currency": "", "time_zone": ""})
    assert page.status_code == 422
    assert (
        client.post(
            "/setup/place/", {"place": "OTHER", "currency": "EUR", "time_zone": "Europe/Berlin"}
        ).status_code
        == 302
    )
    client.post("/setup/store/", {"store": "柏林店", "store_code": "BER-1"})
    client.post("/setup/account/", ACCOUNT)
    assert Store.objects.get().time_zone == "Europe/Berlin"
    assert Merchant.objects.get().currency == "EUR"


def test_the_language_chosen_is_spoken_from_then_on(client: Client) -> None:
    answer_all(client, upto="language")
    answer = client.post("/setup/language/", {"language": "en"})
    assert answer.cookies["language"].value == "en"
    assert "Where is your shop?" in client.get("/setup/place/").content.decode()
    client.post("/setup/place/", {"place": "CN"})
    client.post("/setup/store/", {"store": "First Store", "store_code": ""})
    client.post("/setup/account/", ACCOUNT | {"person": "Mei Wang"})
    assert User.objects.get().language == "en"
    assert User.objects.get().username == "meiwang"
    assert Store.objects.get().code == "FS01"


def test_it_is_refused_once_there_is_a_merchant(client: Client) -> None:
    answer_all(client)
    other = Client()
    answer_all(other)
    client.post("/setup/account/", ACCOUNT)
    for answer in (
        other.get("/setup/"),
        other.get("/setup/name/"),
        other.post("/setup/account/", ACCOUNT | {"username": "second"}),
        other.post("/setup/demo/"),
        other.get("/setup/suggest/", {"person": "王"}),
    ):
        assert answer.status_code == 409
    assert User.objects.count() == 1


def test_other_computers_are_refused_without_the_token() -> None:
    far = Client(REMOTE_ADDR="192.168.1.20")
    answer = far.get("/setup/name/")
    assert answer.status_code == 403
    assert "终端" in answer.content.decode()
    assert far.post("/setup/name/", {"merchant": "别人的店"}).status_code == 403
    assert Client(HTTP_X_FORWARDED_FOR="203.0.113.5").get("/setup/name/").status_code == 403
    assert far.get("/setup/", {"token": "guessed"}).status_code == 403


def test_the_printed_token_opens_it_elsewhere_once() -> None:
    token = setup_token.issue()
    far = Client(REMOTE_ADDR="192.168.1.20")
    assert far.get("/setup/", {"token": token}).status_code == 302
    answer_all(far)
    assert far.post("/setup/demo/").status_code == 403  # a demo never leaves its own computer
    assert "/setup/demo/" not in far.get("/setup/name/").content.decode()
    assert far.post("/setup/account/", ACCOUNT)["Location"] == "/"
    assert not setup_token.fits(token)


def test_a_fresh_token_makes_the_one_before_worthless() -> None:
    first = setup_token.issue()
    far = Client(REMOTE_ADDR="192.168.1.20")
    far.get("/setup/", {"token": first})
    setup_token.issue()
    assert far.get("/setup/name/").status_code == 403


def test_the_token_is_kept_as_a_hash_for_its_owner_only() -> None:
    token = setup_token.issue()
    path = setup_token._path()
    assert token not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_the_demo_can_be_looked_at_first(client: Client) -> None:
    answer = client.post("/setup/demo/")
    said = b"".join(answer.streaming_content).decode()
    assert said.index("家门店") < said.index("个任务") < said.index("/sign-in/")
    assert Merchant.objects.get().is_demo


@pytest.mark.parametrize(
    ("accept", "place"),
    [
        ("zh-HK,zh;q=0.9", "HK"),
        ("zh-TW", "TW"),
        ("zh-CN,zh;q=0.9", "CN"),
        ("en-SG", "SG"),
        ("de", "CN"),
        ("", "CN"),
    ],
)
def test_the_place_is_guessed_from_the_browser(accept: str, place: str) -> None:
    assert guess_place(accept) == place


@pytest.mark.parametrize(
    ("name", "username"),
    [
        ("林秀兰", "linxiulan"),
        ("Mei Wang", "meiwang"),
        ("阿卜杜热西提·买买提艾力", "abodurexitimaimaitiaili"),
        ("？", "admin"),
    ],
)
def test_a_sign_in_name_is_suggested(name: str, username: str) -> None:
    assert suggest_username(name) == username


def test_a_store_code_is_suggested() -> None:
    assert suggest_store_code("栖林珠宝·武林店") == "QLZB01"
    assert suggest_store_code("★") == "S01"


def test_the_server_prints_the_token_for_other_computers_until_there_is_a_merchant(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fresh = Prepared(fingerprint="", migrations=[], has_merchant=False)
    greet("0.0.0.0", 8000, fresh)
    token = capsys.readouterr().out.partition("/setup/?token=")[2].split()[0]
    assert setup_token.fits(token)
    for host, prepared in (
        ("127.0.0.1", fresh),
        ("0.0.0.0", Prepared(fingerprint="", migrations=[], has_merchant=True)),
    ):
        greet(host, 8000, prepared)
        assert "token" not in capsys.readouterr().out
