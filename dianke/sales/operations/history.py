"""Past sales of another system, brought in many at once: papers, lines, people and payments, and what the books say.

What they sold left before stock was kept here, so no goods move: `cost` is what the other system says, and what lies on
the shelves is opened as stock (inventory). Points and stored value come in as opening balances of their rooms. A fixed
number of statements, however many sales.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.catalog.models import Variant
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.core.ids import uuid7
from dianke.customers.models import Customer
from dianke.events.operations import operation, record, step, unchanged
from dianke.ledger import operations as ledger
from dianke.ledger.operations import Draft, Entry
from dianke.sales.models import DayClose, LineAdjustment, LinePerson, Order, OrderLine, Payment, Tender
from dianke.sales.operations import books
from dianke.sales.operations.rows import WHOLE_BP
from dianke.sales.operations.writing import SALE
from dianke.sales.queries.basket import digest_of
from dianke.sales.rules.positions import Position, tax_within
from dianke.stores.models import Store

BRING_IN = "sales.manage_settings"
BROUGHT_IN = "sales.history"
MOST_SALES = 10_000
#: How a past sale can have been paid: what is owed, prepaid or exchanged lives on, and is opened as a balance instead.
MONEY = frozenset({Tender.Account.CASH, Tender.Account.CLEARING, Tender.Account.BANK})
_KINDS = frozenset(OrderLine.Kind.values) - frozenset(OrderLine.OF_CUSTOMER)


class PastSaleWrong(InvalidInput):
    code = "past_sale_wrong"
    message = _("Past sale no. %(number)s cannot be brought in: %(why)s Nothing was brought in.")
    default_field = "sales"


class TooManyPastSales(InvalidInput):
    code = "past_sales_too_many"
    message = _("At most %(most)s past sales come in at once. Bring them in by several parts.")
    default_field = "sales"


class PastSaleDiffers(Conflict):
    code = "past_sale_differs"
    message = _("Past sale no. %(number)s stands already with other contents. Nothing was brought in.")
    default_field = "sales"


@dataclass(frozen=True, slots=True)
class PastLine:
    """One line as it was sold: amounts are minor units of the whole line, tax included, `cost` is yuan of all of it.
    What was taken off is told by one `source` ("manual", "member", "promotion", …)."""

    name: str
    quantity: Decimal
    list_amount: int
    paid_amount: int
    variant_id: int | None = None
    kind: str = OrderLine.Kind.GOODS.value
    tax_rate_bp: int = 0
    cost: Decimal = Decimal(0)
    source: str = "manual"
    people: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PastSale:
    """`payments`: (code of the tender, minor units), together what the lines came to. `number` is that of the other
    system, kept as the note; `own_number` the whole number here, where it is not the next one of its day."""

    uuid: UUID
    occurred_at: datetime
    lines: tuple[PastLine, ...]
    payments: tuple[tuple[str, int], ...]
    customer_id: int | None = None
    channel: str = Order.Channel.TILL.value
    number: str = ""
    seller_id: int | None = None
    own_number: str = ""

    @property
    def paid_amount(self) -> int:
        return sum(line.paid_amount for line in self.lines)


@dataclass(frozen=True, slots=True)
class BroughtIn:
    """How many came in, and how many stood already under their UUID."""

    count: int
    repeated: int


@operation(BRING_IN)
def bring_in_sales(*, store: Store, sales: Sequence[PastSale], actor: Actor, now: datetime) -> BroughtIn:
    """Bring in completed past sales of a store. All or none; a sale that stands under its UUID is left as it is.

    Each is closed and paid in full, dated by its own time, numbered after what the day has, with its revenue, tax and
    money in the books of that day. Raises `TooManyPastSales`, `PastSaleWrong` (not past, a closed day, nothing sold,
    sums that do not fit, goods, customers, people or tenders not known), `PastSaleDiffers`, `PeriodClosed`.
    """
    actor.require(BRING_IN, store_id=store.pk)
    if len(sales) > MOST_SALES:
        raise TooManyPastSales(most=MOST_SALES)
    tenders = Tender.objects.in_bulk(field_name="code")
    _check(store, sales, tenders, now)
    digests = {sale.uuid: _digest(store, sale) for sale in sales}
    standing = _standing(sales, digests)
    fresh = sorted(
        (sale for sale in sales if sale.uuid not in standing), key=lambda sale: (sale.occurred_at, sale.uuid)
    )
    if not fresh:
        unchanged()
        return BroughtIn(0, len(standing))
    _post(store, fresh, tenders, actor, now)
    _write(store, fresh, digests, tenders, actor, now)
    record(
        "sales.history_brought_in",
        store,
        actor=actor,
        now=now,
        store_id=store.pk,
        data={
            "count": len(fresh),
            "first": store.business_date(fresh[0].occurred_at).isoformat(),
            "last": store.business_date(fresh[-1].occurred_at).isoformat(),
            "total": str(sum(sale.paid_amount for sale in fresh)),
        },
    )
    return BroughtIn(len(fresh), len(standing))


def _digest(store: Store, sale: PastSale) -> str:
    said = asdict(sale)
    if not sale.own_number:  # sales brought in before there were any are told by the same
        del said["own_number"]
    return digest_of([store.pk, said])


# --- before anything is written -----------------------------------------------------------------------------------
def _check(store: Store, sales: Sequence[PastSale], tenders: Mapping[str, Tender], now: datetime) -> None:
    today = store.business_date(now)
    variants = {line.variant_id for sale in sales for line in sale.lines if line.variant_id is not None}
    missing_goods = variants - set(Variant.objects.filter(pk__in=variants).values_list("pk", flat=True))
    customers = {sale.customer_id for sale in sales if sale.customer_id is not None}
    missing_people = customers - set(Customer.objects.filter(pk__in=customers).values_list("pk", flat=True))
    users = {user for sale in sales for line in sale.lines for user, _share in line.people}
    users |= {sale.seller_id for sale in sales if sale.seller_id is not None}
    missing_users = users - set(User.objects.filter(pk__in=users).values_list("pk", flat=True))
    closed = set(DayClose.objects.filter(store=store).values_list("business_date", flat=True))
    twice = {uuid for uuid, count in Counter(sale.uuid for sale in sales).items() if count > 1}
    for number, sale in enumerate(sales, 1):
        day = store.business_date(sale.occurred_at)
        why = _why_not(sale, tenders)
        named = {"day": day.isoformat()}
        found = (
            (day >= today, _("%(day)s is not past.")),
            (day in closed, _("%(day)s is closed.")),
            (sale.uuid in twice, _("its identifier comes twice.")),
            (sale.customer_id in missing_people, _("the customer is not known.")),
            (not missing_users.isdisjoint(_users(sale)), _("one of the people is not known.")),
            (
                any(line.variant_id in missing_goods for line in sale.lines),
                _("one of the goods is not known."),
            ),
        )
        why = why or next((text for is_so, text in found if is_so), None)
        if why:
            raise PastSaleWrong(number=sale.number or number, why=str(why) % named)


def _users(sale: PastSale) -> Iterable[int]:
    yield from (user for line in sale.lines for user, _share in line.people)
    if sale.seller_id is not None:
        yield sale.seller_id


def _why_not(sale: PastSale, tenders: Mapping[str, Tender]) -> Any:
    """What is wrong with a sale in itself; None when nothing is."""
    if not sale.lines:
        return _("it has no lines.")
    for line in sale.lines:
        if line.quantity <= 0 or line.paid_amount < 0 or line.list_amount < 0 or line.cost < 0:
            return _("quantities must be above zero, amounts not below.")
        if line.kind not in _KINDS or not line.name.strip():
            return _("a line has no name, or is prepaid value.")
        if line.people and (
            sum(share for _user, share in line.people) != WHOLE_BP
            or len({user for user, _share in line.people}) < len(line.people)
            or min(share for _user, share in line.people) <= 0
        ):
            return _("the shares of a line must add up to the whole, each person once.")
    if any(amount <= 0 for _code, amount in sale.payments):
        return _("a payment is not above zero.")
    if any(code not in tenders or tenders[code].account not in MONEY for code, _amount in sale.payments):
        return _("a kind of payment is not known, or is no money.")
    if sum(amount for _code, amount in sale.payments) != sale.paid_amount:
        return _("the payments are not what the lines came to.")
    if sale.channel not in Order.Channel.values:
        return _("the channel is not known.")
    return None


@step
def _standing(sales: Sequence[PastSale], digests: Mapping[UUID, str]) -> set[UUID]:
    """Those that are here already. Raises `PastSaleDiffers`."""
    rows = Order.objects.filter(uuid__in=list(digests)).values_list("uuid", "digest", "number")
    for uuid, digest, number in rows:
        if digest != digests[uuid]:
            raise PastSaleDiffers(number=number)
    return {uuid for uuid, _digest, _number in rows}


# --- books --------------------------------------------------------------------------------------------------------
def _tax(sale: PastSale) -> int:
    return sum(tax_within(line.paid_amount, line.tax_rate_bp) for line in sale.lines)


@step
def _post(
    store: Store, sales: Sequence[PastSale], tenders: Mapping[str, Tender], actor: Actor, now: datetime
) -> None:
    """A posting for each sale, all of them in one call."""
    wanted: dict[UUID, dict[Any, int]] = {}
    for sale in sales:
        of = books.Parties(_key(sale), store, store.legal_entity_id, store.currency, sale.customer_id)
        moved = books.Moved(
            worth=sale.paid_amount,
            tax=_tax(sale),
            money=[(tenders[code], None, amount) for code, amount in sale.payments],
        )
        wanted[sale.uuid] = books.amounts(of, Position(), moved)
    specs = list(dict.fromkeys(spec for amounts in wanted.values() for spec in amounts))
    accounts = books.accounts_named(specs=specs)
    drafts = [
        Draft(
            BROUGHT_IN,
            f"{_key(sale)}/money",
            [Entry(accounts[spec], amount) for spec, amount in wanted[sale.uuid].items()],
            store.business_date(sale.occurred_at),
        )
        for sale in sales
        if wanted[sale.uuid]
    ]
    if drafts:
        ledger.post_many(drafts=drafts, actor=actor, now=now)


def _key(sale: PastSale) -> str:
    return f"sales.order:{sale.uuid}"


# --- rows ---------------------------------------------------------------------------------------------------------
@step
def _write(
    store: Store,
    sales: Sequence[PastSale],
    digests: Mapping[UUID, str],
    tenders: Mapping[str, Tender],
    actor: Actor,
    now: datetime,
) -> None:
    counted = [sale for sale in sales if not sale.own_number]
    numbers = _numbers(store, Counter(store.business_date(sale.occurred_at) for sale in counted))
    orders = [
        _order(
            store, sale, sale.own_number or next(numbers[store.business_date(sale.occurred_at)]), digests, now
        )
        for sale in sales
    ]
    Order.objects.bulk_create(orders)
    pairs = [
        (order, sale, n, line)
        for order, sale in zip(orders, sales, strict=True)
        for n, line in enumerate(sale.lines, 1)
    ]
    lines = OrderLine.objects.bulk_create(_line(order, n, line) for order, _sale, n, line in pairs)
    LineAdjustment.objects.bulk_create(
        LineAdjustment(
            line=row,
            position=1,
            stage="MANUAL",
            source=line.source,
            amount=line.paid_amount - line.list_amount,
        )
        for row, (_order, _sale, _n, line) in zip(lines, pairs, strict=True)
        if line.paid_amount != line.list_amount
    )
    LinePerson.objects.bulk_create(
        LinePerson(line=row, user_id=user, share_bp=share)
        for row, (_order, sale, _n, line) in zip(lines, pairs, strict=True)
        for user, share in line.people or (((sale.seller_id, WHOLE_BP),) if sale.seller_id else ())
    )
    Payment.objects.bulk_create(
        Payment(
            uuid=uuid7(),
            order=order,
            position=position,
            tender=tenders[code],
            state=Payment.State.TAKEN,
            amount=amount,
            tendered_amount=amount,
            reference=sale.number[:64],
            business_date=order.business_date,
            taken_at=order.occurred_at,
            user_id=sale.seller_id,
        )
        for order, sale in zip(orders, sales, strict=True)
        for position, (code, amount) in enumerate(sale.payments, 1)
    )


@step
def _numbers(store: Store, counts: Mapping[date, int]) -> dict[date, Any]:
    """The next numbers of each day, without gaps. One statement; days in their order."""
    days = sorted(counts)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO sales_ordercounter AS c (store_id, kind, day, last)
            SELECT %(store)s, %(kind)s, w.day, w.count
            FROM unnest(%(days)s::date[], %(counts)s::int[]) AS w (day, count) ORDER BY w.day
            ON CONFLICT (store_id, kind, day) DO UPDATE SET last = c.last + excluded.last RETURNING day, last
            """,
            {"store": store.pk, "kind": SALE, "days": days, "counts": [counts[day] for day in days]},
        )
        last = dict(cursor.fetchall())
    found: dict[date, Any] = defaultdict(lambda: iter(()))
    for day in days:
        first = last[day] - counts[day] + 1
        found[day] = iter(
            [f"{SALE}-{store.code}-{day:%y%m%d}-{number:04}" for number in range(first, last[day] + 1)]
        )
    return found


def _order(store: Store, sale: PastSale, number: str, digests: Mapping[UUID, str], now: datetime) -> Order:
    paid = sale.paid_amount
    return Order(
        uuid=sale.uuid,
        digest=digests[sale.uuid],
        number=number,
        store=store,
        legal_entity_id=store.legal_entity_id,
        channel=sale.channel,
        customer_id=sale.customer_id,
        state=Order.State.CLOSED,
        business_date=store.business_date(sale.occurred_at),
        occurred_at=sale.occurred_at,
        recorded_at=now,
        currency=store.currency,
        list_amount=sum(line.list_amount for line in sale.lines),
        total_amount=paid,
        tax_amount=_tax(sale),
        earned_amount=paid,
        paid_amount=paid,
        note=sale.number[:400],
        made_by_id=sale.seller_id,
        closed_at=sale.occurred_at,
    )


def _line(order: Order, position: int, line: PastLine) -> OrderLine:
    return OrderLine(
        order=order,
        position=position,
        key=str(position),
        kind=line.kind,
        variant_id=line.variant_id,
        name=line.name.strip()[:200],
        quantity=line.quantity,
        list_price_amount=int(line.list_amount / line.quantity),
        list_amount=line.list_amount,
        paid_amount=line.paid_amount,
        tax_rate_bp=line.tax_rate_bp,
        tax_amount=tax_within(line.paid_amount, line.tax_rate_bp),
        cost=line.cost,
        fulfilled_quantity=line.quantity,
    )
