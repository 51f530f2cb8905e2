"""What the room does with somebody's rights: the tables of the copy, and what is blanked when they are erased."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.customers.queries.export import register_export
from dianke.customers.queries.export_tables import ExportPart, instant
from dianke.customers.queries.rights import ErasurePart, register_erasure
from dianke.loyalty.models import LevelChange, LevelGrant, Redemption, Referral
from dianke.loyalty.operations.erasing import blank_words
from dianke.loyalty.queries.statement import statement_of


def _points(ids: Collection[int]) -> Iterable[dict[str, Any]]:
    before: int | None = None
    known: Sequence[int] = list(ids)
    while lines := statement_of(known, before=before, limit=500):
        for line in lines:
            yield {
                "at": instant(line.at),
                "what": str(line.label),
                "points": line.points,
                "pending": line.pending,
                "balance": line.balance,
                "reason": line.reason,
            }
        before = lines[-1].id


def _levels(ids: Collection[int]) -> Iterable[dict[str, Any]]:
    rows = LevelChange.objects.filter(customer__in=ids).select_related("before", "after").order_by("pk")
    for row in rows:
        yield {
            "on": row.on.isoformat(),
            "before": row.before.name if row.before else "",
            "after": row.after.name if row.after else "",
            "why": str(row.get_why_display()),
        }
    for grant in LevelGrant.objects.filter(customer__in=ids).select_related("level").order_by("pk"):
        yield {
            "on": grant.from_date.isoformat(),
            "before": "",
            "after": grant.level.name,
            "why": f"{grant.get_kind_display()} {grant.reason}".strip(),
        }


def _rewards(ids: Collection[int]) -> Iterable[dict[str, Any]]:
    rows = Redemption.objects.filter(customer__in=ids).select_related("reward").order_by("pk")
    for row in rows:
        yield {
            "at": instant(row.at),
            "reward": row.reward.name,
            "points": row.points,
            "state": str(row.get_state_display()),
        }


def _referrals(ids: Collection[int]) -> Iterable[dict[str, Any]]:
    for row in Referral.objects.filter(customer__in=ids).order_by("pk"):
        yield {"at": instant(row.made_at), "role": "brought", "state": str(row.get_state_display())}
    for row in Referral.objects.filter(referred__in=ids).order_by("pk"):
        yield {"at": instant(row.made_at), "role": "came", "state": str(row.get_state_display())}


def register() -> None:
    """Called once, when the app is ready."""
    register_export(
        ExportPart(
            "loyalty_points",
            _("Points"),
            {
                "at": _("When"),
                "what": _("What"),
                "points": _("Points"),
                "pending": pgettext_lazy("points", "Pending"),
                "balance": _("Balance"),
                "reason": _("Reason"),
            },
            _points,
        )
    )
    register_export(
        ExportPart(
            "loyalty_levels",
            _("Levels of membership"),
            {
                "on": _("Day"),
                "before": pgettext_lazy("level", "Before"),
                "after": pgettext_lazy("level", "After"),
                "why": _("Why"),
            },
            _levels,
        )
    )
    register_export(
        ExportPart(
            "loyalty_rewards",
            _("Exchanges of points"),
            {"at": _("When"), "reward": _("Reward"), "points": _("Points"), "state": _("State")},
            _rewards,
        )
    )
    register_export(
        ExportPart(
            "loyalty_referrals",
            _("Referrals"),
            {"at": _("When"), "role": pgettext_lazy("referral", "Role"), "state": _("State")},
            _referrals,
        )
    )
    register_erasure(
        ErasurePart(
            "loyalty",
            _("Reasons, notes and the invitation code of the membership"),
            blank_words,
            kept=_("Postings of points and changes of level stay as books without a name."),
        )
    )
