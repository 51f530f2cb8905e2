"""The type of a request as it reaches views and endpoints: Django's, with what the middleware puts on it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from dianke.access.models import User
    from dianke.core.actor import Actor


class Request(HttpRequest):
    """For annotations only: nobody makes one. `now` is the only clock of views; `api_key` is the raw key of an API
    call, empty for a browser's."""

    actor: Actor
    now: datetime
    request_id: str
    api_key: str


class OwnRequest(Request):
    """A page of one's own account, behind `@signed_in`: there is a person."""

    user: User
