"""The demo's purchases: suppliers of every trade with their prices, orders in every state, what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from dianke.catalog.models import Product, Variant
from dianke.config.demo.data import purchases as read_purchases
from dianke.config.demo.family import Family
from dianke.core.money import Money
from dianke.purchasing import operations
from dianke.purchasing.models import PurchaseOrder, PurchaseOrderLine, Supplier
from dianke.purchasing.operations import Delivery, InvoiceItem, OrderItem, Returned
from dianke.purchasing.rules.amounts import line_total
from dianke.work.operations import set_policy

LIMIT = Decimal(10_000)
FULL_BP = 100


class Purchases:
    """Buys for the stores that are loaded."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.data = read_purchases()
        self.suppliers: dict[str, Supplier] = {}
        self.orders: list[PurchaseOrder] = []
        self._variants: dict[tuple[str, str], Variant] = {}

    def buy(self) -> None:
        """Suppliers, prices, wishes, orders with receipts and invoices, and a plan that waits."""
        trades = {store.trade for store in self.family.stores.values()}
        for variant in Variant.objects.select_related("product").order_by("position", "pk"):
            self._variants[variant.product.code, variant.label] = variant
            self._variants.setdefault((variant.product.code, ""), variant)
        for row in self.data["suppliers"]:
            if row["trade"] in trades:
                self._supplier(row)
        for row in self.data["wishes"]:
            if row["store"] in self.family.stores:
                self._wish(row)
        set_policy(operation="purchasing.approve_order", limit=LIMIT, **self._acts(-60))
        rows = [row for row in self.data["orders"] if row["store"] in self.family.stores]
        for number, row in enumerate(rows, start=1):
            self._order(number, row)
        for row in self.data["plans"]:
            if row["store"] in self.family.stores:
                operations.make_plan(store=self.family.stores[row["store"]], **self._acts(row["days"]))

    def _acts(self, days: int, hour: str = "10:00") -> dict[str, Any]:
        return {"actor": self.family.owner, "now": self.family.at(days, hour)}

    def _variant(self, row: Mapping[str, Any]) -> Variant:
        return self._variants[row["code"], row.get("variant", "")]

    # --- from whom ---------------------------------------------------------------------------------------------------
    def _supplier(self, row: Mapping[str, Any]) -> None:
        supplier = operations.add_supplier(
            values={
                "code": row["code"],
                "name": row["name"],
                "short_name": row["short_name"],
                "contact_name": row["contact"],
                "contact_phone": row["phone"],
                "order_email": row.get("email", ""),
                "lead_days": row["lead"],
                "payment_terms": row["terms"],
                "payment_days": row["days"],
                "minimum_order_amount": row["least"] * 100,
                "rating": row["rating"],
                "is_tax_deductible": row.get("deductible", False),
            },
            **self._acts(-360),
        )
        self.suppliers[supplier.code] = supplier
        for price in row["prices"]:
            terms = {
                "supplier": supplier,
                "variant": self._variant(price),
                "pack_quantity": Decimal(price.get("pack", 1)),
                "pack_name": price.get("pack_name", ""),
                "supplier_code": price.get("their", ""),
                "tax_rate_bp": price["tax"] * FULL_BP,
                "minimum_quantity": Decimal(price.get("from", 0)),
            }
            for amount, days in ((price.get("before"), -350), (price["price"], -75)):
                if amount is not None:
                    operations.set_price(
                        price_amount=int(Decimal(str(amount)) * 100),
                        from_date=self.family.day(days),
                        **terms,
                        **self._acts(days),
                    )

    def _wish(self, row: Mapping[str, Any]) -> None:
        values = {"safety_quantity": Decimal(row["reserve"])}
        if "most" in row:
            values["maximum_quantity"] = Decimal(row["most"])
        operations.set_supply_rule(
            variant=self._variant(row),
            store=self.family.stores[row["store"]],
            values=values,
            **self._acts(-55),
        )

    # --- orders ------------------------------------------------------------------------------------------------------
    def _order(self, number: int, row: Mapping[str, Any]) -> None:
        acts = self._acts(row["made"])
        order = operations.draft_order(
            supplier=self.suppliers[row["supplier"]],
            store=self.family.stores[row["store"]],
            items=[OrderItem(self._variant(line).pk, Decimal(line["quantity"])) for line in row["lines"]],
            expected_date=self.family.day(row["expected"]) if "expected" in row else None,
            **acts,
        )
        self.orders.append(order)
        if row["state"] == "DRAFT":
            return
        # Whoever founded the business needs nobody's approval for what is old; what waits is asked for by the manager.
        if row["state"] == "WAITING":
            operations.submit_order(order=order, reason=row["why"], **acts)
            return
        set_policy(operation="purchasing.approve_order", limit=LIMIT, is_active=False, **acts)
        order = operations.submit_order(order=order, **acts)
        set_policy(operation="purchasing.approve_order", limit=LIMIT, **acts)
        if row["state"] == "APPROVED":
            return
        operations.send_order(order=order, channel="BY_HAND", **self._acts(row["made"], "11:00"))
        for position, receipt in enumerate(row.get("received", ()), start=1):
            self._receive(order, receipt, f"demo:receipt/{number}/{position}")
        if "returned" in row:
            self._return(order, row["returned"], f"demo:return/{number}")
        if "invoice" in row:
            self._bill(order, row["invoice"])

    def _receive(self, order: PurchaseOrder, row: Mapping[str, Any], reference: str) -> None:
        lines = {line.variant_id: line for line in order.lines.select_related("variant__product")}
        made = self.family.day(row["on"] - 15)
        deliveries = []
        for each in row["lines"]:
            line = lines[self._variant(each).pk]
            product: Product = line.variant.product
            by_batch = product.tracking == Product.Tracking.BATCH
            deliveries.append(
                Delivery(
                    line.pk,
                    Decimal(each["came"]),
                    Decimal(each.get("taken", each["came"])),
                    each.get("fault", "NONE"),
                    each.get("note", ""),
                    batch_code=f"{made:%y%m%d}B" if by_batch else "",
                    produced_on=made if by_batch else None,
                    expires_on=made + timedelta(days=product.shelf_life_days or 365) if by_batch else None,
                )
            )
        operations.receive_order(
            order=order,
            deliveries=deliveries,
            reference=reference,
            delivery_note=row.get("note", ""),
            **self._acts(row["on"], "15:20"),
        )

    def _return(self, order: PurchaseOrder, row: Mapping[str, Any], reference: str) -> None:
        line = order.lines.get(variant=self._variant(row))
        operations.return_goods(
            order=order,
            items=[Returned(line.pk, Decimal(row["quantity"]))],
            wish=row["wish"],
            reason=row["reason"],
            reference=reference,
            **self._acts(row["on"], "17:10"),
        )

    def _bill(self, order: PurchaseOrder, row: Mapping[str, Any]) -> None:
        """What came, at the price of the order; the first line `dearer` by so many yuan, and with freight."""
        lines = [line for line in order.lines.order_by("position") if line.kept_quantity]
        items = [
            InvoiceItem(
                line.kept_quantity,
                _should(order, line) + (row.get("dearer", 0) * 100 if not position else 0),
                line.tax_rate_bp,
                line.pk,
            )
            for position, line in enumerate(lines)
        ]
        if "freight" in row:
            items.append(InvoiceItem(Decimal(1), row["freight"] * 100, 900, text="运费"))
        operations.record_invoice(
            supplier=order.supplier,
            legal_entity=order.legal_entity,
            number=row["number"],
            invoice_date=self.family.day(row["on"]),
            items=items,
            total_amount=sum(item.total_amount for item in items),
            **self._acts(row["on"], "16:00"),
        )


def _should(order: PurchaseOrder, line: PurchaseOrderLine) -> int:
    price = Money.from_minor(line.price_amount, order.currency)
    return line_total(quantity=line.kept_quantity, pack_quantity=line.pack_quantity, price=price).to_minor()
