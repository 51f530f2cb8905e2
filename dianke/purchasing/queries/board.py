"""The purchase plan as a board: lines of a page grouped by supplier, what each supplier's order would come to, which
suppliers one may choose instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.core.paginator import Paginator
from django.db.models import Count, DecimalField, F, Q, Sum
from django.db.models.functions import Round

from dianke.core.money import Money
from dianke.purchasing.models import PlanLine, PurchasePlan, Supplier, SupplierPrice
from dianke.purchasing.queries.offers import prices_for
from dianke.purchasing.rules.amounts import line_total

PAGE = 100


@dataclass(frozen=True, slots=True)
class BoardLine:
    """A line with the suppliers that sell it, and what it comes to (None: no price)."""

    line: PlanLine
    suppliers: Sequence[Supplier]
    price: SupplierPrice | None
    total: Money | None
    on_hand: Decimal
    reserved: Decimal
    on_order: Decimal
    demand: Decimal
    safety: Decimal
    target: Decimal


@dataclass(slots=True)
class BoardGroup:
    """The lines of one supplier on this page; `count`, `total` and `is_below_least` are of all its lines. No supplier:
    nobody sells them, a person decides."""

    supplier: Supplier | None
    count: int = 0
    total: Money | None = None
    lines: list[BoardLine] = field(default_factory=list)

    @property
    def is_below_least(self) -> bool:
        """Less than the supplier delivers for."""
        if self.supplier is None or self.total is None or not self.count:
            return False
        return self.total.to_minor() < self.supplier.minimum_order_amount


@dataclass(frozen=True, slots=True)
class Board:
    """`page` is the paginator's; `orders` counts the orders accepting makes, `bought` the lines in them, `left_out`
    those somebody left out, `undecided` those nobody can order as they stand."""

    groups: Sequence[BoardGroup]
    page: object
    orders: int
    bought: int
    left_out: int
    undecided: int


def board_of(plan: PurchasePlan, *, page: str | None) -> Board:
    """A page of the plan. A constant number of queries."""
    rows = plan.lines.select_related(
        "variant__product__unit", "supplier", "supplier_price", "order_line__order"
    ).order_by(F("supplier__short_name").asc(nulls_first=True), "supplier_id", "pk")
    shown = Paginator(rows, PAGE).get_page(page)
    lines = list(shown.object_list)
    sums = _sums(plan)
    prices = _offered(plan, lines) if plan.state == PurchasePlan.State.OPEN else {}
    groups: dict[int | None, BoardGroup] = {}
    for line in lines:
        if line.supplier_id not in groups:
            count, total = sums.get(line.supplier_id, (0, 0))
            supplier = line.supplier
            amount = Money.from_minor(total, supplier.currency) if supplier else None
            groups[line.supplier_id] = BoardGroup(supplier, count, amount)
        groups[line.supplier_id].lines.append(_line(line, prices.get(line.variant_id, [])))
    counted = plan.lines.aggregate(
        bought=Count("pk", filter=Q(quantity__gt=0, supplier__isnull=False)),
        left_out=Count("pk", filter=Q(decision=PlanLine.Decision.DISMISSED)),
        undecided=Count(
            "pk",
            filter=(Q(supplier=None) | Q(needs_a_decision=True, quantity=0))
            & ~Q(decision=PlanLine.Decision.DISMISSED),
        ),
    )
    orders = sum(1 for supplier_id, (count, _total) in sums.items() if supplier_id is not None and count)
    return Board(
        list(groups.values()),
        shown,
        orders,
        counted["bought"],
        counted["left_out"],
        counted["undecided"],
    )


def _sums(plan: PurchasePlan) -> Mapping[int | None, tuple[int, int]]:
    """By supplier: how many lines would be ordered, and for how much (minor units). One query."""
    each = Round(
        F("quantity") * F("supplier_price__price_amount") / F("supplier_price__pack_quantity"),
        output_field=DecimalField(max_digits=30, decimal_places=0),
    )
    found = (
        plan.lines.order_by()
        .values("supplier")
        .annotate(count=Count("pk", filter=Q(quantity__gt=0)), total=Sum(each))
    )
    return {row["supplier"]: (row["count"], int(row["total"] or 0)) for row in found}


def _offered(plan: PurchasePlan, lines: Sequence[PlanLine]) -> Mapping[int, list[SupplierPrice]]:
    """Prices by variant, of suppliers that may deliver. One query."""
    found: dict[int, list[SupplierPrice]] = {}
    for price in prices_for([line.variant_id for line in lines], store=plan.store, day=plan.planned_on):
        found.setdefault(price.variant_id, []).append(price)
    return found


def _line(line: PlanLine, prices: Sequence[SupplierPrice]) -> BoardLine:
    suppliers = {price.supplier_id: price.supplier for price in prices}
    if line.supplier is not None:
        suppliers.setdefault(line.supplier.pk, line.supplier)
    price = line.supplier_price
    total = None
    if price is not None and line.supplier is not None and line.quantity:
        each = Money.from_minor(price.price_amount, line.supplier.currency)
        total = line_total(quantity=line.quantity, pack_quantity=price.pack_quantity, price=each)
    facts = {name: Decimal(value) for name, value in line.facts.items()}
    zero = Decimal(0)
    return BoardLine(
        line=line,
        suppliers=sorted(suppliers.values(), key=lambda each: (each.short_name, each.pk)),
        price=price,
        total=total,
        on_hand=facts.get("on_hand", zero),
        reserved=facts.get("reserved", zero),
        on_order=facts.get("on_order", zero),
        demand=facts.get("demand", zero),
        safety=facts.get("safety", zero),
        target=facts.get("target", zero),
    )
