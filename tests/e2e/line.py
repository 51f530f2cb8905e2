"""A line between browser and product that a test can change: what passes is rewritten. For what no browser tool can reach,
such as the script of a service worker."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

#: Belongs to one connection, or is written anew.
_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@dataclass
class Line:
    """`url` stands for the site. `changes`: path → what becomes of its text. `is_cut`: nothing passes, for pages and
    service workers alike; `cut`: paths for which nothing passes."""

    url: str = ""
    changes: dict[str, Callable[[str], str]] = field(default_factory=dict)
    is_cut: bool = False
    cut: set[str] = field(default_factory=set)


@contextmanager
def line_to(site: str) -> Iterator[Line]:
    """Serves on a port of its own until the end of the block."""
    line = Line()
    target = urlsplit(site).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if line.is_cut or urlsplit(self.path).path in line.cut:
                self.close_connection = True
                return
            sent = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
            connection = http.client.HTTPConnection(target, timeout=30)
            connection.request(self.command, self.path, body, sent | {"Accept-Encoding": "identity"})
            answer = connection.getresponse()
            content = answer.read()
            change = line.changes.get(urlsplit(self.path).path)
            if change is not None:
                content = change(content.decode()).encode()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            connection.close()

        do_GET = do_POST = do_PUT = do_HEAD = _pass

        def log_message(self, *_parts: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    line.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield line
    finally:
        server.shutdown()
        server.server_close()
