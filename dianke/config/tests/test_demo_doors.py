"""The demo is open by ten doors, at home only, and its owner sends it away."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dianke.access.models import User
from dianke.access.permissions import RoleCode
from dianke.config import demo
from dianke.stores.models import (
    Merchant,
    Posting,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_of_today")]


@pytest.fixture(autouse=True)
def _fresh_middleware_memory(settings: Any) -> None:
    settings.DIANKE_FIRST_START = True


def sign_in(username: str, **headers: str) -> tuple[Client, Any]:
    client = Client(**headers)
    answer = client.post("/sign-in/", {"username": username, "password": demo.PASSWORD})
    return client, answer


def test_all_ten_roles_sign_in_and_open_today() -> None:
    logins = demo.demo_logins()
    assert next(login.name for login in logins) == "林秀兰"
    roles = set()
    for login in logins:
        client, answer = sign_in(login.username)
        assert answer.status_code == 302, login
        assert answer["Location"] == "/"
        assert client.get("/").status_code == 200, login
        roles |= set(
            Posting.objects.filter(staff__user__username=login.username).values_list("role__code", flat=True)
        )
    assert roles >= {code.value for code in RoleCode}


def test_the_sign_in_page_offers_the_ten_by_one_tap() -> None:
    page = Client().get("/sign-in/").content.decode()
    for login in demo.demo_logins():
        assert login.name in page
        assert f'value="{login.username}"' in page
    assert page.count(f'value="{demo.PASSWORD}"') == 10


def test_other_computers_are_refused_while_there_are_demo_people() -> None:
    far = Client(REMOTE_ADDR="192.168.1.20")
    answer = far.get("/sign-in/")
    assert answer.status_code == 403
    assert "演示" in answer.content.decode()
    assert Client(HTTP_HOST="localhost").get("/sign-in/").status_code == 200
    # A name that is not ours though the address is: a page elsewhere had its name point here.
    assert Client(HTTP_HOST="127.0.0.1.evil.example").get("/sign-in/").status_code in (400, 403)
    assert Client(HTTP_X_FORWARDED_FOR="203.0.113.5").get("/sign-in/").status_code == 403
    demo.remove()
    assert far.get("/setup/").status_code == 403  # the first start is for this computer too


def test_removal_in_settings_wants_the_name_typed() -> None:
    client, _answer = sign_in("linxiulan")
    page = client.post("/settings/demo/", {"name": "栖林"})
    assert page.status_code == 422
    assert "栖林家业" in page.content.decode()
    assert Merchant.objects.exists()
    answer = client.post("/settings/demo/", {"name": "栖林家业"})
    assert (answer.status_code, answer["Location"]) == (302, "/setup/")
    assert not User.objects.exists()
    assert client.get("/")["Location"] == "/setup/"


def test_a_clerk_cannot_remove_the_demo() -> None:
    client, _answer = sign_in("tangxiaoyu")
    assert client.post("/settings/demo/", {"name": "栖林家业"}).status_code == 403
    assert Merchant.objects.exists()
