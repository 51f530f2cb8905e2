"""A customer's phone for tests: its browser, and the text messages that reach it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from django.urls import reverse

from dianke.core.messages import Message
from dianke.customers.models import RegistrationPoint

PHONE = "13912345678"
_PROOF = re.compile(r'name="proof"[^>]*value="([^"]*)"')


@dataclass
class Phone:
    """`sent` is the list of `messages.recorded()`. Each phone is a browser of its own, at the address `ip`."""

    sent: list[Message]
    number: str = PHONE
    ip: str = "203.0.113.7"
    client: Client = field(default_factory=Client)

    def __post_init__(self) -> None:
        self.client.defaults.update({"REMOTE_ADDR": self.ip, "HTTP_USER_AGENT": "iPhone MicroMessenger"})

    def post(self, url_name: str, /, *args: Any, **data: Any) -> Any:
        return self.client.post(reverse(f"customers:{url_name}", args=args), data)

    def get(self, url_name: str, /, *args: Any) -> Any:
        return self.client.get(reverse(f"customers:{url_name}", args=args))

    def last_code(self) -> str:
        """The six digits of the last message to this number."""
        mine = [each for each in self.sent if each.to == f"+86{self.number}"]
        found = re.search(r"\b(\d{6})\b", mine[-1].text)
        assert found
        return found[1]

    def ask(self, url_name: str, /, *args: Any, **data: Any) -> dict[str, str]:
        """Press the button that sends a code; gives proof and code for the next post."""
        answer = self.post(url_name, *args, **{"phone": self.number, **data, "do": "send"})
        assert answer.status_code == 200, answer.content.decode()
        proof = _PROOF.search(answer.content.decode())
        assert proof is not None
        return {"proof": proof[1], "code": self.last_code(), "phone": self.number}

    def register(self, point: RegistrationPoint, name: str = "林晓月", **data: Any) -> Any:
        """The whole registration as a person does it."""
        proven = self.ask("register", point.code, name=name)
        return self.post(
            "register", point.code, **{"name": name, "consent_MEMBERSHIP": "on", **proven, **data}
        )

    def sign_in(self, **data: Any) -> Any:
        return self.post("portal-sign-in", **{**self.ask("portal-sign-in"), **data})
