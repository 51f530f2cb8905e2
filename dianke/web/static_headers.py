"""Headers of single static files. The settings import it, so it imports nothing of ours."""

from __future__ import annotations

from wsgiref.headers import Headers

#: What reads codes from the camera's picture compiles WebAssembly, which no page may: it does so in a worker, and a
#: worker obeys the policy it is served with.
SCAN_WORKER = "web/js/scan/worker.js"
SCAN_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"


def add_headers(headers: Headers, path: str, url: str) -> None:
    """Called by whitenoise for every static file it serves: `url` is its address."""
    if url.endswith(SCAN_WORKER):
        headers["Content-Security-Policy"] = SCAN_POLICY
