"""Purchasing: suppliers and their prices, the plan of what to buy, orders, what came of them, what is to be paid.

Goods themselves move in `inventory`: a receipt here names the stock document it became. Quantities are in the stock
unit of the product, prices in minor units per pack, tax included; periods are `[from_date, to_date)`.
"""

from dianke.purchasing.models.imports import ImportedSupplier
from dianke.purchasing.models.invoices import SupplierInvoice, SupplierInvoiceLine
from dianke.purchasing.models.orders import OrderCounter, OrderMessage, PurchaseOrder, PurchaseOrderLine
from dianke.purchasing.models.plans import PlanLine, PurchasePlan, SupplyRule
from dianke.purchasing.models.receipts import Receipt, ReceiptLine, SupplierReturn, SupplierReturnLine
from dianke.purchasing.models.suppliers import Supplier, SupplierPrice

__all__ = [
    "ImportedSupplier",
    "OrderCounter",
    "OrderMessage",
    "PlanLine",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "PurchasePlan",
    "Receipt",
    "ReceiptLine",
    "Supplier",
    "SupplierInvoice",
    "SupplierInvoiceLine",
    "SupplierPrice",
    "SupplierReturn",
    "SupplierReturnLine",
    "SupplyRule",
]
