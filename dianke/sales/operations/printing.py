"""Printing receipts: what a receipt looks like in a store, which printer a register has, and sending bytes to it.

The printer is a port: bytes go to an address in the shop's own network, with a short time to answer. A till without a
network printer gets the bytes and prints them itself. Sending is no part of a transaction; that it was printed is
written afterwards.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput, TemporarilyUnavailable
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged
from dianke.sales.models import Order, ReceiptPrint, ReceiptPrinter, ReceiptSetting
from dianke.sales.rules.receipts.escpos import drawer_kick
from dianke.stores.models import Register, Store

SETTINGS = "sales.manage_settings"
SELL = "sales.sell"
TIMEOUT_SECONDS = 5
_SETTING = ("title", "header", "footer", "has_tax", "has_link")
_PRINTER = ("width", "host", "port", "has_qr", "has_drawer", "copies")


class PrinterAddressWrong(InvalidInput):
    code = "printer_address_wrong"
    message = _("The printer must stand in the shop's own network, with an address such as 192.168.1.50.")
    default_field = "host"


class PrinterValueWrong(InvalidInput):
    code = "printer_value_wrong"
    message = _("Choose paper of 58 or 80 mm, a port from 1 to 65535 and 1 to 5 copies.")


class PrinterSilent(TemporarilyUnavailable):
    code = "printer_silent"
    message = _(
        "The printer at %(host)s does not answer. Check that it is on and has paper and network, then print again."
    )


class PrinterPort(Protocol):
    """Where bytes are printed."""

    def send(self, content: bytes) -> None:
        """Raises `PrinterSilent`."""


class NetworkPrinter:
    """A printer that takes raw bytes on a port (9100 as a rule)."""

    def __init__(self, host: str, port: int, *, timeout: int = TIMEOUT_SECONDS) -> None:
        self.host, self.port, self.timeout = host, port, timeout

    def send(self, content: bytes) -> None:
        """Hand over all bytes, or raise `PrinterSilent`."""
        try:
            with socket.create_connection((self.host, self.port), timeout=self.timeout) as connection:
                connection.sendall(content)
                connection.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise PrinterSilent(host=self.host) from error


def kick_drawer(register: Register) -> bool:
    """Open the drawer at the register's printer; False where there is none, or it does not answer."""
    printer = ReceiptPrinter.objects.filter(register=register).first()
    if printer is None or not printer.host or not printer.has_drawer:
        return False
    try:
        NetworkPrinter(printer.host, printer.port).send(drawer_kick())
    except PrinterSilent:
        return False
    return True


def check_address(host: str) -> None:
    """Only the shop's own network: nobody can make the server call elsewhere. Raises `PrinterAddressWrong`."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError as error:
        raise PrinterAddressWrong from error
    own = address.is_private and not (
        address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast
    )
    if not own:
        raise PrinterAddressWrong


@operation(SETTINGS)
def set_receipts(*, store: Store, values: Mapping[str, Any], actor: Actor, now: datetime) -> ReceiptSetting:
    """How receipts of a store look: `title`, `header`, `footer`, `has_tax`, `has_link`."""
    actor.require(SETTINGS, store_id=store.pk)
    found, is_new = ReceiptSetting.objects.select_for_update().get_or_create(store=store)
    row: ReceiptSetting = found
    changes = apply_changes(row, {name: values[name] for name in _SETTING if name in values})
    if not changes and not is_new:
        unchanged()
        return row
    record(
        "sales.receipt_settings_changed",
        store,
        actor=actor,
        now=now,
        store_id=store.pk,
        data={"fields": sorted(changes)},
    )
    return row


@operation(SETTINGS)
def set_printer(
    *, register: Register, values: Mapping[str, Any], actor: Actor, now: datetime
) -> ReceiptPrinter:
    """The printer of a register: `width`, `host` (None: the till prints by itself), `port`, `has_qr`, `has_drawer`,
    `copies`. Raises `PrinterAddressWrong`, `PrinterValueWrong`."""
    actor.require(SETTINGS, store_id=register.store_id)
    row = ReceiptPrinter.objects.select_for_update().filter(register=register).first()
    row = row or ReceiptPrinter(register=register, store_id=register.store_id)
    wanted = {name: values[name] for name in _PRINTER if name in values}
    if "host" in wanted:
        wanted["host"] = wanted["host"] or None
        if wanted["host"] is not None:
            check_address(str(wanted["host"]))
    fits = {"width": (58, 80), "port": range(1, 65536), "copies": range(1, 6)}
    for name, allowed in fits.items():
        if name in wanted and wanted[name] not in allowed:
            raise PrinterValueWrong(field=name)
    changed = sorted(name for name, value in wanted.items() if getattr(row, name) != value)
    if row.pk and not changed:
        unchanged()
        return row
    for name in changed:
        setattr(row, name, wanted[name])
    row.save()
    record(
        "sales.receipt_printer_changed",
        register,
        actor=actor,
        now=now,
        store_id=register.store_id,
        data={"fields": changed},
    )
    return row


@operation(SELL)
def note_print(
    *, order: Order, way: str, register: Register | None = None, actor: Actor, now: datetime
) -> ReceiptPrint:
    """Write down that the receipt of an order was printed; the first is the original, the others are copies."""
    actor.require(SELL, store_id=order.store_id)
    # Two who print at once wait for each other: only one of them holds the original.
    Order.objects.select_for_update(of=("self",), no_key=True).get(pk=order.pk)
    printed: ReceiptPrint = ReceiptPrint.objects.create(
        order=order,
        register=register,
        way=way,
        is_copy=ReceiptPrint.objects.filter(order=order).exists(),
        printed_at=now,
        printed_by_id=actor.user_id,
    )
    record(
        "sales.receipt_printed",
        order,
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"copy": printed.is_copy, "way": way},
    )
    return printed
