from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from dianke.customers.models import ContactPoint, Customer
from dianke.integrations import tokens
from dianke.integrations.wecom.tests.fake import SECRET, FakeWeCom, fake_wecom
from dianke.messaging.models import ChannelSetting
from dianke.messaging.tests.post import Post, make_post

CORP = "wx5823bf96d3bd56c7"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
AGREED = {("CARE", "WECHAT"): True, ("MARKETING", "WECHAT"): True}


@pytest.fixture(autouse=True)
def _no_token_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_kept", {})


@pytest.fixture
def wecom(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeWeCom]:
    monkeypatch.setattr("dianke.integrations.http.SECONDS", 0.3)
    with fake_wecom(now) as fake:
        yield fake


@pytest.fixture
def access(wecom: FakeWeCom) -> dict[str, str]:
    return {
        "corp_id": CORP,
        "secret": SECRET,
        "endpoint": wecom.url,
        "callback_token": "QDG6eK",
        "aes_key": AES_KEY,
        "staff": "clerk = zhangsan",
    }


@pytest.fixture
def post(db: None, now: datetime, access: dict[str, str]) -> Post:
    post = make_post(now)
    ChannelSetting.objects.create(channel="WECOM", carrier="wecom", access=access, changed_at=now)
    return post


@pytest.fixture
def friend(post: Post) -> Callable[..., Customer]:
    """Somebody the shop can write to over WeCom."""

    def make(external: str = "wm-1", owner: str = "", **values: object) -> Customer:
        one = post.person(**{"consents": AGREED, **values})
        if owner:
            one.owner = post.cast[owner].user
            one.save(update_fields=["owner"])
        ContactPoint.objects.create(
            key=one.key,
            customer=one,
            record=ContactPoint.objects.filter(customer=one).first().record,
            kind="WECOM",
            value=external,
            created_at=post.now,
        )
        return one

    return make


@pytest.fixture
def tell(post: Post) -> Callable[..., None]:
    """Ask for a message and let what is due go out; later again and again."""

    def run(*people: Customer, later: timedelta = timedelta(0), **more: object) -> None:
        if people:
            post.queue(
                *people,
                **{"channel": "WECOM", "purpose": "CARE", "body": "{{ name }}，戒指还合适吗？", **more},
            )
        post.send(channel="WECOM", later=later)

    return run
