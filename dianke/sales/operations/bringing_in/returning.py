"""What was taken back in the past finds the sales it belongs to and becomes returns of them, with the money given back
by the kind of payment it came by; what finds none stays a line without a sale."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import uuid5

from django.db import connection
from django.db.models import Min, Q
from django.utils.translation import gettext

from dianke.core.actor import Actor
from dianke.core.copying import update_from
from dianke.events.operations import step
from dianke.imports.models import ImportRun
from dianke.ledger import operations as ledger
from dianke.ledger.operations import Draft, Entry
from dianke.sales.models import HistoryLine, Order, OrderLine, Payment, Refund, ReturnLine, SaleReturn
from dianke.sales.operations import books
from dianke.sales.rules.history.classes import TAKEN_BACK
from dianke.sales.rules.history.matching import Back, Match, Sold, match
from dianke.sales.rules.positions import Position

PAPERS = 300
#: What stands before the number of the other system in the numbers of past papers here.
PREFIX = "LS"
#: Where the effects of a return name the import it came in by.
RUN = "import_run"
RETURNED = "sales.history_return"
_State = HistoryLine.State


@step
def settle_returns(*, run: ImportRun, actor: Actor, now: datetime) -> bool:
    """Match the lines of the next papers that take something back, the oldest first; False when none is left."""
    waiting = HistoryLine.objects.filter(run=run, state=_State.WAITING, kind__in=TAKEN_BACK)
    papers = list(
        waiting.values_list("store_id", "number")
        .annotate(first=Min("at"))
        .order_by("first", "number")
        .values_list("store_id", "number")[:PAPERS]
    )
    if not papers:
        return False
    wanted = set(papers)
    backs = [
        line
        for line in waiting.filter(number__in={number for _store, number in papers}).order_by("at", "row")
        if (line.store_id, line.number) in wanted
    ]
    matches = match(
        (
            Back(line.pk, (_buyer(line), line.code, line.unit_price), line.at, -line.quantity)
            for line in backs
        ),
        _sold_to(backs),
    )
    by_pk = {line.pk: line for line in backs}
    written = _write(run, by_pk, matches)
    take_off(
        (each.lines, each.order.pk, each.paper.refund_amount, each.payment.pk if each.payment else None)
        for each in written
    )
    _post(written, actor, now)
    _note(backs, matches)
    return True


def _buyer(line: HistoryLine) -> str:
    """Numbers of buyers are of one store's source: the same number in another store is somebody else."""
    return f"{line.store_id}/{line.who}" if line.who else ""


@step
def _sold_to(backs: Sequence[HistoryLine]) -> list[Sold]:
    """What the same buyers had of the same codes at the same price, from this file and earlier ones. One query, which
    locks the lines."""
    keys = sorted({(line.store_id, line.who, line.code, line.unit_price) for line in backs if line.who})
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT l.id, h.store_id, h.who, h.code, h.unit_price, h.at, l.quantity,
                   l.fulfilled_quantity - l.returned_quantity, l.paid_amount, l.paid_amount - l.returned_amount
            FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::numeric[]) AS w (store_id, who, code, unit_price)
            JOIN sales_historyline AS h ON h.store_id = w.store_id AND h.who = w.who AND h.code = w.code
                AND h.unit_price = w.unit_price AND h.who <> '' AND h.line_id IS NOT NULL
            JOIN sales_orderline AS l ON l.id = h.line_id ORDER BY l.id FOR UPDATE OF l
            """,
            [list(column) for column in zip(*keys, strict=True)] if keys else [[], [], [], []],
        )
        return [
            Sold(pk, (f"{store_id}/{who}", code, price), at, quantity, kept, paid, kept_amount)
            for pk, store_id, who, code, price, at, quantity, kept, paid, kept_amount in cursor.fetchall()
        ]


@dataclass(slots=True)
class Written:
    """A return with its rows; `refund` is None where nothing had been paid."""

    paper: SaleReturn
    order: Order
    lines: list[ReturnLine]
    payment: Payment | None
    refund: Refund | None


@step
def _write(run: ImportRun, backs: Mapping[int, HistoryLine], matches: Sequence[Match]) -> list[Written]:
    """A return for each paper and order, its lines and refund."""
    lines = OrderLine.objects.in_bulk({each.sold_id for each in matches})
    orders = Order.objects.select_related("store").in_bulk({line.order_id for line in lines.values()})
    payments = {
        payment.order_id: payment
        for payment in Payment.objects.filter(order__in=orders, position=1).select_related("tender")
    }
    of_paper: dict[tuple[int, str, int], list[Match]] = defaultdict(list)
    for each in matches:
        back = backs[each.back_id]
        of_paper[back.store_id, back.number, lines[each.sold_id].order_id].append(each)
    numbers = _numbers(orders, of_paper)
    written = [
        _return(run, number, orders[key[2]], backs, found, payments.get(key[2]))
        for (key, found), number in zip(of_paper.items(), numbers, strict=True)
    ]
    SaleReturn.objects.bulk_create([each.paper for each in written])
    ReturnLine.objects.bulk_create([line for each in written for line in each.lines])
    Refund.objects.bulk_create([each.refund for each in written if each.refund])
    return written


def _numbers(orders: Mapping[int, Order], papers: Iterable[tuple[int, str, int]]) -> list[str]:
    """The number there with ours before it; a paper that takes back of several orders gives several. One query."""
    wanted = [f"{PREFIX}-{orders[order_id].store.code}-{number}"[:34] for _store, number, order_id in papers]
    taken = set(SaleReturn.objects.filter(_begins_with(wanted)).values_list("number", flat=True))
    found = []
    for number in wanted:
        tried = (number, *(f"{number}-{n}" for n in range(2, 100_000)))
        free = next(each for each in tried if each not in taken)
        taken.add(free)
        found.append(free)
    return found


def _begins_with(numbers: Sequence[str]) -> Q:
    found = Q(number__in=numbers)
    for number in {f"{number}-" for number in numbers}:
        found |= Q(number__startswith=number)
    return found


def _return(
    run: ImportRun,
    number: str,
    order: Order,
    backs: Mapping[int, HistoryLine],
    matches: Sequence[Match],
    payment: Payment | None,
) -> Written:
    first = backs[matches[0].back_id]
    amount = sum(each.amount for each in matches)
    day = order.store.business_date(first.at)
    paper = SaleReturn(
        uuid=uuid5(run.uuid, f"{order.uuid}/{first.number}/{number}"),
        number=number,
        kind=SaleReturn.Kind.RETURN,
        order=order,
        store_id=order.store_id,
        goods_amount=amount,
        refund_amount=amount,
        effects={RUN: run.pk},
        reason=gettext("Taken back there as %(number)s") % {"number": first.number},
        business_date=day,
        occurred_at=first.at,
    )
    quantities: dict[int, Decimal] = defaultdict(Decimal)
    amounts: dict[int, int] = defaultdict(int)
    for each in matches:
        quantities[each.sold_id] += each.quantity
        amounts[each.sold_id] += each.amount
    lines = [
        ReturnLine(
            sale_return=paper,
            line_id=line_id,
            quantity=quantity,
            amount=amounts[line_id],
            is_restocked=False,
        )
        for line_id, quantity in quantities.items()
    ]
    refund = None
    if payment is not None and amount:
        refund = Refund(
            uuid=uuid5(paper.uuid, "refund"),
            order=order,
            sale_return=paper,
            payment=payment,
            tender=payment.tender,
            state=Refund.State.DONE,
            amount=amount,
            reference=first.number[:64],
            business_date=day,
            made_at=first.at,
            done_at=first.at,
        )
    return Written(paper, order, lines, payment, refund)


@step
def _post(written: Sequence[Written], actor: Actor, now: datetime) -> None:
    """What was earned and paid goes back on the day of the return."""
    drafts = drafts_of(
        [(each.paper, each.order, each.payment) for each in written if each.refund], kind=RETURNED, sign=-1
    )
    if drafts:
        ledger.post_many(drafts=drafts, actor=actor, now=now)


@step
def drafts_of(
    returns: Sequence[tuple[SaleReturn, Order, Payment | None]], *, kind: str, sign: int, tail: str = "money"
) -> list[Draft]:
    """The postings of returns (`sign` -1), or what takes them back again (1)."""
    wanted = []
    for paper, order, payment in returns:
        assert payment is not None
        amount = sign * paper.refund_amount
        position = Position(paid=paper.refund_amount, earned=paper.refund_amount)
        moved = books.Moved(worth=amount, money=[(payment.tender, None, amount)])
        found = books.amounts(books.Parties.of(order), position, moved)
        wanted.append((f"{order.key}/return:{paper.uuid}/{tail}", paper.business_date, found))
    accounts = books.accounts_named(specs=list(dict.fromkeys(spec for *_, found in wanted for spec in found)))
    return [
        Draft(kind, reference, [Entry(accounts[spec], amount) for spec, amount in found.items()], day)
        for reference, day, found in wanted
    ]


@step
def take_off(written: Iterable[tuple[Sequence[ReturnLine], int, int, int | None]], *, sign: int = 1) -> None:
    """What lines, orders and payments (lines of a return, order id, amount, payment id) say of returns changes by
    these, or with `sign` -1 back again. Three statements."""
    of_lines: dict[int, tuple[Decimal, int]] = {}
    of_orders: dict[int, int] = defaultdict(int)
    of_payments: dict[int, int] = defaultdict(int)
    for lines, order_id, amount, payment_id in written:
        for line in lines:
            quantity, so_far = of_lines.get(line.line_id, (Decimal(0), 0))
            of_lines[line.line_id] = (quantity + sign * line.quantity, so_far + sign * line.amount)
        of_orders[order_id] += sign * amount
        if payment_id is not None:
            of_payments[payment_id] += sign * amount
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sales_orderline AS l SET returned_quantity = l.returned_quantity + w.quantity,"
            " returned_amount = l.returned_amount + w.amount"
            " FROM unnest(%s::bigint[], %s::numeric[], %s::bigint[]) AS w (id, quantity, amount) WHERE l.id = w.id",
            [
                list(of_lines),
                [quantity for quantity, _amount in of_lines.values()],
                [amount for _quantity, amount in of_lines.values()],
            ],
        )
        cursor.execute(
            "UPDATE sales_order AS o SET returned_amount = o.returned_amount + w.amount,"
            " earned_amount = o.earned_amount - w.amount, paid_amount = o.paid_amount - w.amount"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS w (id, amount) WHERE o.id = w.id",
            [list(of_orders), list(of_orders.values())],
        )
        cursor.execute(
            "UPDATE sales_payment AS p SET refunded_amount = p.refunded_amount + w.amount"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS w (id, amount) WHERE p.id = w.id",
            [list(of_payments), list(of_payments.values())],
        )


@step
def _note(backs: Sequence[HistoryLine], matches: Sequence[Match]) -> None:
    """Each line knows how much of it found its sale, and the first order it did."""
    quantities: dict[int, Decimal] = defaultdict(Decimal)
    amounts: dict[int, int] = defaultdict(int)
    firsts: dict[int, int] = {}
    for each in matches:
        quantities[each.back_id] += each.quantity
        amounts[each.back_id] += each.amount
        firsts.setdefault(each.back_id, each.sold_id)
    orders = dict(OrderLine.objects.filter(pk__in=set(firsts.values())).values_list("pk", "order_id"))
    update_from(
        HistoryLine._meta.db_table,
        len(backs),
        {
            "id": [line.pk for line in backs],
            "state": [_state(-line.quantity, quantities[line.pk]).value for line in backs],
            "order_id": [orders.get(firsts.get(line.pk, 0)) for line in backs],
            "matched_quantity": [quantities[line.pk] for line in backs],
            "matched_amount": [amounts[line.pk] for line in backs],
        },
    )


def _state(wanted: Decimal, found: Decimal) -> HistoryLine.State:
    if not found:
        return _State.UNMATCHED
    return _State.MATCHED if found == wanted else _State.PARTLY
