"""The sheet on which lines of an order are entered: goods by scan or search, fees, prices by hand; priced by the engine
as one types, with every step named. Used by new orders, changed lines and goods taken in exchange."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dianke.access.requests import Request
from dianke.catalog.models import Piece, Variant
from dianke.catalog.queries.search import Found, find
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.core.money import parse
from dianke.inventory.models import PieceAt, Place
from dianke.sales.models import OrderLine
from dianke.sales.queries.basket import Item, Sale
from dianke.sales.queries.fixed_prices import KeptPrices
from dianke.sales.queries.pricing import Basket, price
from dianke.sales.rules.pricing.reasons import advice
from dianke.sales.views.orders_rows import (
    CHANGE_PRICES,
    quantity_of,
    shown,
    steps_of,
    typed,
    typed_amount,
)
from dianke.stores.models import Store
from dianke.web.listing import as_id

MOST_FOUND = 8
MOST_LINES = 200


class LineNotUnderstood(InvalidInput):
    code = "order_line_not_understood"
    message = gettext_lazy("“%(name)s”: enter the quantity as a number.")
    default_field = "items"


class GoodsNotFound(NotFound):
    code = "order_goods_not_found"
    message = gettext_lazy(
        "Nothing that is sold is called “%(wanted)s”. Try the name, its pinyin or the code."
    )


@dataclass
class Row:
    """One line as it was typed. Goods name a `variant` (a single piece its `piece`), a fee only its `name`."""

    key: str
    variant_id: int = 0
    piece_id: int = 0
    quantity: str = "1"
    price: str = ""
    discount: str = ""
    reason: str = ""
    name: str = ""
    amount: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    people: tuple[tuple[int, int], ...] = ()
    variant: Variant | None = None
    piece: Piece | None = None

    @property
    def is_fee(self) -> bool:
        return not self.variant_id

    @property
    def title(self) -> str:
        return str(self.variant) if self.variant else self.name or _("Fee")

    def item(self) -> Item:
        """As the basket wants it. Raises `LineNotUnderstood` and what is wrong with an amount."""
        if self.is_fee:
            amount = parse(self.amount or "0", field="items").to_minor()
            return Item(self.key, None, kind="FEE", name=self.name or _("Fee"), amount=amount, data=self.data)
        quantity = quantity_of(self.quantity)
        if quantity is None or quantity <= 0:
            raise LineNotUnderstood(name=self.title)
        return Item(
            self.key,
            self.variant_id,
            quantity,
            piece_id=self.piece_id or None,
            unit_amount=parse(self.price, field="items").to_minor() if self.price else None,
            discount_amount=parse(self.discount, field="items").to_minor() if self.discount else 0,
            reason=self.reason,
            people=self.people,
            data=self.data,
        )


@dataclass
class Sheet:
    """The rows, what was searched and found, and the price of it all."""

    rows: list[Row] = field(default_factory=list)
    query: str = ""
    choices: list[dict[str, str]] = field(default_factory=list)
    added: str = ""
    error: str = ""
    basket: Basket | None = None
    may_price: bool = False

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(row.item() for row in self.rows)

    @property
    def is_empty(self) -> bool:
        return not self.rows


# --- read ------------------------------------------------------------------------------------------------------------
def read_sheet(http: Request, source: QueryDict) -> Sheet:
    """What was typed, with what was added or taken off now. Two queries for the rows, those of a search."""
    rows = [
        _row(source, key) for key in source.getlist("line")[:MOST_LINES] if key.isalnum() and len(key) < 12
    ]
    gone = source.get("drop", "")
    sheet = Sheet([row for row in rows if row.key != gone], may_price=http.actor.can(CHANGE_PRICES))
    _add(http, source, sheet)
    return _named(http, sheet)


def _row(source: QueryDict, key: str) -> Row:
    def text(name: str, most: int = 24) -> str:
        return source.get(f"{name}-{key}", "").strip()[:most]

    return Row(
        key=key,
        variant_id=as_id(text("v")),
        piece_id=as_id(text("c")),
        quantity=text("q") or "1",
        price=text("p"),
        discount=text("d"),
        reason=text("r", 120),
        name=text("n", 120),
        amount=text("a"),
        data={"fee": "DELIVERY"} if text("t") == "DELIVERY" else {},
    )


def _next_key(sheet: Sheet) -> str:
    used = [int(row.key[1:]) for row in sheet.rows if row.key[1:].isdecimal()]
    return f"l{max(used, default=0) + 1}"


def _add(http: Request, source: QueryDict, sheet: Sheet) -> None:
    """Goods chosen of several, or what a code or a name means; or a fee."""
    fee = source.get("fee", "")
    if fee in ("DELIVERY", "SERVICE"):
        name = _("Delivery fee") if fee == "DELIVERY" else _("Service fee")
        sheet.rows.append(Row(_next_key(sheet), name=name, data={"fee": fee} if fee == "DELIVERY" else {}))
        return
    chosen = source.get("add", "")
    if chosen:
        variant, _sep, piece = chosen.partition(".")
        _append(sheet, as_id(variant), as_id(piece), Decimal(1))
        return
    sheet.query = "".join(char for char in source.get("code", "") if char.isprintable()).strip()[:60]
    if not sheet.query or not was_asked(http, source):
        return
    hits = find(http.actor, sheet.query, MOST_FOUND)
    if not hits:
        sheet.error = str(GoodsNotFound(wanted=sheet.query))
    elif len(hits) == 1 and (hits[0].piece or hits[0].variant.product.kind != "PIECE"):
        _append(sheet, hits[0].variant.pk, hits[0].piece.pk if hits[0].piece else 0, hits[0].quantity)
        sheet.query = ""
    else:
        sheet.choices = _choices(http, hits)


def was_asked(http: Request, source: QueryDict) -> bool:
    """Whether somebody asked for what stands in the search fields; a change elsewhere on the sheet is no question."""
    act = source.get("act", "")
    if act in ("look", "who"):
        return True
    return act not in ("place", "confirm") and http.headers.get("HX-Request") != "true"


def _append(sheet: Sheet, variant_id: int, piece_id: int, quantity: Decimal) -> None:
    """Scanning the same again is one more of it; a piece is there once."""
    for row in sheet.rows:
        if row.variant_id == variant_id and row.piece_id == piece_id and not row.price and not row.discount:
            if not piece_id:
                row.quantity = typed((quantity_of(row.quantity) or Decimal(0)) + quantity)
            return
    sheet.rows.append(Row(_next_key(sheet), variant_id, piece_id, typed(quantity)))


def _choices(http: Request, hits: Sequence[Found]) -> list[dict[str, str]]:
    """Goods to choose from; of single pieces those that are there. One query where there are pieces."""
    found: dict[str, dict[str, str]] = {}
    of_pieces = {
        hit.variant.pk: hit.variant for hit in hits if hit.variant.product.kind == "PIECE" and not hit.piece
    }
    for hit in hits:
        if hit.variant.pk in of_pieces:
            continue
        value = f"{hit.variant.pk}.{hit.piece.pk}" if hit.piece else str(hit.variant.pk)
        code = hit.piece.tag if hit.piece else hit.variant.code
        found[value] = {"value": value, "name": str(hit.variant), "code": code}
    if of_pieces:
        lying = PieceAt.objects.filter(place__kind=Place.Kind.STOCK, piece__variant__in=of_pieces)
        for held in lying.select_related("piece").order_by("piece__tag")[:MOST_FOUND]:
            value = f"{held.piece.variant_id}.{held.piece_id}"
            name = str(of_pieces[held.piece.variant_id])
            found[value] = {"value": value, "name": name, "code": held.piece.tag}
    return list(found.values())


def _named(http: Request, sheet: Sheet) -> Sheet:
    ids = {row.variant_id for row in sheet.rows if row.variant_id}
    pieces = {row.piece_id for row in sheet.rows if row.piece_id}
    rows = Variant.objects.visible_to(http.actor).select_related("product__unit").in_bulk(ids) if ids else {}
    tags = Piece.objects.in_bulk(pieces) if pieces else {}
    sheet.rows = [row for row in sheet.rows if row.is_fee or row.variant_id in rows]
    for row in sheet.rows:
        row.variant, row.piece = rows.get(row.variant_id), tags.get(row.piece_id)
    return sheet


def sheet_of_order(http: Request, lines: Sequence[OrderLine], currency: str) -> Sheet:
    """The lines of an order that stands, to be changed. What was set by hand stays so."""
    rows = []
    for line in lines:
        by_hand = -sum(step.amount for step in line.adjustments.all() if step.reason == "manual_line")
        reason = next(
            (str(s.values.get("reason", "")) for s in line.adjustments.all() if s.reason == "manual_line"), ""
        )
        fee = line.data.get("fee")
        rows.append(
            Row(
                line.key if line.key.isalnum() and len(line.key) < 12 else f"l{line.position}",
                line.variant_id or 0,
                line.piece_id or 0,
                typed(line.quantity),
                discount=typed_amount(by_hand, currency) if by_hand else "",
                reason=reason,
                name="" if line.variant_id else line.name,
                amount="" if line.variant_id else typed_amount(line.list_amount, currency),
                data={"fee": fee} if fee else {},
            )
        )
    return _named(http, Sheet(rows, may_price=http.actor.can(CHANGE_PRICES)))


def keep_people(sheet: Sheet, lines: Sequence[OrderLine]) -> tuple[Item, ...]:
    """The items, with who sold the lines that were there before."""
    people = {
        line.key if line.key.isalnum() and len(line.key) < 12 else f"l{line.position}": tuple(
            (each.user_id, each.share_bp) for each in line.people.all()
        )
        for line in lines
    }
    return tuple(replace(item, people=people.get(item.key, ())) for item in sheet.items)


# --- price -----------------------------------------------------------------------------------------------------------
def price_sheet(
    http: Request,
    sheet: Sheet,
    *,
    store: Store | None,
    uuid: UUID | None = None,
    kept: KeptPrices | None = None,
    **more: Any,
) -> None:
    """Lets the engine price it, with the prices of the day that are `kept`; what is wrong becomes the sheet's error."""
    if store is None or not sheet.rows:
        return
    try:
        sale = Sale(uuid or uuid4(), store, sheet.items, **more)
        day = store.business_date(http.now)
        sheet.basket = price(sale=sale, business_date=day, at=http.now, kept=kept)
    except (InvalidInput, Conflict, NotFound) as error:
        sheet.error = sheet.error or str(error)


def drawn(sheet: Sheet, currency: str) -> dict[str, Any]:
    """What the templates show of it."""
    basket = sheet.basket
    priced = {line.item.key: line for line in basket.lines} if basket else {}
    lines = []
    for row in sheet.rows:
        line = priced.get(row.key)
        fixed = basket.fixed.get(row.piece_id) if basket else None
        lines.append(
            {
                "row": row,
                "code": row.piece.tag if row.piece else (row.variant.code if row.variant else ""),
                "unit": str(row.variant.product.unit) if row.variant else "",
                "price": shown(line.unit_amount, currency) if line else "",
                "listed": shown(line.list_amount, currency)
                if line and line.list_amount != line.paid_amount
                else "",
                "steps": steps_of(line.adjustments, currency) if line else [],
                "fixed_at": fixed.at if fixed and fixed.price.is_locked else None,
                "total": shown(line.paid_amount, currency) if line else "–",
                "is_by_hand": bool(row.price or row.discount or row.reason) and not row.is_fee,
            }
        )
    found: dict[str, Any] = {
        "sheet": sheet,
        "lines": lines,
        "currency": currency,
        "has_by_hand": any(line["is_by_hand"] for line in lines),
    }
    if basket:
        found |= {
            "listed": shown(basket.list_amount, currency),
            "saved": shown(basket.paid_amount - basket.list_amount, currency)
            if basket.paid_amount != basket.list_amount
            else "",
            "total": shown(basket.paid_amount, currency),
            "total_amount": basket.paid_amount,
            "tax": shown(basket.tax_amount, currency) if basket.tax_amount else "",
            "discounts": _discounts(basket, currency),
            "advice": [str(advice(note, currency)) for note in basket.engine.advice[:3]]
            if basket.engine
            else [],
            "level": basket.standing.tier_name if basket.standing else "",
            "count": ngettext("%(n)s line", "%(n)s lines", len(lines)) % {"n": len(lines)},
        }
    return found


def _discounts(basket: Basket, currency: str) -> list[dict[str, str]]:
    sums: dict[tuple[str, str, str], tuple[Any, int]] = {}
    for line in basket.lines:
        for step in line.adjustments:
            first, amount = sums.get((step.stage, step.source, step.reason), (step, 0))
            sums[(step.stage, step.source, step.reason)] = first, amount + step.amount
    return [
        {**steps_of([first], currency)[0], "amount": shown(amount, currency)}
        for first, amount in sums.values()
    ]
