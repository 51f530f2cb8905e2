"""What segments show on the dashboard of customers: the groups in use, and how many may be written to by which way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.customers.models import Purpose
from dianke.insight.queries.board_blocks import Block, register_block
from dianke.segments.models import VIEW, Segment
from dianke.segments.providers.profile import CHANNELS
from dianke.segments.queries import counting
from dianke.segments.queries.compiling import checked
from dianke.segments.queries.fields import Vocabulary
from dianke.segments.rules.language import ALL, read

SHOWN = 8


def _segments(actor: Actor, now: datetime) -> Mapping[str, Any] | None:
    """Those changed last, with how many they held when they were worked out. One statement."""
    rows = list(Segment.objects.visible_to(actor).in_use()[:SHOWN])
    return {"rows": rows}


def _reach(actor: Actor, now: datetime) -> Mapping[str, Any] | None:
    """Customers the actor may see who agreed to offers, by the way they may get them: counted as a segment would."""
    vocabulary = Vocabulary()
    field = f"consent.{Purpose.MARKETING.value.lower()}"
    rows: list[dict[str, Any]] = []
    for code, label in CHANNELS:
        tree = {ALL: [{"field": field, "op": "in", "value": [code]}]}
        rules = checked(read(tree), now=now, actor=actor, vocabulary=vocabulary)
        rows.append({"label": label, "count": counting.count(rules, actor)})
    most = max((row["count"] for row in rows), default=0)
    for row in rows:
        row["share"] = round(row["count"] * 100 / most) if most else 0
    return {"rows": sorted(rows, key=lambda row: -row["count"])}


def register() -> None:
    """Called once, when the apps are ready."""
    register_block(
        Block(
            "segments.segments",
            pgettext_lazy("place", "Segments"),
            "segments/board/segments.html",
            VIEW,
            _segments,
            10,
        )
    )
    register_block(
        Block("segments.reach", _("Who agreed to offers"), "segments/board/reach.html", VIEW, _reach, 20)
    )
