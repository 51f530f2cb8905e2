"""What a merchant decides about selling: which kinds of payment there are, and the stages orders of a trade
go through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged
from dianke.sales.models import Stage, Tender
from dianke.stores.models import Trade

MANAGE = "sales.manage_settings"
_OF_TENDER = ("name", "is_active", "needs_reference", "refund_days", "fallback")
_OF_STAGE = ("name", "position", "order_state", "gate", "task_title", "task_days", "is_active")


class FallbackWrong(InvalidInput):
    code = "tender_fallback_wrong"
    message = _("A refund that cannot go back is given by another kind of payment at hand, such as cash.")
    default_field = "fallback"


class NameMissing(InvalidInput):
    code = "sales_name_missing"
    message = _("Give it a name, so that people can choose it.")
    default_field = "name"


class TradeUnknown(InvalidInput):
    code = "stage_trade_unknown"
    message = _("There is no such trade. Choose one from the list.")
    default_field = "trade"


@operation(MANAGE)
def change_tender(*, tender: Tender, values: Mapping[str, Any], actor: Actor, now: datetime) -> Tender:
    """Change a kind of payment: `name`, `is_active`, `needs_reference`, `refund_days`, `fallback`. How it
    works and where its money goes stay. Raises `NameMissing`, `FallbackWrong`."""
    wanted = {name: values[name] for name in _OF_TENDER if name in values}
    if not str(wanted.get("name", tender.name)).strip():
        raise NameMissing
    other = wanted.get("fallback")
    if other is not None and (
        other.pk == tender.pk or other.account not in (Tender.Account.CASH, Tender.Account.BANK)
    ):
        raise FallbackWrong
    row: Tender = Tender.objects.select_for_update().get(pk=tender.pk)
    changes = apply_changes(row, wanted)
    if not changes:
        unchanged()
        return row
    record("sales.tender_changed", row, actor=actor, now=now, data={"code": row.code, "changes": changes})
    return row


@operation(MANAGE)
def arrange_tenders(*, tenders: Sequence[Tender], actor: Actor, now: datetime) -> list[Tender]:
    """Put kinds of payment into the order in which they are offered; those not named come after, as they stood."""
    rows = {row.pk: row for row in Tender.objects.select_for_update().order_by("position", "pk")}
    named = [tender.pk for tender in tenders if tender.pk in rows]
    ordered = [rows[pk] for pk in dict.fromkeys([*named, *rows])]
    if [row.pk for row in ordered] == list(rows):
        unchanged()
        return ordered
    for position, row in enumerate(ordered):
        row.position = position
    Tender.objects.bulk_update(ordered, ["position"])
    codes = [row.code for row in ordered]
    record("sales.tenders_arranged", ordered[0], actor=actor, now=now, data={"codes": codes})
    return ordered


@operation(MANAGE)
def put_stage(*, trade: str, code: str, values: Mapping[str, Any], actor: Actor, now: datetime) -> Stage:
    """Set a stage of a trade: `name`, `position`, `order_state`, `gate`, `task_title`, `task_days`,
    `is_active`. One that is not there is added. Orders that are in it stay. Raises `TradeUnknown`,
    `NameMissing`."""
    if trade not in Trade.values:
        raise TradeUnknown
    wanted = {name: values[name] for name in _OF_STAGE if name in values}
    row: Stage | None = Stage.objects.select_for_update().filter(trade=trade, code=code).first()
    if not str(wanted.get("name", row.name if row else "")).strip():
        raise NameMissing
    if row is None:
        last = Stage.objects.filter(trade=trade).order_by("position").last()
        usual = {"position": last.position + 1 if last else 0, "order_state": "APPROVED"}
        row = Stage.objects.create(trade=trade, code=code, **(usual | wanted))
        changes: Mapping[str, Any] = {"code": ["", code]}
    else:
        changes = apply_changes(row, wanted)
        if not changes:
            unchanged()
            return row
    record("sales.stage_set", row, actor=actor, now=now, data={"code": code, "changes": dict(changes)})
    return row
