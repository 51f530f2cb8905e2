"""Past orders out of files: the fields and questions of the room `imports` for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.core.names import fold
from dianke.customers.queries.importing import staff_by_word, stores_by_word
from dianke.imports.importers import (
    Context,
    Importer,
    Option,
    Outcome,
    OutcomeKind,
    Profile,
    Row,
    RowCheck,
    RowProblem,
    Target,
    UndoCount,
    register,
)
from dianke.imports.models import ImportRun
from dianke.sales.models import Order, Tender
from dianke.sales.operations.bringing_in import rows as lines
from dianke.sales.operations.bringing_in.settling import Making, settle
from dianke.sales.operations.bringing_in.undoing import undo
from dianke.sales.operations.history import BRING_IN, MONEY
from dianke.sales.providers.history_fields import TARGETS
from dianke.sales.rules.history.classes import APART, TAKEN_BACK, LineClass, shipped_terms
from dianke.stores.models import Store

_NOTICES = {
    LineClass.CANCELLATION: _("Cancels a sale, which is looked for when all rows are in."),
    LineClass.RETURN: _("Takes goods back; their sale is looked for when all rows are in."),
    LineClass.FEE_BACK: _("Gives a fee back; the fee is looked for when all rows are in."),
    LineClass.DISCOUNT: _("A discount on a whole bill: kept beside the orders."),
    LineClass.EXPENSE: _("An expense of the shop: kept beside the orders."),
    LineClass.CORRECTION: _("A correction of stock without a price: kept beside the orders."),
}


class HistoryImporter(Importer):
    """Each row is a line of an order. Orders are made once all rows are in (`settle`)."""

    code = "history"
    label = _("Past orders")
    permission = BRING_IN
    hint = _(
        "What was sold before, line by line: orders, returns and fees of another system. Stock is not moved."
    )
    icon = "history"
    batch_size = 5_000
    profiles: ClassVar = (
        Profile(
            "online-retail",
            "Online Retail (UCI)",
            {
                "InvoiceNo": "number",
                "StockCode": "code",
                "Description": "name",
                "Quantity": "quantity",
                "InvoiceDate": "at",
                "UnitPrice": "unit_price",
                "CustomerID": "customer",
                "Country": "country",
            },
            recognised_by=("InvoiceNo", "StockCode", "UnitPrice"),
        ),
    )
    options: ClassVar = (
        Option(
            "store",
            _("Store"),
            _("For rows that name none."),
            choices=lambda actor: [
                (str(store.pk), store.short_name or store.name) for store in _stores(actor)
            ],
            default=lambda actor: _only_store(actor),
        ),
        Option(
            "source",
            _("Name of the source"),
            _("The same as when its customers were imported, so that their numbers are recognised."),
            max_length=60,
        ),
        Option(
            "tender",
            _("How it was paid"),
            _("For rows that do not say."),
            choices=lambda actor: [(tender.code, tender.name) for tender in _tenders()],
            is_required=True,
            default="TRANSFER",
        ),
        Option(
            "channel",
            pgettext_lazy("of a sale", "Channel"),
            choices=lambda actor: [
                (code, label) for code, label in Order.Channel.choices if code != Order.Channel.QUOTE
            ],
            is_required=True,
            default=Order.Channel.TILL.value,
        ),
        Option(
            "day_order",
            _("How days are written"),
            choices=lambda actor: [
                ("YMD", _("Year first: 2025-03-31")),
                ("DMY", _("Day first: 31/03/2025")),
                ("MDY", _("Month first: 03/31/2025")),
            ],
            is_required=True,
            default="YMD",
        ),
        Option(
            "goods",
            _("Make goods of unknown codes"),
            _("Otherwise their lines have a name only."),
            is_flag=True,
            default="1",
        ),
        Option(
            "customers",
            _("Make customers of unknown numbers"),
            _("They get the number and nothing else. Otherwise their orders stay without a customer."),
            is_flag=True,
        ),
    )

    def targets(self, actor: Actor) -> Sequence[Target]:
        """The same for everybody."""
        return TARGETS

    def check(self, rows: Sequence[Row], context: Context) -> Sequence[RowCheck]:
        """What `apply` would make of each row."""
        judged = lines.judge([(row.number, row) for row in rows], _settings(context))
        return [RowCheck(_fate(each), _problems(each)) for each in judged]

    def apply(self, rows: Sequence[Row], context: Context) -> Sequence[Outcome]:
        """Keep one batch as lines of the past."""
        judged = lines.take_in([(row.number, row) for row in rows], _settings(context))
        return [Outcome(_fate(each), "", _problems(each)) for each in judged]

    def settle(self, context: Context) -> bool:
        """The next goods, orders or returns."""
        making = Making(
            run=context.run,
            channel=context.options.get("channel") or Order.Channel.TILL.value,
            makes_goods=bool(context.options.get("goods")),
            editions=shipped_terms(context.run.profile),
            actor=context.actor,
            now=context.now,
        )
        return settle(making)

    def undo(self, context: Context, cursor: str, limit: int) -> UndoCount:
        """Take back the next papers."""
        return undo(run=context.run, cursor=cursor, limit=limit, actor=context.actor, now=context.now)

    def result_url(self, run: ImportRun) -> str:
        """What became of the file, to the penny."""
        return reverse("sales:history", args=[run.pk])


def _stores(actor: Actor) -> Sequence[Store]:
    return list(Store.objects.visible_to(actor, BRING_IN).order_by("code"))


def _only_store(actor: Actor) -> str:
    stores = _stores(actor)
    return str(stores[0].pk) if len(stores) == 1 else ""


def _tenders() -> Sequence[Tender]:
    return list(Tender.objects.in_use().filter(account__in=MONEY))


def _settings(context: Context) -> lines.Settings:
    """What the person chose, and the words of the file that stand for rows of ours."""
    stores, chosen = _stores(context.actor), context.options.get("store", "")
    store = next((store for store in stores if str(store.pk) == chosen), None)
    return lines.Settings(
        run=context.run,
        now=context.now,
        source=context.options.get("source", "") or f"history {store.code if store else ''}".strip(),
        tender=context.options.get("tender", ""),
        day_order=context.options.get("day_order") or "YMD",
        makes_customers=bool(context.options.get("customers")),
        editions=shipped_terms(context.run.profile),
        store=store,
        stores=stores_by_word(stores) if "store" in context.targets else {},
        tenders={fold(word): each.code for each in _tenders() for word in (each.code, each.name)}
        if "tender" in context.targets
        else {},
        sellers={word: user.pk for word, user in staff_by_word().items()}
        if "seller" in context.targets
        else {},
        closed=lines.closed_days(stores),
    )


def _fate(judged: lines.Judged) -> OutcomeKind:
    if judged.error is not None:
        return OutcomeKind.ERROR
    if judged.stands:
        return OutcomeKind.UNCHANGED
    return OutcomeKind.CREATED if judged.taken_over is None else OutcomeKind.UPDATED


def _problems(judged: lines.Judged) -> tuple[RowProblem, ...]:
    """What is wrong; or, of a line that is no sale, what it was taken for."""
    if judged.error is not None:
        return (RowProblem(judged.error.code, str(judged.error), judged.error.field or "number"),)
    if judged.stands or judged.kind not in (*TAKEN_BACK, *APART):
        return ()
    notice = _NOTICES[judged.kind]
    return (RowProblem(f"history_{judged.kind.value.lower()}", notice, "code", is_warning=True),)


def register_importer() -> None:
    """Called once, when the app is ready."""
    register(HistoryImporter())
