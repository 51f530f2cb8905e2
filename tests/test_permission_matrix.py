"""Walks every address and every API operation as every preset role and as nobody.

What is expected follows from the guard on the view (`access_rule`): without the permission 403, not signed in to the
sign-in page or 401, with the permission anything but 401, 403 and a server error (records are asked for by an id
that does not exist, so 404 is fine). Which role holds which permission is kept in `permission_matrix.txt`, so that
a change is seen in review; after a wanted change run this file once with UPDATE_SNAPSHOTS=1.
"""

from __future__ import annotations

import logging
import os
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from django.utils import timezone

from dianke.access.guards import SignInRequired
from dianke.access.models import User
from dianke.access.operations import create_account
from dianke.access.permissions import BY_CODE, PERMISSIONS, PRESETS_BY_CODE, RoleCode, permissions_of
from dianke.access.queries import actor_for
from dianke.config.operations import switch_module
from dianke.core.actor import ANONYMOUS, SYSTEM, Actor, Grant, PermissionRefused, RowScope
from dianke.stores.operations.merchant import set_up_merchant

SNAPSHOT = Path(__file__).with_name("permission_matrix.txt")
API = "/api/v1/"

#: Views that are not ours and therefore carry no guard: address -> why that is right.
THIRD_PARTY: dict[str, str] = {
    "/api/v1/openapi.json": "django-ninja's schema; asks for a key or a session by the authentication of the API",
    "/api/v1/": "django-ninja's root, only there to be reversed; answers 404",
}

ROLES = [role.value for role in RoleCode]
NOBODY = "nobody"


@dataclass(frozen=True)
class Address:
    """One address with the rule of its view."""

    path: str
    view: Callable[..., Any]

    @property
    def rule(self) -> str | None:
        rule: str | None = getattr(self.view, "access_rule", None)
        return rule

    @property
    def is_public(self) -> bool:
        return (self.rule or "").startswith("public")

    def __str__(self) -> str:
        return f"{self.path} [{self.rule}]"


@dataclass(frozen=True)
class Endpoint(Address):
    """One operation of the API."""

    method: str = "GET"

    def __str__(self) -> str:
        return f"{self.method} {self.path} [{self.rule}]"


_MISSING = {
    "int": "999999999",
    "uuid": str(uuid.UUID(int=7)),
    "uuidstr": str(uuid.UUID(int=7)),
    "slug": "missing",
    "str": "missing",
    "path": "missing",
}


def _filled(route: str) -> str:
    """A route with ids that no record has."""
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: _MISSING.get(found[1] or "str", "missing"), route)


def addresses(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[Address]:
    """Every page and every other address outside the API."""
    for pattern in (resolver or get_resolver()).url_patterns:
        assert isinstance(pattern.pattern, RoutePattern), f"{pattern} is no plain route"
        path = prefix + _filled(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, path)
        elif isinstance(pattern, URLPattern) and not path.startswith(API):
            yield Address(path, pattern.callback)


def endpoints() -> Iterator[Endpoint]:
    """Every operation of the API."""
    from dianke.config.api import api

    for prefix, router in api._routers:
        for route, view in router.path_operations.items():
            path = "/".join(part.strip("/") for part in (prefix, route) if part.strip("/"))
            path = API + re.sub(r"{(?:(\w+):)?(\w+)}", _filled_parameter, path)
            path += "/" if route.endswith("/") else ""
            for operation in view.operations:
                for method in operation.methods:
                    yield Endpoint(path, operation.view_func, method)


def _filled_parameter(found: re.Match[str]) -> str:
    if found[1]:
        return _MISSING.get(found[1], "missing")
    return "999999999" if re.search(r"(id|pk)$", found[2]) else "missing"


# --- who walks -------------------------------------------------------------------------------------------
def grants_of(user: User, *, now: datetime) -> list[Grant]:
    """Stands for the postings: the role is written in the sign-in name. (Wired by `settings.DIANKE_GRANTS`.)"""
    role = user.username
    scope = {"OWN": RowScope.OWN, "STORE": RowScope.STORE, "ALL": RowScope.ALL}[PRESETS_BY_CODE[role].scope]
    stores = None if scope is RowScope.ALL else frozenset({1})
    return [Grant(role, permissions_of(role), scope, stores)]


@pytest.fixture
def _walking(db: None, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(
        logging.CRITICAL, logger="django.request"
    )  # hundreds of refusals are what is wanted here
    settings.DIANKE_GRANTS = f"{__name__}.grants_of"
    settings.DIANKE_GRANTS_OF_MANY = ""
    # Pages are asked for without templates of exceptions, and one person asks for hundreds of them.
    settings.DEBUG = False
    set_up_merchant(
        name="云裳",
        trade="BEAUTY",
        currency="CNY",
        language="zh-hans",
        time_zone="Asia/Shanghai",
        actor=SYSTEM,
        now=timezone.now(),
    )
    switch_module(module="till", is_on=True, actor=SYSTEM, now=timezone.now())


@pytest.fixture
def walker(_walking: None) -> Callable[[str], Client]:
    """`walker("CLERK")`: a browser in which a person of that role has just signed in; for nobody a fresh one."""
    signed_in: dict[str, tuple[Client, Session]] = {}

    def browser(role: str) -> Client:
        _refill_rate_limits()
        if role == NOBODY:
            return Client(raise_request_exception=False)
        if role not in signed_in:
            user = create_account(username=role, name=role, actor=SYSTEM, now=timezone.now())
            client = Client(raise_request_exception=False)
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            signed_in[role] = client, Session.objects.get(pk=client.session.session_key)
        client, session = signed_in[role]
        session.save()  # whatever the last request made of it
        client.cookies.clear()
        client.cookies[django_settings.SESSION_COOKIE_NAME] = session.pk
        return client

    return browser


def _refill_rate_limits() -> None:
    from dianke.api.models import Bucket

    Bucket.objects.all().delete()


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Permissions that were asked for and refused inside views: some acts need a second permission."""
    found: set[str] = set()
    real = Actor.require

    def require(self: Actor, permission: str, *, store_id: int | None = None) -> None:
        try:
            real(self, permission, store_id=store_id)
        except PermissionRefused:
            found.add(permission)
            raise

    monkeypatch.setattr(Actor, "require", require)
    return found


def _is_sent_to_sign_in(response: Any) -> bool:
    url = response.headers.get("Location", "")
    return bool(
        response.status_code == 401
        or (response.status_code == 302 and url.startswith(django_settings.LOGIN_URL))
    )


# --- the tests -------------------------------------------------------------------------------------------
def test_every_view_says_who_may_use_it() -> None:
    silent = [
        str(address)
        for address in (*addresses(), *endpoints())
        if address.rule is None and address.path not in THIRD_PARTY
    ]
    assert not silent, "\n".join(silent)


def test_every_rule_is_in_the_permission_table() -> None:
    unknown = [
        str(address)
        for address in (*addresses(), *endpoints())
        if address.rule not in (None, "signed_in", *BY_CODE) and not address.is_public
    ]
    assert not unknown, "\n".join(unknown)


def test_views_of_others_are_still_there() -> None:
    """An entry that became superfluous is taken out of the table."""
    from dianke.config.api import api

    standing = {API + str(pattern.pattern) for pattern in api.urls[0]}
    assert set(THIRD_PARTY) <= standing


def test_nobody_gets_past_a_guard(walker: Callable[[str], Client]) -> None:
    wrong = []
    for address in addresses():
        answers = {method: getattr(walker(NOBODY), method)(address.path) for method in ("get", "post")}
        for method, answer in answers.items():
            if answer.status_code >= 500 or (
                not address.is_public and answer.status_code != 405 and not _is_sent_to_sign_in(answer)
            ):
                wrong.append(f"{method} {address}: {answer.status_code}")
        if not address.is_public and all(answer.status_code == 405 for answer in answers.values()):
            wrong.append(f"{address}: neither GET nor POST")
    for endpoint in endpoints():
        answer = walker(NOBODY).generic(endpoint.method, endpoint.path)
        if not endpoint.is_public and answer.status_code != 401:
            wrong.append(f"{endpoint}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_a_role_passes_where_it_holds_the_permission_and_nowhere_else(
    role: str, walker: Callable[[str], Client], refused: set[str]
) -> None:
    held = permissions_of(role)
    wrong = []
    for address in addresses():
        if address.is_public:
            continue
        if address.rule == "signed_in" or address.rule in held:
            refused.clear()
            answer = walker(role).get(address.path)
            is_inner = bool(refused) and not refused & held
            if answer.status_code >= 500 or answer.status_code == 401 or _is_sent_to_sign_in(answer):
                wrong.append(f"holding, get {address}: {answer.status_code}")
            elif answer.status_code == 403 and not is_inner:
                wrong.append(f"holding, get {address}: 403")
        else:
            codes = {
                method: getattr(walker(role), method)(address.path).status_code for method in ("get", "post")
            }
            if not set(codes.values()) <= {403, 405} or 403 not in codes.values():
                wrong.append(f"lacking, {address}: {codes}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_a_role_uses_the_api_where_it_holds_the_permission_and_nowhere_else(
    role: str, walker: Callable[[str], Client], refused: set[str]
) -> None:
    held = permissions_of(role)
    wrong = []
    walker(role)  # the account
    actor = actor_for(User.objects.get(username=role), now=timezone.now())
    for endpoint in endpoints():
        if endpoint.is_public:
            continue
        if endpoint.rule == "signed_in" or endpoint.rule in held:
            refused.clear()
            answer = walker(role).generic(endpoint.method, endpoint.path, content_type="application/json")
            is_inner = bool(refused) and not refused & held
            if answer.status_code >= 500 or answer.status_code == 401:
                wrong.append(f"holding, {endpoint}: {answer.status_code}")
            elif answer.status_code == 403 and not is_inner:
                wrong.append(f"holding, {endpoint}: 403")
        else:
            # Over HTTP a body that does not validate is told so before the guard is asked: ask the guard itself.
            answer = walker(role).generic(endpoint.method, endpoint.path, content_type="application/json")
            if answer.status_code not in (403, 422):
                wrong.append(f"lacking, {endpoint}: {answer.status_code}")
            if not _guard_refuses(endpoint, actor, PermissionRefused):
                wrong.append(f"lacking, {endpoint}: the guard lets {role} through")
        if not _guard_refuses(endpoint, ANONYMOUS, SignInRequired):
            wrong.append(f"{endpoint}: the guard lets nobody through")
    assert not wrong, "\n".join(wrong)


def _guard_refuses(endpoint: Endpoint, actor: Actor, refusal: type[Exception]) -> bool:
    request: Any = RequestFactory().generic(endpoint.method, endpoint.path)
    request.actor = actor
    try:
        endpoint.view(request)
    except refusal:
        return True
    except TypeError:  # the guard was passed and the arguments of the operation are missing
        return False
    return False


# --- the table -------------------------------------------------------------------------------------------
def matrix() -> str:
    """Permissions (sensitive ones marked !) against preset roles, as a table for people."""
    short = [
        "ADMIN" if role == "ADMINISTRATOR" else role.replace("_MANAGER", "").replace("_AGENT", "")[:8]
        for role in ROLES
    ]
    width = max(len(permission.code) for permission in PERMISSIONS) + 2
    lines = [" " * width + " ".join(f"{name:<8}" for name in short).rstrip()]
    scopes = [PRESETS_BY_CODE[role].scope.value for role in ROLES]
    lines.append("reach".ljust(width) + " ".join(f"{scope:<8}" for scope in scopes).rstrip())
    for permission in sorted(PERMISSIONS, key=lambda each: each.code):
        marks = ["x" if role in permission.roles else "." for role in ROLES]
        code = ("!" if permission.is_sensitive else " ") + permission.code
        lines.append(code.ljust(width) + " ".join(f"{mark:<8}" for mark in marks).rstrip())
    return "\n".join(lines) + "\n"


def test_the_table_of_roles_and_permissions_is_the_reviewed_one() -> None:
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(matrix())
    assert matrix() == SNAPSHOT.read_text(), f"wanted? write it anew: UPDATE_SNAPSHOTS=1 pytest {__file__}"
