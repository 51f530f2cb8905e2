from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.utils import timezone

from dianke.access.models import User
from dianke.access.operations import create_account
from dianke.access.queries import actor_for
from dianke.access.rules import hotp_code, totp_counter
from dianke.access.tests import postings
from dianke.core.actor import SYSTEM, Actor

PASSWORD = "四季青沙发搬进店里"
SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.fixture(autouse=True)
def _ports(settings) -> Iterator[None]:
    """Postings, stores and their names come from the test."""
    settings.DIANKE_GRANTS = "dianke.access.tests.postings.grants_of"
    settings.DIANKE_GRANTS_OF_MANY = ""
    settings.DIANKE_USERS_AT = "dianke.access.tests.postings.users_at"
    settings.DIANKE_STORE_NAMES = "dianke.access.tests.postings.store_names"
    settings.DIANKE_CONTEXT_WORDS = ""
    postings.GIVEN.clear()
    yield
    postings.GIVEN.clear()


@pytest.fixture
def person(db) -> Callable[..., User]:
    """`person("lin", "林小满", "CLERK", stores={1})`: an account with `PASSWORD` and a role, no second factor."""

    def make(username: str, name: str = "", role: str = "CLERK", stores: set[int] | None = None) -> User:
        user = create_account(
            username=username, name=name or username, password=PASSWORD, actor=SYSTEM, now=timezone.now()
        )
        if role:
            postings.post(user, role, stores=stores)
        return user

    return make


@pytest.fixture
def acting() -> Callable[[User], Actor]:
    return lambda user: actor_for(user, now=timezone.now())


def code_now(offset: int = 0) -> str:
    """What an authenticator app with `SECRET` shows now (or so many steps from now)."""
    return hotp_code(base64.b32decode(SECRET), totp_counter(timezone.now().timestamp()) + offset)


def sign_in(client: Client, username: str, password: str = PASSWORD, **kwargs):
    return client.post("/sign-in/", {"username": username, "password": password}, **kwargs)


def is_signed_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def add_app(user: User) -> None:
    """Set up an authenticator app with `SECRET`, as of two steps ago so that the present code is unused."""
    from datetime import timedelta

    from dianke.access.operations import add_totp

    then = timezone.now() - timedelta(seconds=90)
    code = hotp_code(base64.b32decode(SECRET), totp_counter(then.timestamp()))
    add_totp(user=user, secret=SECRET, code=code, actor=actor_for(user, now=then), now=then)
