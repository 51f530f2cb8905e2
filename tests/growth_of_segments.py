"""What `Growth` adds of segments: more of them; the one whose pages are opened gets another count, version and rule."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dianke.customers.models import Customer, Tag
from dianke.segments import operations
from dianke.segments.models import Segment, SegmentCount

MOST_RULES = 8


class Segments:
    """`segment` is the one whose pages are opened: everybody is in it, by a tag, an order or because they are known."""

    def __init__(self, customer: Customer, who: dict[str, Any]) -> None:
        self.customer, self.who = customer, who
        self.today = who["now"].date()
        self.rules: list[dict[str, Any]] = [
            {"field": "profile.key_account", "op": "no", "value": None},
            {"field": "metrics.orders", "op": "gte", "value": 1},
            {"field": "balances.stored", "op": "gte", "value": 1},
            {"field": "balances.coupons", "op": "gte", "value": 1},
        ]
        self.segment: Segment = operations.make_segment(
            values={"name": "成长客群", "rules": {"any": self.rules}}, **who
        )

    def add(self, number: int, word: str) -> None:
        """One more of everything."""
        who, tags = (
            self.who,
            [str(pk) for pk in Tag.objects.order_by("-pk").values_list("pk", flat=True)[:20]],
        )
        told = {"field": "profile.tags", "op": "in", "value": tags}
        rules = {"any": [*self.rules, told]}
        operations.change_segment(segment=self.segment, values={"rules": rules, "note": word}, **who)
        made: Segment = operations.make_segment(
            values={"name": f"{word}客群", "rules": rules, "is_shared": True}, **who
        )
        operations.convert_segment(segment=made, kind="SNAPSHOT", schedule="DAILY", **who)
        away = operations.copy_segment(segment=made, name=f"{word}旧群", **who)
        operations.archive_segment(segment=away, **who)
        SegmentCount.objects.create(
            segment=self.segment, on=self.today - timedelta(days=number), count=number
        )

    def records(self) -> dict[str, Any]:
        """A record for each gap in an address."""
        return {
            "/segments/": self.segment.pk,
            "/segments/#/why/": self.customer.pk,
            "/segments/#/members/": self.customer.pk,
            "a segment with another": Segment.objects.in_use().exclude(pk=self.segment.pk).latest("pk").pk,
        }
