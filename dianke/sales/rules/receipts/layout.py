"""A receipt as rows of a given width: the same for every printer of that paper, and for plain text."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import pgettext

from dianke.sales.rules.receipts.columns import COLUMNS, in_columns, pair, printable, width_of, wrapped
from dianke.sales.rules.receipts.content import Item, Member, Receipt


class Align(enum.IntEnum):
    LEFT = 0
    CENTER = 1
    RIGHT = 2


@dataclass(frozen=True, slots=True)
class TextRow:
    """One line of text; a big one takes twice the columns."""

    text: str
    align: Align = Align.LEFT
    is_bold: bool = False
    is_big: bool = False


@dataclass(frozen=True, slots=True)
class QrRow:
    """A QR code of a link."""

    link: str


@dataclass(frozen=True, slots=True)
class FeedRow:
    lines: int = 1


Row = TextRow | QrRow | FeedRow


def rows_of(receipt: Receipt, *, paper: int) -> list[Row]:
    """The receipt for paper of 58 or 80 mm, in the active language. Every text row fits its columns."""
    return list(_rows(receipt, COLUMNS[paper]))


def as_text(receipt: Receipt, *, paper: int) -> str:
    """The same as plain text, for a screen or a log."""
    width = COLUMNS[paper]
    lines = []
    for row in rows_of(receipt, paper=paper):
        match row:
            case TextRow():
                size = width_of(row.text) * (2 if row.is_big else 1)
                room = {Align.LEFT: 0, Align.CENTER: (width - size) // 2, Align.RIGHT: width - size}[
                    row.align
                ]
                lines.append(" " * room + row.text)
            case QrRow():
                lines.append(row.link)
            case FeedRow():
                lines += [""] * row.lines
    return "\n".join(lines)


def _rows(receipt: Receipt, width: int) -> Iterator[Row]:
    for line in wrapped(printable(receipt.title), width // 2):
        yield TextRow(line, Align.CENTER, is_bold=True, is_big=True)
    for text in receipt.header:
        yield from _centred(text, width)
    if receipt.is_copy:
        yield TextRow(printable(pgettext("receipt", "Copy")), Align.CENTER, is_bold=True)
    yield from _line("-", width)
    for label, value in (
        (pgettext("receipt", "No."), receipt.number),
        (pgettext("receipt", "Time"), receipt.sold_at),
        (pgettext("receipt", "Register"), receipt.register),
        (pgettext("receipt", "Served by"), receipt.staff),
    ):
        if value:
            yield from _pair(label, value, width)
    yield from _line("-", width)
    yield TextRow(
        in_columns(
            (pgettext("receipt", "Goods"), pgettext("receipt", "Quantity"), pgettext("receipt", "Amount")),
            _thirds(width),
        ),
        is_bold=True,
    )
    for item in receipt.items:
        yield from _item(receipt, item, width)
    yield from _line("-", width)
    yield from _sums(receipt, width)
    if receipt.member is not None:
        yield from _line("-", width)
        yield from _member(receipt, receipt.member, width)
    if receipt.link:
        yield FeedRow()
        yield QrRow(receipt.link)
        yield from _centred(pgettext("receipt", "Scan for this receipt on your phone"), width)
    if receipt.footer:
        yield from _line("-", width)
    for text in receipt.footer:
        yield from _centred(text, width)
    yield FeedRow(3)


def _thirds(width: int) -> tuple[int, int, int]:
    return (width - 22, 10, 12) if width >= 40 else (width - 18, 8, 10)


def _item(receipt: Receipt, item: Item, width: int) -> Iterator[Row]:
    for line in wrapped(printable(item.name), width):
        yield TextRow(line)
    price, quantity = receipt.money(item.price), printable(item.quantity)
    cells = (f"  {price}", f"x{quantity}", receipt.money(item.list_amount))
    widths = _thirds(width)
    if all(width_of(cell) < size for cell, size in zip(cells, widths, strict=True)):
        yield TextRow(in_columns(cells, widths))
    else:
        yield from _pair(f"  {price} x{quantity}", receipt.money(item.list_amount), width)
    for discount in item.discounts:
        yield from _pair(f"  {discount.name}", receipt.money(-discount.amount), width)
    if item.note:
        for line in wrapped(f"  {printable(item.note)}", width):
            yield TextRow(line)


def _sums(receipt: Receipt, width: int) -> Iterator[Row]:
    if receipt.saved_amount:
        yield from _pair(pgettext("receipt", "At list prices"), receipt.money(receipt.list_amount), width)
        yield from _pair(pgettext("receipt", "Saved"), receipt.money(-receipt.saved_amount), width)
    for line in pair(printable(pgettext("receipt", "To pay")), receipt.money(receipt.total_amount), width):
        yield TextRow(line, is_bold=True)
    if receipt.tax_amount is not None:
        yield from _pair(pgettext("receipt", "Tax contained"), receipt.money(receipt.tax_amount), width)
    for paid in receipt.paid:
        yield from _pair(paid.name, receipt.money(paid.amount), width)
        if paid.handed > paid.amount:
            yield from _pair("  " + pgettext("receipt", "Handed over"), receipt.money(paid.handed), width)
        if paid.change:
            yield from _pair("  " + pgettext("receipt", "Change"), receipt.money(paid.change), width)
    if receipt.due_amount:
        yield from _pair(pgettext("receipt", "Still to pay"), receipt.money(receipt.due_amount), width)


def _member(receipt: Receipt, member: Member, width: int) -> Iterator[Row]:
    name = f"{member.name} {member.level}".strip()
    yield from _pair(pgettext("receipt", "Member"), name, width)
    if member.points_used:
        yield from _pair(pgettext("receipt", "Points used"), f"{member.points_used:,}", width)
    if member.points_earned:
        yield from _pair(pgettext("receipt", "Points earned"), f"{member.points_earned:,}", width)
    if member.points_left is not None:
        yield from _pair(pgettext("receipt", "Points left"), f"{member.points_left:,}", width)
    if member.wallet_left is not None:
        yield from _pair(pgettext("receipt", "Stored value left"), receipt.money(member.wallet_left), width)


def _pair(left: str, right: str, width: int) -> Iterator[Row]:
    for line in pair(printable(left), printable(right), width):
        yield TextRow(line)


def _centred(text: str, width: int) -> Iterator[Row]:
    for line in wrapped(printable(text), width):
        yield TextRow(line, Align.CENTER)


def _line(char: str, width: int) -> Iterator[Row]:
    yield TextRow(char * width)
