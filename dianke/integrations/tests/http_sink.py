"""An HTTP server on this computer that keeps requests and answers as it is told; "silence" takes a request and never
answers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class HttpSink:
    """`answers` are given in order, the last again and again."""

    answers: list[Any] = field(default_factory=list)
    got: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""


@contextmanager
def http_sink() -> Iterator[HttpSink]:
    sink = HttpSink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            sink.got.append(
                {
                    "query": {
                        name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()
                    },
                    "headers": {name.lower(): value for name, value in self.headers.items()},
                    "body": body,
                }
            )
            answer = sink.answers[min(len(sink.got), len(sink.answers)) - 1]
            if answer == "silence":
                time.sleep(2)
                return
            status, data = answer if isinstance(answer, tuple) else (200, answer)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(data).encode())

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sink.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
