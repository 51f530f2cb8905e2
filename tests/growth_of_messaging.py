"""What `Growth` adds of messages: templates with versions, messages to the customer whose pages are opened and to
others, addresses that are left alone."""

from __future__ import annotations

from typing import Any

from dianke.customers.models import Customer
from dianke.messaging import operations
from dianke.messaging.models import Message, Template
from dianke.messaging.operations import Intent

SOURCE = "campaign:growth"
MAIL = {"host": "127.0.0.1", "port": "25", "security": "none", "sender": "news@example.com"}
NO_LIMITS = dict.fromkeys(("day_limit", "week_limit", "month_limit", "month_quota"))


class Messages:
    """`template` and the last message are those whose pages are opened."""

    def __init__(self, customer: Customer, who: dict[str, Any]) -> None:
        self.customer, self.who = customer, who
        operations.set_up_channel(
            channel="EMAIL", carrier="smtp", is_on=True, access=MAIL, limits=NO_LIMITS, **who
        )
        self.template: Template = operations.make_template(values=self._words("成长"), **who)

    def _words(self, word: str) -> dict[str, Any]:
        return {
            "name": f"{word}模板",
            "channel": "PORTAL",
            "purpose": "SERVICE",
            "subject": word,
            "body": f"{{{{ salutation }}}}，{word}。",
        }

    def add(self, number: int, word: str, another: Customer) -> None:
        """One more of everything."""
        who = self.who
        operations.make_template(values=self._words(word), **who)
        self.template = operations.change_template(
            template=self.template, values={"body": f"{{{{ salutation }}}}，第{word}版。"}, **who
        )
        operations.enqueue(
            source=SOURCE,
            channel="PORTAL",
            purpose="SERVICE",
            template=self.template,
            intents=[Intent(another.pk, word), Intent(self.customer.pk, word)],
            **who,
        )
        operations.suppress(channel="SMS", address=f"1549500{number:04}", why="HAND", note=word, **who)

    def records(self) -> dict[str, Any]:
        """A record for each gap in an address."""
        return {
            "/messages/": Message.objects.latest("pk").pk,
            "/messages/to/": self.customer.pk,
            "/messages/templates/": self.template.pk,
            "/settings/channels/": "EMAIL",
            "/settings/channels/#/": "smtp",
            "/hooks/sms/": "aliyun",
            "/hooks/sms/#/": "missing",
        }
