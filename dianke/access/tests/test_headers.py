import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.django_db


def test_pages_of_signing_in_carry_every_header(client):
    answer = client.get("/sign-in/")
    policy = answer["Content-Security-Policy"]
    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]
    assert "camera" in answer["Permissions-Policy"]


@pytest.mark.parametrize("path", ["/sign-in/", "/me/", "/till/people/"])
def test_templates_have_no_inline_script_or_style(client, path, person):
    from dianke.access.tests.conftest import sign_in

    person("lin")
    if path == "/me/":
        sign_in(client, "lin")
    page = client.get(path, follow=True).content.decode()
    assert " style=" not in page
    assert " onclick=" not in page
    assert "<script>" not in page


def test_behind_tls_cookies_are_host_bound_and_strict(tmp_path):
    names = [
        "SESSION_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "SESSION_COOKIE_HTTPONLY",
        "SESSION_COOKIE_SAMESITE",
        "CSRF_COOKIE_NAME",
        "CSRF_COOKIE_SECURE",
        "SECURE_HSTS_SECONDS",
        "SECURE_CONTENT_TYPE_NOSNIFF",
    ]
    code = f"import json, dianke.config.settings as s; print(json.dumps({{n: getattr(s, n) for n in {names!r}}}))"
    environment = {**os.environ, "DIANKE_TLS": "1", "DIANKE_DATA": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(run.stdout) == {
        "SESSION_COOKIE_NAME": "__Host-session",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
    }


def test_till_cookie_is_host_bound_behind_tls(settings):
    from dianke.access.devices import cookie_name

    settings.DIANKE_TLS = True
    assert cookie_name() == "__Host-till"
