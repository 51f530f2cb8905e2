"""What the room registers: how its events read, the kind of its tasks, and that posting a stocktake can need a second
person.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import NotFound
from dianke.customers.operations.import_undo import register_hold
from dianke.customers.queries.rights import Blocker, register_erasure_blocker
from dianke.events.registry import register_kind, register_rows
from dianke.inventory.models import (
    CountSession,
    CustodyItem,
    Document,
    Place,
    Reservation,
    StockAlert,
    Transfer,
)
from dianke.inventory.operations.places import bound_to_entity
from dianke.inventory.providers import floor_pages, stock_pages
from dianke.stores.operations import entity_bonds
from dianke.work.registry import Approvable, Line, TaskKind, register_approvable, register_task_kind

_EVENTS = {
    "stock_opened": _("Opening stock entered: %(number)s"),
    "goods_received": _("Goods received: %(number)s"),
    "stock_adjusted": _("Stock adjusted: %(number)s"),
    "goods_scrapped": _("Goods scrapped: %(number)s"),
    "landed_cost_added": _("Later cost of a receipt: %(number)s"),
    "document_reversed": _("Stock document %(number)s taken back by %(by)s"),
    "period_locked": _("Stock books locked through %(through)s"),
    "period_reopened": _("Stock books opened again after %(through)s"),
    "negative_policy_set": _("Rule for short stock changed"),
    "reservations_expired": _("Reservations run out: %(count)s"),
    "transfer_planned": _("Transfer planned: %(lines)s lines"),
    "transfer_shipped": _("Transfer %(number)s shipped"),
    "transfer_received": _(
        "Transfer %(number)s received: %(arrived)s good, %(damaged)s damaged, %(lost)s missing"
    ),
    "transfer_returned": _(
        "Transfer %(number)s brought back: %(arrived)s good, %(damaged)s damaged, %(lost)s missing"
    ),
    "transfer_cancelled": _("Transfer called off"),
    "count_opened": _("Stocktake “%(name)s” opened: %(lines)s lines"),
    "lines_counted": _("Stocktake “%(name)s”: %(count)s entries"),
    "count_again": _("Stocktake “%(name)s”: %(again)s lines are counted again"),
    "count_submitted": _("Stocktake “%(name)s” counted: %(differences)s differences"),
    "count_posted": _("Stocktake “%(name)s” posted: %(lines)s lines"),
    "count_cancelled": _("Stocktake “%(name)s” called off"),
    "custody_taken_in": _("Customer's goods taken in: %(tag)s"),
    "custody_given_back": _("Customer's goods given back: %(tag)s"),
    "goods_used_up": _("Goods used in a service: %(lines)s"),
    "safety_stock_set": _("Safety stock changed"),
    "alerts_raised": _("Stock looked through: %(began)s new alerts, %(ended)s settled"),
}


class CountGone(NotFound):
    code = "count_gone"
    message = _("The stocktake this is about is gone. It has to be asked for again.")


def _unpack_count(data: Any, lock: bool) -> dict[str, Any]:
    if isinstance(data["session"], bool) or not isinstance(data["session"], int):
        raise ValueError(data["session"])
    rows = CountSession.objects.select_related("store")
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=data["session"]).first()
    if found is None:
        raise CountGone
    return {"session": found}


def _count_lines(arguments: Any) -> list[Line]:
    session: CountSession = arguments["session"]
    return [
        Line(_("Stocktake"), str(session)),
        Line(_("Store"), str(session.store)),
        Line(_("Found"), f"¥{session.surplus or 0:.2f}"),
        Line(_("Missing"), f"¥{session.shortage or 0:.2f}"),
    ]


def _count_approvable() -> Approvable:
    from dianke.inventory.operations.count_closing import amount_of, post_count, state_of

    return Approvable(
        operation="inventory.post_count",
        label=_("Post a stocktake"),
        permission="inventory.count_stock",
        run=post_count,
        pack=lambda a: {"session": a["session"].pk},
        unpack=_unpack_count,
        summary=lambda a: gettext("Post the stocktake “%(name)s”") % {"name": a["session"]},
        lines=_count_lines,
        state=lambda a: state_of(a["session"]),
        subject=lambda a: f"inventory.countsession:{a['session'].pk}",
        store_id=lambda a: a["session"].store_id,
        amount=lambda a: amount_of(a["session"]),
        amount_label=_("yuan of differences"),
        suggested_limit=None,
        icon="clipboard-check",
    )


def register() -> None:
    """Called once, when the app is ready."""
    for code, label in _EVENTS.items():
        register_kind(f"inventory.{code}", label, permission="inventory.view_stock")
    register_rows(
        "inventory.document",
        lambda actor: Document.objects.visible_to(actor),
        "number",
        noun=_("Stock document"),
    )
    register_rows("inventory.place", lambda actor: Place.objects.visible_to(actor), "name", noun=_("Place"))
    register_rows(
        "inventory.reservation",
        lambda actor: Reservation.objects.visible_to(actor),
        "reference",
        noun=_("Reservation"),
    )
    register_rows(
        "inventory.countsession",
        lambda actor: CountSession.objects.visible_to(actor),
        "name",
        noun=_("Stocktake"),
    )
    register_rows(
        "inventory.transfer",
        lambda actor: Transfer.objects.visible_to(actor),
        "shipment__number",
        noun=_("Transfer"),
    )
    register_rows(
        "inventory.custodyitem",
        lambda actor: CustodyItem.objects.visible_to(actor),
        "tag",
        noun=_("Customer's goods"),
    )
    register_rows(
        "inventory.stockalert",
        lambda actor: StockAlert.objects.visible_to(actor),
        "kind",
        noun=_("Stock alert"),
    )
    register_task_kind(TaskKind("stock", _("Stock"), "package", is_manual=False))
    register_approvable(_count_approvable())
    register_hold("inventory_custodyitem", "customer_id")
    register_erasure_blocker("custody", _still_kept)
    entity_bonds.register(bound_to_entity)
    stock_pages.register()
    floor_pages.register()


def _still_kept(customer_ids: Collection[int]) -> list[Blocker]:
    """Nobody is erased whose things we still have: there would be nobody to give them back to."""
    kept = CustodyItem.objects.kept().filter(customer__in=customer_ids).order_by("pk")
    return [
        Blocker(
            _("“%(item)s” (tag %(tag)s) is still kept for this customer. Give it back first.")
            % {"item": item, "tag": tag}
        )
        for item, tag in kept.values_list("description", "tag")
    ]
