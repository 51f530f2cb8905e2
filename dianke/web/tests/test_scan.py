"""Reading codes with the camera: only the worker that does it may compile WebAssembly; nothing is loaded before."""

from __future__ import annotations

import re
from pathlib import Path
from wsgiref.headers import Headers

import pytest
from django.conf import settings
from django.test import Client

from dianke.web import assets
from dianke.web.static_headers import SCAN_WORKER

SCRIPTS = Path(assets.__file__).parent / "static/web/js"


def policy_of(path: str) -> str:
    """What whitenoise adds to a static file."""
    headers = Headers([])
    settings.WHITENOISE_ADD_HEADERS_FUNCTION(headers, f"/srv{path}", path)
    return headers.get("Content-Security-Policy", "")


@pytest.mark.django_db
def test_only_the_worker_may_compile() -> None:
    policy = policy_of(f"/static/{SCAN_WORKER}")
    assert "'wasm-unsafe-eval'" in policy
    assert "default-src 'none'" in policy
    for path in ("/static/web/js/scan.js", "/static/vendor/zxing.js"):
        assert policy_of(path) == "", path
    assert "unsafe" not in Client().get("/sign-in/")["Content-Security-Policy"]


def test_the_library_is_loaded_by_the_worker_from_our_own_files() -> None:
    worker = (SCRIPTS / "scan/worker.js").read_text()
    assert "locateFile" in worker
    for name in assets.ZXING:
        assert f"vendor/{name}" in worker
    assert not re.search(r"https?:", worker)


def test_pages_load_neither_camera_nor_library() -> None:
    first = (SCRIPTS / "scan.js").read_text()
    assert 'await import("./scan/camera.js")' in first
    assert "zxing" not in first
