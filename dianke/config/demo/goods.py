"""The demo's goods: `goods.toml` comes in by the doors a shop uses, and what lies in the stores is opened as stock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from dianke.catalog.models import Attribute, Brand, Category, Product, TaxClass, Unit, Variant
from dianke.catalog.operations.attributes import add_attribute, add_attribute_values
from dianke.catalog.operations.barcodes import add_barcode
from dianke.catalog.operations.brands import add_brand
from dianke.catalog.operations.bundles import set_bundle
from dianke.catalog.operations.categories import add_category
from dianke.catalog.operations.configuration import add_choice, add_group, set_rules
from dianke.catalog.operations.day_prices import Quote, set_board
from dianke.catalog.operations.pieces import add_pieces
from dianke.catalog.operations.products import create_product
from dianke.catalog.operations.service_details import Part, describe_service, set_consumables
from dianke.catalog.operations.units import add_unit
from dianke.catalog.operations.variants import set_base_price
from dianke.config.demo.data import goods as read_goods
from dianke.config.demo.family import Family
from dianke.inventory.operations.stocking import Goods as Stocked
from dianke.inventory.operations.stocking import open_stock
from dianke.stores.models import Store
from dianke.work.models import Skill

MILLIGRAMS = 1000


class Goods:
    """Enters the goods of the trades that are loaded."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.data = read_goods()
        self.by_code: dict[str, Product] = {}
        self.stocked: dict[str, list[Stocked]] = {}

    @property
    def stores(self) -> list[Store]:
        """The open stores, in the order of their codes."""
        return [store for _code, store in sorted(self.family.stores.items())]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The products of the trades of these stores."""
        trades = {store.trade for store in self.stores}
        return [row for row in self.data["products"] if row["trade"] in trades]

    def enter(self) -> None:
        """Categories, brands, products with everything about them, and the prices of the day."""
        acts = self._acts(-400)
        trades = {row["trade"] for row in self.rows}
        for row in self.data["categories"]:
            if row["trade"] in trades:
                parent = add_category(name=row["name"], **acts)
                for name in row.get("children", ()):
                    add_category(name=name, parent=parent, **acts)
        for name in sorted({row["brand"] for row in self.rows if "brand" in row}):
            add_brand(name=name, **acts)
        known = set(Unit.objects.values_list("name", flat=True))
        for number, name in enumerate(sorted({row["unit"] for row in self.rows} - known)):
            add_unit(code=f"OWN{number + 1}", name=name, **acts)
        for row in self.rows:
            self._product(row)
        if any(store.trade == "JEWELRY" for store in self.stores):
            self._day_prices()

    def stock(self) -> None:
        """What lies in the stores, as an opening balance of each."""
        for store in self.stores:
            lines = self.stocked.get(store.trade, [])
            if lines and not (store.trade == "FURNITURE" and store is not self._first("FURNITURE")):
                open_stock(
                    store=store,
                    goods=lines,
                    reference=f"demo:opening/{store.code}",
                    business_date=self.family.day(-60),
                    actor=self.family.owner,
                    now=self.family.at(-60),
                )

    def _first(self, trade: str) -> Store:
        return next(store for store in self.stores if store.trade == trade)

    def _acts(self, days: int) -> dict[str, Any]:
        return {"actor": self.family.owner, "now": self.family.at(days)}

    def _product(self, row: Mapping[str, Any]) -> None:
        acts = self._acts(-380)
        values = {
            "name": row["name"],
            "code": row["code"],
            "kind": row.get("kind", "GOODS"),
            "category": Category.objects.filter(name=row["category"]).first(),
            "unit": Unit.objects.get(name=row["unit"]),
            "tax_class": TaxClass.objects.get(code=row["tax"]),
            "trade": row["trade"],
            "lead_days": row.get("lead_days", 0),
            "shelf_life_days": row.get("shelf_life"),
        }
        if "brand" in row:
            values["brand"] = Brand.objects.get(name=row["brand"])
        if "tracking" in row:
            values["tracking"] = row["tracking"]
        axes = [self._axis(name, words) for name, words in row.get("attributes", {}).items()]
        prices = row.get("price")
        product = create_product(
            values=values,
            price_amount=None if isinstance(prices, list) else _fen(prices),
            axes=axes,
            custom=row.get("custom"),
            **acts,
        )
        self.by_code[product.code] = product
        variants = list(product.variants.order_by("position", "pk"))
        if isinstance(prices, list):
            for variant, price in zip(variants, prices, strict=True):
                set_base_price(variant=variant, price_amount=_fen(price), **acts)
        codes = row.get("barcode", [])
        for variant, code in zip(variants, [codes] if isinstance(codes, str) else codes, strict=False):
            add_barcode(variant=variant, value=code, **acts)
        self._make_up(row, product, variants[0])
        self._lay_in(row, product, variants)

    def _axis(self, name: str, words: list[str]) -> tuple[Attribute, list[Any]]:
        acts = self._acts(-390)
        attribute = Attribute.objects.filter(name=name).first() or add_attribute(name=name, **acts)
        known = {value.name for value in attribute.values.all()}
        if missing := [word for word in words if word not in known]:
            add_attribute_values(attribute=attribute, names=missing, **acts)
        values = {value.name: value for value in attribute.values.all()}
        return attribute, [values[word] for word in words]

    def _make_up(self, row: Mapping[str, Any], product: Product, variant: Variant) -> None:
        """What a service takes, what a bundle holds, what may be chosen."""
        acts = self._acts(-370)
        if "minutes" in row:
            skills = Skill.objects.filter(name__in=row.get("skills", ()))
            describe_service(product=product, duration_minutes=row["minutes"], skills=list(skills), **acts)
        if "consumes" in row:
            set_consumables(service=variant, parts=self._parts(row["consumes"]), **acts)
        if "contains" in row:
            set_bundle(bundle=variant, parts=self._parts(row["contains"]), **acts)
        choices = {}
        for group in row.get("options", ()):
            made = add_group(
                product=product,
                values={
                    "name": group["name"],
                    "min_choices": group["choose"],
                    "max_choices": group["choose"],
                },
                **acts,
            )
            for choice in group["choices"]:
                choices[choice["name"]] = add_choice(
                    group=made,
                    values={
                        "name": choice["name"],
                        "price_delta_amount": _fen(choice.get("price", 0)),
                        "extra_lead_days": choice.get("days", 0),
                    },
                    **acts,
                )
        if "excludes" in row:
            rules = [(choices[one], "EXCLUDES", choices[other]) for one, other in row["excludes"]]
            set_rules(product=product, rules=rules, **acts)

    def _parts(self, wanted: Mapping[str, float]) -> list[Part]:
        return [
            Part(self.by_code[code].variants.get(), Decimal(str(count))) for code, count in wanted.items()
        ]

    def _lay_in(self, row: Mapping[str, Any], product: Product, variants: list[Variant]) -> None:
        """Notes what is opened as stock: pieces one by one, the rest by quantity."""
        lines = self.stocked.setdefault(row["trade"], [])
        if "pieces" in row:
            pieces = add_pieces(
                variant=variants[0],
                rows=[_piece(row, each) for each in row["pieces"]],
                **self._acts(-90),
            )
            lines += [
                Stocked(variants[0].pk, Decimal(1), Decimal(str(each["cost"])), piece_id=piece.pk)
                for piece, each in zip(pieces, row["pieces"], strict=True)
            ]
        elif "stock" in row:
            costs = row["cost"] if isinstance(row["cost"], list) else [row["cost"]] * len(variants)
            for variant, cost in zip(variants, costs, strict=True):
                lines.append(self._line(row, product, variant, Decimal(str(cost))))

    def _line(self, row: Mapping[str, Any], product: Product, variant: Variant, cost: Decimal) -> Stocked:
        quantity = Decimal(str(row["stock"]))
        if product.tracking != Product.Tracking.BATCH:
            return Stocked(variant.pk, quantity, cost)
        made = self.family.day(-70)
        return Stocked(
            variant.pk,
            quantity,
            cost,
            batch_code=f"{made:%y%m%d}A",
            produced_on=made,
            expires_on=made + timedelta(days=max(row["shelf_life"], 75)),
        )

    def _day_prices(self) -> None:
        quotes = [
            Quote(each["metal"], each["fineness"], _fen(each["sell"]), _fen(each["buy_back"]))
            for each in self.data["day_prices"]
        ]
        # A week of mornings, a little different each day.
        for days in range(-6, 1):
            shifted = [
                Quote(
                    quote.metal,
                    quote.fineness,
                    (quote.sell_amount or 0) + days * 100 * (1 if days % 2 else -1),
                    quote.buy_back_amount,
                )
                for quote in quotes
            ]
            set_board(quotes=shifted, **(self._acts(days) | {"now": self.family.at(days, "09:05")}))


def _fen(yuan: float | None) -> int | None:
    return None if yuan is None else int(Decimal(str(yuan)) * 100)


def _piece(row: Mapping[str, Any], each: Mapping[str, Any]) -> dict[str, Any]:
    """A piece as `add_pieces` takes it; weights in the file are grams."""
    making = row.get("making", {"basis": "PER_PIECE", "amount": 0})
    certificate = each.get("certificate", "")
    return {
        "tag": each["tag"],
        "gross_weight_mg": int(Decimal(str(each["gross"])) * MILLIGRAMS),
        "net_weight_mg": int(Decimal(str(each["net"])) * MILLIGRAMS),
        "stone_weight_mg": int(Decimal(str(each.get("stone", 0))) * MILLIGRAMS),
        "metal": row["metal"],
        "fineness": row["fineness"],
        "certificate_number": certificate,
        "certificate_issuer": certificate.partition("-")[0],
        "size": each.get("size", ""),
        "making": making["basis"],
        "making_amount": _fen(making["amount"]),
        "price_amount": _fen(each.get("price")),
    }
