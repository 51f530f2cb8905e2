"""The access token of a WeChat account, and requests with it.

`stable_token` gives every caller the same token while it is valid, so several workers do not end each other's, as the
older call did."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import partial

from dianke.integrations.http import Reply, post
from dianke.integrations.tokens import asked, kept_token
from dianke.messaging.rules.carriers import Access

ENDPOINT = "https://api.weixin.qq.com"
#: Codes that mean: this token is not valid, or not any more.
ENDED = frozenset({40001, 40014, 42001})


def call(access: Access, path: str, body: Mapping[str, object], *, now: datetime) -> Reply:
    """One POST with the token of the account. Raises as `asked`."""
    return asked(
        partial(token_of, access, now=now),
        lambda token: _post(access, f"{path}?access_token={token}", body),
        ended_codes=ENDED,
    )


def token_of(access: Access, *, now: datetime, ended: str = "") -> str:
    """The token; another one than `ended`. Raises as `kept_token`."""
    body = {
        "grant_type": "client_credential",
        "appid": str(access["app_id"]),
        "secret": str(access["secret"]),
        "force_refresh": bool(ended),
    }
    place = (_base(access), str(access["app_id"]), str(access["secret"]))
    return kept_token(place, lambda: _post(access, "/cgi-bin/stable_token", body), now=now, ended=ended)


def _base(access: Access) -> str:
    return str(access.get("endpoint") or ENDPOINT).rstrip("/")


def _post(access: Access, target: str, body: Mapping[str, object]) -> Reply:
    data = json.dumps(body, ensure_ascii=False).encode()
    return post(_base(access) + target, headers={"Content-Type": "application/json"}, body=data)
