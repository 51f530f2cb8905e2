"""The kit's own pages over HTTP: frames, headers, errors, language and appearance."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation

from dianke.access.guards import SignInRequired
from dianke.core.actor import ANONYMOUS, Actor
from dianke.core.errors import Conflict
from dianke.web import responses, styleguide, views
from dianke.web.error_pages import TEXTS, error_page
from dianke.web.middleware import ErrorMiddleware, PersonalMiddleware

MakeActor = Callable[..., Actor]
# The frame asks the rooms above for the bell and the stores.
pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(make_actor: MakeActor, now: Any, rf: RequestFactory) -> Callable[..., HttpRequest]:
    """A request as the middleware leaves it: actor, time, messages."""

    def build(
        path: str = "/", *, actor: Actor | None = None, method: str = "get", **extra: Any
    ) -> HttpRequest:
        request: HttpRequest = getattr(rf, method)(path, **extra)
        request.actor = actor or make_actor("OWNER")  # type: ignore[attr-defined]
        request.now = now  # type: ignore[attr-defined]
        request.request_id = "abc123"  # type: ignore[attr-defined]
        request.session = {}  # type: ignore[assignment]
        request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
        return request

    return build


def page(response: HttpResponse) -> str:
    return response.content.decode()


@pytest.mark.parametrize("view", ["basics", "input", "data", "charts"])
def test_the_style_guide_needs_no_inline_script_or_style(ask: Any, view: str) -> None:
    with translation.override("zh-hans"):
        html = page(styleguide.styleguide(ask(f"/settings/styleguide/?view={view}")))
    assert re.findall(r"<script(?![^>]*(?:src=|application/json))", html) == []
    assert re.findall(r"\sstyle=|<style|\son[a-z]+=", html) == []
    assert "hx-on" not in html


def test_one_template_is_a_page_a_dialog_and_a_drawer(ask: Any) -> None:
    whole = page(styleguide.styleguide(ask("/settings/styleguide/?form")))
    dialog = page(
        styleguide.styleguide(
            ask("/settings/styleguide/?form", headers={"HX-Request": "true", "HX-Target": "div#dialog-body"})
        )
    )
    drawer = page(
        styleguide.styleguide(
            ask(
                "/settings/styleguide/?record", headers={"HX-Request": "true", "HX-Target": "div#drawer-body"}
            )
        )
    )
    assert "<!DOCTYPE html>" in whole
    assert "<!DOCTYPE" not in dialog
    assert 'id="dialog-title"' in dialog
    assert 'id="drawer-title"' in drawer


def test_going_back_in_the_browser_gets_the_whole_page(ask: Any) -> None:
    request = ask(
        "/settings/styleguide/?form",
        headers={"HX-Request": "true", "HX-Target": "div#dialog-body", "HX-History-Restore-Request": "true"},
    )
    assert "<!DOCTYPE html>" in page(styleguide.styleguide(request))


def test_a_write_answers_a_page_with_a_redirect_and_a_dialog_with_an_event(ask: Any) -> None:
    plain = responses.done(ask(), "已保存", to="/x/", undo_url="/undo/")
    assert (plain.status_code, plain["Location"]) == (303, "/x/")
    inside = responses.done(ask(headers={"HX-Request": "true"}), "已保存", to="/x/", undo_url="/undo/")
    assert inside.status_code == 204
    assert '"dk:done"' in inside["HX-Trigger"]
    assert '"/undo/"' in inside["HX-Trigger"]


def test_a_form_with_an_error_keeps_what_was_typed_and_points_at_the_field(ask: Any) -> None:
    response = styleguide.styleguide(ask("/settings/styleguide/?form", method="post", data={"name": "x"}))
    assert response.status_code == 422
    assert 'aria-invalid="true" aria-describedby="d-phone-error"' in page(response)


@pytest.mark.parametrize("status", sorted(TEXTS))
def test_every_error_has_a_page_in_plain_words(ask: Any, status: int) -> None:
    with translation.override("en"):
        source = str(TEXTS[status][1])
    with translation.override("zh-hans"):
        response = error_page(ask("/nope/", actor=ANONYMOUS), status)
        wording = str(TEXTS[status][1])
    assert response.status_code == status
    assert wording in page(response)
    assert wording != source
    assert ("abc123" in page(response)) == (status >= 500)


def test_an_error_of_a_fragment_is_a_notice_and_swaps_nothing(ask: Any) -> None:
    response = error_page(ask("/", headers={"HX-Request": "true"}), 409)
    assert response["HX-Reswap"] == "none"
    assert '"dk:problem"' in response["HX-Trigger"]
    assert response.content == b""


def test_named_errors_become_pages_but_not_for_the_api(ask: Any) -> None:
    middleware = ErrorMiddleware(lambda request: HttpResponse())
    shown = middleware.process_exception(ask("/x/"), Conflict())
    assert shown is not None
    assert shown.status_code == 409
    assert middleware.process_exception(ask("/api/v1/x"), Conflict()) is None
    assert middleware.process_exception(ask("/x/"), RuntimeError()) is None


def test_who_is_not_signed_in_comes_back_to_where_they_were(ask: Any) -> None:
    middleware = ErrorMiddleware(lambda request: HttpResponse())
    whole = middleware.process_exception(ask("/customers/?q=1"), SignInRequired())
    assert whole is not None
    assert whole["Location"] == "/sign-in/?next=%2Fcustomers%2F%3Fq%3D1"
    part = middleware.process_exception(
        ask(
            "/part/", headers={"HX-Request": "true", "HX-Current-URL": "https://evil.example/customers/?q=1"}
        ),
        SignInRequired(),
    )
    assert part is not None
    assert part["HX-Redirect"] == "/sign-in/?next=%2Fcustomers%2F%3Fq%3D1"


def test_pages_are_never_kept_by_caches_in_between(ask: Any) -> None:
    response = PersonalMiddleware(lambda request: HttpResponse("x"))(ask("/"))
    assert response["Cache-Control"] == "private, no-cache"
    assert {"HX-Request", "HX-Target"} <= {name.strip() for name in response["Vary"].split(",")}
    assert "camera=(self)" in response["Permissions-Policy"]


@pytest.mark.parametrize(
    ("cookie", "asked", "language"),
    [
        ("", "", "zh-hans"),
        ("", "en-GB,en", "en"),
        ("", "zh-TW,zh", "zh-hant"),
        ("", "fr-FR", "zh-hans"),
        ("zh-hant", "en", "zh-hant"),
        ("klingon", "en", "en"),
    ],
)
def test_language_is_the_cookies_then_the_browsers_then_chinese(
    ask: Any, cookie: str, asked: str, language: str
) -> None:
    request = ask("/", headers={"Accept-Language": asked} if asked else {})
    if cookie:
        request.COOKIES["language"] = cookie
    assert PersonalMiddleware(lambda request: HttpResponse())(request)["Content-Language"] == language


def test_a_language_is_kept_and_nobody_is_sent_elsewhere(client: Client) -> None:
    response = client.post("/language/", {"language": "en", "next": "https://evil.example/"})
    assert (response.status_code, response["Location"]) == (303, "/")
    assert response.cookies["language"].value == "en"
    assert client.post("/language/", {"language": "xx"}).status_code == 400


def test_an_appearance_is_kept(client: Client) -> None:
    response = client.post("/theme/", {"theme": "dark", "next": "/offline/"})
    assert response["Location"] == "/offline/"
    assert 'data-bs-theme="dark"' in page(client.get("/offline/"))
    assert client.post("/theme/", {"theme": "pink"}).status_code == 400


def test_the_headers_of_a_page_are_strict(client: Client) -> None:
    response = client.get("/offline/")
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Frame-Options"] == "DENY"


def test_the_app_can_be_put_on_a_home_screen(client: Client) -> None:
    manifest = client.get("/manifest.webmanifest")
    assert manifest["Content-Type"] == "application/manifest+json"
    assert manifest.json()["name"] == "店客"
    worker = client.get("/service-worker.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert "offline" in page(worker)


def test_today_and_search_ask_for_sign_in(client: Client) -> None:
    for path in ("/", "/search/", "/settings/styleguide/"):
        assert client.get(path)["Location"].startswith("/sign-in/")


def test_an_unknown_address_is_a_page_of_ours(client: Client) -> None:
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "这一页不存在或不归您查看" in page(response)


def test_the_search_fragment_is_only_the_list(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from dianke.web import search

    monkeypatch.setattr(search, "_providers", {"web.pages": search.PAGES})
    with translation.override("zh-hans"):
        request = ask("/search/?q=zzqq", headers={"HX-Request": "true", "HX-Target": "div#dk-results"})
        assert "没有找到" in page(views.search(request))
        found = page(views.search(ask("/search/?q=yssc", headers={"HX-Target": "div#dk-results"})))
    assert "样式手册" in found
    assert "<html" not in found
