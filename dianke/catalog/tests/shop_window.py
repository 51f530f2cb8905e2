"""A product of every kind with what hangs on it, for the tests of the pages."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dianke.catalog.models import Category, Piece, PriceList, Product
from dianke.catalog.operations import bundles, configuration, pieces, service_details
from dianke.catalog.operations.barcodes import give_own_barcode
from dianke.catalog.operations.brands import add_brand
from dianke.catalog.operations.categories import add_category
from dianke.catalog.operations.day_prices import Quote, set_board
from dianke.catalog.operations.price_lists import create_price_list
from dianke.catalog.operations.prices import Price, set_prices
from dianke.catalog.operations.service_details import Part
from dianke.catalog.tests.goods import make_attribute, make_product, only_variant
from dianke.core.actor import SYSTEM
from dianke.stores.tests.cast import Cast


@dataclass
class Window:
    """`shirt` is sold in two colours and two sizes, `ring` by the piece at the price of the day (900.00 a gram)."""

    shirt: Product
    oil: Product
    ring: Product
    facial: Product
    gift: Product
    sofa: Product
    piece: Piece
    rings: Category
    vip: PriceList


def make_window(cast: Cast) -> Window:
    """Everything through operations."""
    now, who = cast.now, {"actor": SYSTEM, "now": cast.now}
    jewelry = add_category(name="珠宝", **who)
    rings = add_category(name="戒指", parent=jewelry, **who)
    brand = add_brand(name="云裳", **who)
    colour, colours = make_attribute(now, "颜色", "红", "蓝")
    size, sizes = make_attribute(now, "尺码", "M", "L")
    axes = [(colour, colours), (size, sizes)]
    shirt = make_product(now, "牛津衬衫", code="SHIRT", price_amount=19_900, axes=axes, brand=brand)
    oil = make_product(now, "玫瑰精油", code="OIL", price_amount=8_800)
    give_own_barcode(variant=only_variant(oil), **who)
    ring = make_product(now, "素圈戒指", code="RING", kind="PIECE", category=rings)
    piece = pieces.add_piece(
        variant=only_variant(ring),
        values={
            "tag": "R0001", "metal": "GOLD", "fineness": 999, "net_weight_mg": 3_520, "gross_weight_mg": 3_600,
            "making": "PER_GRAM", "making_amount": 2_000, "certificate_number": "NG123", "certificate_issuer": "NGTC",
            "size": "12",
        },
        **who,
    )  # fmt: skip
    set_board(quotes=[Quote("GOLD", 999, 90_000, 85_000)], **who)
    facial = make_product(now, "补水护理", code="FACIAL", kind="SERVICE", price_amount=29_800)
    service_details.describe_service(product=facial, duration_minutes=60, buffer_minutes=10, **who)
    service_details.set_consumables(
        service=only_variant(facial), parts=[Part(only_variant(oil), Decimal("0.05"))], **who
    )
    gift = make_product(now, "新春礼盒", code="GIFT", kind="BUNDLE", price_amount=39_900)
    bundles.set_bundle(bundle=only_variant(gift), parts=[Part(only_variant(oil), Decimal(2))], **who)
    sofa = make_product(
        now, "三人沙发", code="SOFA", kind="MADE_TO_ORDER", price_amount=880_000, lead_days=30
    )
    _options(sofa, who)
    vip = create_price_list(values={"code": "VIP", "name": "会员价"}, is_active=True, **who)
    set_prices(
        price_list=vip,
        prices=[
            Price(product_id=shirt.pk, price_amount=17_900),
            Price(category_id=rings.pk, percent_bp=9_500),
        ],
        **who,
    )
    return Window(shirt, oil, ring, facial, gift, sofa, piece, rings, vip)


def _options(sofa: Product, who: dict[str, Any]) -> None:
    cover = configuration.add_group(product=sofa, values={"name": "面料"}, **who)
    leather = configuration.add_choice(
        group=cover, values={"name": "真皮", "price_delta_amount": 200_000, "extra_lead_days": 15}, **who
    )
    configuration.add_choice(group=cover, values={"name": "棉麻"}, **who)
    legs = configuration.add_group(product=sofa, values={"name": "脚", "min_choices": 0}, **who)
    steel = configuration.add_choice(group=legs, values={"name": "钢脚"}, **who)
    configuration.set_rules(product=sofa, rules=[(leather, "EXCLUDES", steel)], **who)
