"""Requests to WeCom with the access token of the company, and its lists, page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from dianke.integrations.http import Reply, get, post
from dianke.integrations.tokens import asked, kept_token
from dianke.messaging.rules.carriers import Access

ENDPOINT = "https://qyapi.weixin.qq.com"
#: Codes that mean: this token is not valid, or not any more.
ENDED = frozenset({40014, 42001})
_PATH = "/cgi-bin/externalcontact/"
_MOST_PAGES = 50


class NotTold(Exception):
    """WeCom answered with an error, or with more than is read: what was asked for is not known."""


def call(access: Access, name: str, body: Mapping[str, object], *, now: datetime) -> Reply:
    """One POST with the token of the company. Raises as `asked`."""
    return asked(
        partial(token_of, access, now=now),
        lambda token: _post(access, name, token, body),
        ended_codes=ENDED,
    )


def listed(
    access: Access, name: str, body: Mapping[str, object], key: str, *, now: datetime
) -> Iterator[Mapping[str, Any]]:
    """The rows under `key`, of all pages. Raises `NotTold`, and as `call`."""
    cursor = ""
    for _page in range(_MOST_PAGES):
        data = call(access, name, {**body, "cursor": cursor} if cursor else body, now=now).data
        if data.get("errcode") != 0:
            raise NotTold(str(data.get("errcode", "")))
        rows = data.get(key)
        yield from (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()
        cursor = str(data.get("next_cursor") or "")
        if not cursor:
            return
    raise NotTold("pages")


def token_of(access: Access, *, now: datetime, ended: str = "") -> str:
    """The token; another one than `ended`. Raises as `kept_token`."""
    place = (_base(access), str(access["corp_id"]), str(access["secret"]))
    query = urlencode({"corpid": place[1], "corpsecret": place[2]})
    return kept_token(place, lambda: get(f"{place[0]}/cgi-bin/gettoken?{query}"), now=now, ended=ended)


def _base(access: Access) -> str:
    return str(access.get("endpoint") or ENDPOINT).rstrip("/")


def _post(access: Access, name: str, token: str, body: Mapping[str, object]) -> Reply:
    url = f"{_base(access)}{_PATH}{name}?access_token={quote(token, safe='')}"
    data = json.dumps(body, ensure_ascii=False).encode()
    return post(url, headers={"Content-Type": "application/json"}, body=data)
