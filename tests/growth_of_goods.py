"""What `Growth` adds of goods: more of them, and more of everything to the ones whose pages are opened."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from dianke.catalog.models import (
    Attribute,
    AttributeValue,
    Barcode,
    Brand,
    Category,
    ConfigurationChoice,
    ConfigurationGroup,
    DayPrice,
    Photo,
    Product,
    TaxClass,
)
from dianke.catalog.operations.attributes import add_attribute
from dianke.catalog.operations.barcodes import add_barcode, give_own_barcode
from dianke.catalog.operations.brands import add_brand
from dianke.catalog.operations.categories import add_category
from dianke.catalog.operations.configuration import add_choice, add_group
from dianke.catalog.operations.day_prices import Quote, set_board
from dianke.catalog.operations.photos import add_photos
from dianke.catalog.operations.pictures import Picture
from dianke.catalog.operations.pieces import add_piece
from dianke.catalog.operations.price_lists import create_price_list
from dianke.catalog.operations.prices import Price, set_prices
from dianke.catalog.operations.products import create_product
from dianke.customers.models import Customer
from dianke.inventory.models import CustodyItem, Document, Place, Transfer
from dianke.inventory.operations.counting import Scan, enter_counts, open_count
from dianke.inventory.operations.custody import take_in
from dianke.inventory.operations.stocking import Goods as Stocked
from dianke.inventory.operations.stocking import receive
from dianke.inventory.operations.transfers import Planned, plan_transfer
from dianke.purchasing.models import Receipt, SupplierInvoice, SupplierPrice, SupplierReturn
from dianke.purchasing.operations.invoicing import InvoiceItem, record_invoice
from dianke.purchasing.operations.orders import OrderItem, draft_order
from dianke.purchasing.operations.planning import make_plan
from dianke.purchasing.operations.prices import set_price
from dianke.purchasing.operations.suppliers import add_supplier
from dianke.stores.models import Store


class Goods:
    """`subject` is a product of single pieces, `sofa` one made to order; `plain` is stocked, bought and counted."""

    def __init__(self, store: Store, who: dict[str, Any]) -> None:
        self.store, self.who = store, who
        self.today = timezone.localdate(who["now"])
        self.category = add_category(name="成长分类", **who)
        self.subject = self._product("成长戒指", kind="PIECE")
        self.sofa = self._product("成长沙发", kind="MADE_TO_ORDER")
        self.plain = self._product("成长面霜")
        self.prices = create_price_list(values={"code": "GROW", "name": "成长价"}, is_active=True, **who)
        self.supplier = self._supplier("成长供应商")
        self.count = open_count(store=store, name="成长盘点", **who)

    def _product(self, name: str, **more: Any) -> Product:
        return create_product(
            values={"name": name, "category": self.category, **more}, price_amount=9_900, **self.who
        )

    def _supplier(self, name: str) -> Any:
        supplier = add_supplier(values={"code": name, "name": name}, **self.who)
        set_price(
            supplier=supplier,
            variant=self.plain.variants.get(),
            price_amount=5_000,
            from_date=self.today,
            **self.who,
        )
        return supplier

    def add(self, number: int, word: str) -> None:
        """One more of everything."""
        who, store = self.who, self.store
        another = self._product(f"商品{word}", brand=add_brand(name=f"品牌{word}", **who))
        variant, plain = another.variants.get(), self.plain.variants.get()
        give_own_barcode(variant=variant, **who)
        add_barcode(variant=plain, value=f"GROW{number:05}", kind="SUPPLIER", **who)
        add_category(name=f"分类{word}", parent=self.category, **who)
        piece = add_piece(
            variant=self.subject.variants.get(), values={"tag": f"G{number:05}", "price_amount": 1}, **who
        )
        for of in (another, piece):
            add_photos(of=of, pictures=[Picture("image/jpeg", b"large", b"small")], **who)
        add_attribute(name=f"属性{number}", values=["甲", "乙"], **who)
        group = add_group(product=self.sofa, values={"name": f"组{word}"}, **who)
        add_choice(group=group, values={"name": f"项{word}"}, **who)
        create_price_list(values={"code": f"L{number}", "name": f"价{word}"}, is_active=True, **who)
        set_prices(price_list=self.prices, prices=[Price(variant_id=variant.pk, price_amount=8_000)], **who)
        set_board(quotes=[Quote("GOLD", number, 90_000, 80_000)], **who)
        receive(
            store=store,
            goods=[Stocked(one.pk, Decimal(5), Decimal(40)) for one in (variant, plain)],
            reference=f"growth:{number}",
            business_date=self.today,
            **who,
        )
        self._floor(number, word, plain)
        self._buying(number, word, plain)

    def _floor(self, number: int, word: str, plain: Any) -> None:
        who, store = self.who, self.store
        if number % 10 == 1:
            shelves = list(Place.objects.filter(store=store, kind=Place.Kind.STOCK).order_by("pk"))
            plan_transfer(
                from_place=shelves[0],
                to_place=shelves[-1],
                goods=[Planned(plain.pk, Decimal(1))],
                **who,
            )
            other = Store.objects.exclude(pk=store.pk).filter(closed_on=None).latest("pk")
            open_count(store=other, name=f"盘点{word}", category=Category.objects.latest("pk"), **who)
        enter_counts(session=self.count, scans=[Scan(key=f"k{number}", variant_id=plain.pk)], **who)
        owner = Customer.objects.heads().in_use().earliest("pk")
        take_in(store=store, customer=owner, tag=f"K{number:05}", description=f"寄存{word}", **who)

    def _buying(self, number: int, word: str, plain: Any) -> None:
        who = self.who
        self._supplier(f"供{word}")
        order = draft_order(
            supplier=self.supplier, store=self.store, items=[OrderItem(plain.pk, Decimal(2))], **who
        )
        record_invoice(
            supplier=self.supplier,
            legal_entity=order.legal_entity,
            number=f"F{number}",
            invoice_date=self.today,
            items=[InvoiceItem(Decimal(1), 1_000, 0, text=f"运费{word}")],
            total_amount=1_000,
            **who,
        )
        if number % 10 == 1:
            self.plan = make_plan(store=self.store, variant_ids=[plain.pk], **who)
        self.order = order

    def records(self) -> dict[str, Any]:
        """A record for each gap in an address, as `records` of the budgets keeps them."""
        plain = self.plain.variants.get().pk
        product = {"/goods/": self.subject.pk, "/products/": self.subject.pk}
        return product | {
            "/goods/variants/": plain,
            "/variants/": plain,
            "/goods/barcodes/": Barcode.objects.latest("pk").pk,
            "/goods/brands/": Brand.objects.latest("pk").pk,
            "/goods/categories/": self.category.pk,
            "/categories/": self.category.pk,
            "/goods/day-prices/": DayPrice.objects.latest("pk").pk,
            "/goods/groups/": ConfigurationGroup.objects.latest("pk").pk,
            "/goods/options/": ConfigurationChoice.objects.latest("pk").pk,
            "/goods/pieces/": self.subject.variants.get().pieces.latest("pk").pk,
            "/pieces/": self.subject.variants.get().pieces.latest("pk").pk,
            "/goods/photos/": Photo.objects.latest("pk").uuid,
            "/photos/": Photo.objects.latest("pk").uuid,
            "/settings/attributes/": Attribute.objects.latest("pk").pk,
            "/settings/attributes/values/": AttributeValue.objects.latest("pk").pk,
            "/product-attributes/": Attribute.objects.latest("pk").pk,
            "/product-attribute-values/": AttributeValue.objects.latest("pk").pk,
            "/option-groups/": ConfigurationGroup.objects.latest("pk").pk,
            "/options/": ConfigurationChoice.objects.latest("pk").pk,
            "/goods/price-lists/": self.prices.pk,
            "/price-lists/": self.prices.pk,
            "/settings/tax-classes/": TaxClass.objects.latest("pk").pk,
            "/suppliers/": self.supplier.pk,
            "/supplier-invoices/": SupplierInvoice.objects.latest("pk").pk,
            "/purchase-orders/": self.order.pk,
            "/purchase-plans/": self.plan.pk,
            "/purchasing/plans/": self.plan.pk,
            "/purchasing/plans/#/lines/": 1,
            "/purchasing/wishes/": plain,
            "/purchasing/orders/": self.order.pk,
            "/purchasing/receiving/": self.order.pk,
            "/purchasing/receipts/": Receipt.objects.latest("pk").pk,
            "/purchasing/returns/": SupplierReturn.objects.latest("pk").pk,
            "/purchasing/invoices/": SupplierInvoice.objects.latest("pk").pk,
            "/purchasing/suppliers/": self.supplier.pk,
            "/purchasing/prices/": SupplierPrice.objects.filter(variant=plain).latest("pk").pk,
            "/stock/counts/": self.count.pk,
            "/stock/custody/": CustodyItem.objects.latest("pk").pk,
            "/stock/custody/of/": Customer.objects.heads().in_use().earliest("pk").pk,
            "/stock/documents/": Document.objects.filter(kind="RECEIPT").latest("pk").pk,
            "/stock/transfers/": Transfer.objects.latest("pk").pk,
            "/stock/variants/": plain,
            "/stock/periods/": self.store.legal_entity_id,
            "/settings/stock/places/": Place.objects.filter(store=self.store, kind="STOCK").latest("pk").pk,
            "/settings/stock/exceptions/": 1,
        }
