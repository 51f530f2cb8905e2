"""Opening balances beside customers out of files: stored value, bonus, sessions left on a card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import DiankeError
from dianke.core.money import parse
from dianke.customers.models import Customer
from dianke.imports.importers import (
    Context,
    ImporterExtension,
    Kind,
    Outcome,
    Row,
    RowProblem,
    Target,
    UndoCount,
    register_extension,
)
from dianke.stores.models import Store
from dianke.stores.queries import local_date
from dianke.wallets.models import CardKind
from dianke.wallets.operations.opening import OpeningRow, note_openings, take_back, take_in

_GROUP = _("Opening balances")
_BATCH = 200


@dataclass(slots=True)
class _Read:
    """What a row's columns say; problems by column."""

    principal: int = 0
    bonus: int = 0
    value: int | None = None
    kind: CardKind | None = None
    left: tuple[int, ...] = ()
    expires_on: date | None = None
    problems: list[RowProblem] = field(default_factory=list)


class OpeningBalances(ImporterExtension):
    """Columns of stored value and cards."""

    code = "wallets"
    importer = "customers"
    label = _("Stored value and session cards")
    permission = "wallets.manage_offers"

    def targets(self, actor: Actor) -> Sequence[Target]:
        """The columns it adds."""
        return (
            Target(
                "wallet_principal",
                _("Stored value: principal"),
                ("储值余额", "储值本金", "本金余额", "本金", "卡内余额", "余额", "stored value", "balance"),
                hint=_("In yuan, what the customer paid and has not used."),
                example="1200.00",
            ),
            Target(
                "wallet_bonus",
                _("Stored value: bonus"),
                ("赠金余额", "赠送余额", "赠金", "赠送金额", "bonus"),
                hint=_("In yuan."),
                example="200.00",
            ),
            Target(
                "card_kind",
                _("Session card"),
                ("次卡", "次卡名称", "疗程卡", "套餐", "项目卡", "card", "package"),
                hint=_("The name of a kind of card that is on sale."),
                example="面部护理10次卡",
            ),
            Target(
                "card_left",
                _("Sessions left"),
                ("剩余次数", "剩余次", "次数", "sessions left"),
                hint=_("Several services of a card in its order: 6/2."),
                example="6",
            ),
            Target(
                "card_value",
                _("Value of the sessions left"),
                ("次卡余额", "剩余金额", "card value"),
                hint=_("In yuan. Empty: by the price of the card."),
                example="600.00",
            ),
            Target(
                "card_expires",
                _("Card valid through"),
                ("次卡有效期", "卡有效期", "card expires"),
                kind=Kind.DATE,
                example="2027-12-31",
            ),
        )

    def check(self, rows: Sequence[Row], context: Context) -> Sequence[tuple[RowProblem, ...]]:
        """Amounts, the kind of card, the numbers of sessions."""
        kinds = _kinds()
        return [tuple(_read(row, kinds).problems) for row in rows]

    def apply(self, rows: Sequence[tuple[Row, Outcome]], context: Context) -> None:
        """Post the balances of a batch together, at the home store of each customer."""
        kinds = _kinds()
        ids = [int(outcome.subject_id) for _row, outcome in rows if outcome.subject_id.isdecimal()]
        customers = Customer.objects.select_related("store__legal_entity").in_bulk(ids)
        chosen = context.options.get("store", "")
        fallback = Store.objects.filter(pk=int(chosen)).first() if chosen.isdecimal() else None
        fallback = fallback or Store.objects.still_open().order_by("pk").first()
        openings = []
        for row, outcome in rows:
            customer = customers.get(int(outcome.subject_id)) if outcome.subject_id.isdecimal() else None
            read = _read(row, kinds)
            store = (customer.store if customer else None) or fallback
            if customer is None or store is None or read.problems:
                continue
            openings.append(
                OpeningRow(
                    row.number,
                    customer,
                    store,
                    read.principal,
                    read.bonus,
                    read.kind,
                    read.left,
                    read.value,
                    read.expires_on,
                )
            )
        take_in(
            rows=openings,
            run=context.run,
            day=local_date(context.now),
            actor=context.actor.as_system(),
            now=context.now,
        )

    def undo(self, context: Context, cursor: str, limit: int) -> UndoCount:
        """What was not used goes; the rest stays and is counted."""
        first, _dot, second = cursor.partition(".")
        after = (int(first or 0), int(second or 0))
        removed, kept, next_after = take_back(
            run=context.run,
            after=after,
            limit=min(limit, _BATCH),
            day=local_date(context.now),
            actor=context.actor.as_system(),
            now=context.now,
        )
        return UndoCount(removed, 0, kept, "" if next_after is None else f"{next_after[0]}.{next_after[1]}")

    def after(self, context: Context) -> None:
        """The totals stay in the log."""
        note_openings(run=context.run, actor=context.actor.as_system(), now=context.now)


def _kinds() -> dict[str, CardKind]:
    return {kind.name: kind for kind in CardKind.objects.on_sale().prefetch_related("items")}


def _read(row: Row, kinds: dict[str, CardKind]) -> _Read:
    read = _Read()
    read.principal = _amount(row, "wallet_principal", read) or 0
    read.bonus = _amount(row, "wallet_bonus", read) or 0
    read.value = _amount(row, "card_value", read)
    name, left = row.get("card_kind", ""), row.get("card_left", "")
    if name or left:
        read.kind = kinds.get(name)
        if read.kind is None:
            text = _("There is no kind of card with this name on sale. Make it first, or correct the name.")
            read.problems.append(RowProblem("card_kind_unknown", text, "card_kind"))
        parts = left.replace("／", "/").split("/")
        if not all(part.strip().isdecimal() and len(part.strip()) < 5 for part in parts):
            text = _("Sessions left are whole numbers: 6, or 6/2 for two services.")
            read.problems.append(RowProblem("card_left_wrong", text, "card_left"))
        else:
            read.left = tuple(int(part) for part in parts)
            if read.kind is not None and len(read.left) > len(read.kind.items.all()):
                text = _("The card has fewer services than numbers stand here.")
                read.problems.append(RowProblem("card_left_too_many", text, "card_left"))
    if day := row.get("card_expires", ""):
        try:
            read.expires_on = date.fromisoformat(day.replace("/", "-").replace(".", "-"))
        except ValueError:
            text = _("Write the day like 2027-12-31.")
            read.problems.append(RowProblem("card_expires_wrong", text, "card_expires"))
    return read


def _amount(row: Row, column: str, read: _Read) -> int | None:
    text = row.get(column, "")
    if not text:
        return None
    try:
        amount = parse(text, "CNY").to_minor()
    except DiankeError as error:
        read.problems.append(RowProblem(error.code, str(error), column))
        return None
    if amount < 0:
        wrong = _("A balance cannot be below zero. Enter what the customer still has.")
        read.problems.append(RowProblem("balance_negative", wrong, column))
        return None
    return amount


def register() -> None:
    """Called once, when the app is ready."""
    register_extension(OpeningBalances())
