"""A WeCom on this computer: it gives tokens, makes tasks, lists them, and tells what employees did. It remembers, so a
question after a silence is answered by what really happened."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

SECRET = "s"
WAITS, SENT, NOT_FRIEND, TOO_MANY = 0, 1, 2, 3


@dataclass
class Task:
    msgid: str
    sender: str
    customer: str
    text: str
    at: int
    status: int = WAITS
    is_stopped: bool = False


@dataclass
class FakeWeCom:
    """`answers` are given to the next requests for a task instead of making one; "takes it and falls silent" makes it
    and says nothing, "silence" makes none. `last_talked` is whom WeCom gives it to when no employee is named."""

    now: datetime
    url: str = ""
    tasks: list[Task] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    last_talked: str = "lisi"
    shows_rows: bool = True
    is_down: bool = False
    stop_code: int = 0
    page: int = 100
    tokens: int = 0

    def names(self) -> list[str]:
        return [name for name, _body in self.asked]

    def get(self, query: dict[str, str]) -> Any:
        if query.get("corpsecret") != SECRET:
            return {"errcode": 40001, "errmsg": "invalid credential"}
        self.tokens += 1
        return {"errcode": 0, "access_token": f"t{self.tokens}", "expires_in": 7200}

    def post(self, name: str, token: str, body: dict[str, Any]) -> Any:
        self.asked.append((name, body))
        if self.is_down:
            return "silence"
        if token != f"t{self.tokens}":
            return {"errcode": 42001, "errmsg": "access_token expired"}
        result: Any = getattr(self, name)(body)
        return result

    def add_msg_template(self, body: dict[str, Any]) -> Any:
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None and answer != "takes it and falls silent":
            return answer
        number = len(self.tasks) + 1
        task = Task(
            f"msg{number}",
            body.get("sender") or self.last_talked,
            body["external_userid"][0],
            body["text"]["content"],
            int(self.now.timestamp()),
        )
        self.tasks.append(task)
        return "silence" if answer else {"errcode": 0, "msgid": task.msgid, "fail_list": []}

    def get_groupmsg_list_v2(self, body: dict[str, Any]) -> Any:
        found = [
            {"msgid": task.msgid, "create_time": task.at, "create_type": 0, "text": {"content": task.text}}
            for task in self.tasks
            if body["start_time"] <= task.at <= body["end_time"]
        ]
        begin = int(body.get("cursor") or 0)
        more = str(begin + self.page) if begin + self.page < len(found) else ""
        return {
            "errcode": 0,
            "group_msg_list": found[begin : begin + self.page],
            "next_cursor": more,
        }

    def get_groupmsg_task(self, body: dict[str, Any]) -> Any:
        task = self._task(body)
        if task is None:
            return {"errcode": 41063, "errmsg": "invalid msgid"}
        return {
            "errcode": 0,
            "task_list": [{"userid": task.sender, "status": 2 if task.status else 0}],
        }

    def get_groupmsg_send_result(self, body: dict[str, Any]) -> Any:
        task = self._task(body)
        rows = []
        if task is not None and task.sender == body["userid"] and (task.status or self.shows_rows):
            rows = [{"external_userid": task.customer, "userid": task.sender, "status": task.status}]
        return {"errcode": 0, "send_list": rows}

    def cancel_groupmsg_send(self, body: dict[str, Any]) -> Any:
        task = self._task(body)
        if task is not None and not self.stop_code:
            task.is_stopped = True
        return {"errcode": self.stop_code}

    def _task(self, body: dict[str, Any]) -> Task | None:
        return next((task for task in self.tasks if task.msgid == body["msgid"]), None)


@contextmanager
def fake_wecom(now: datetime) -> Iterator[FakeWeCom]:
    fake = FakeWeCom(now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(fake.get(self._query()))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            name = urlsplit(self.path).path.rpartition("/")[2]
            self._answer(fake.post(name, self._query().get("access_token", ""), body))

        def _query(self) -> dict[str, str]:
            return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

        def _answer(self, answer: Any) -> None:
            if answer == "silence":
                time.sleep(1)
                return
            status, data = answer if isinstance(answer, tuple) else (200, answer)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(data).encode())

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
