"""How common systems name the columns of their product exports: header → field, as those systems document them.

Shopify and WooCommerce write English headers; 有赞 and 微盟 head theirs in Chinese and change them now and then, so
theirs are gathered from several versions.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dianke.imports.importers import Profile

SHOPIFY = Profile(
    "shopify",
    "Shopify",
    {
        "Handle": "product_code",
        "Title": "name",
        "Body (HTML)": "description",
        "Vendor": "brand",
        "Product Category": None,
        "Type": "category",
        "Tags": None,
        "Published": None,
        "Option1 Name": "option1_name",
        "Option1 Value": "option1",
        "Option2 Name": "option2_name",
        "Option2 Value": "option2",
        "Option3 Name": "option3_name",
        "Option3 Value": "option3",
        "Variant SKU": "sku",
        "Variant Price": "price",
        "Variant Barcode": "barcode",
        "Variant Grams": None,
        "Variant Compare At Price": None,
        "Image Src": None,
        "Status": "state",
    },
    recognised_by=("Handle", "Option1 Name", "Variant SKU"),
)
WOOCOMMERCE = Profile(
    "woocommerce",
    "WooCommerce",
    {
        "ID": None,
        "Type": None,
        "SKU": "sku",
        "GTIN, UPC, EAN, or ISBN": "barcode",
        "Name": "name",
        "Published": None,
        "Short description": None,
        "Description": "description",
        "Regular price": "price",
        "Sale price": None,
        "Categories": "category",
        "Brands": "brand",
        "Parent": None,
        "Attribute 1 name": "option1_name",
        "Attribute 1 value(s)": "option1",
        "Attribute 2 name": "option2_name",
        "Attribute 2 value(s)": "option2",
    },
    recognised_by=("SKU", "Regular price", "Is featured?"),
)
YOUZAN = Profile(
    "youzan",
    _("Youzan"),
    {
        "商品名称": "name",
        "商品标题": "name",
        "商品编码": "product_code",
        "商品类型": "kind",
        "商品分组": "category",
        "商品类目": "category",
        "商品规格": "options",
        "规格": "options",
        "规格编码": "sku",
        "规格条码": "barcode",
        "商品条码": "barcode",
        "价格": "price",
        "规格价格": "price",
        "库存": None,
        "销量": None,
        "商品状态": "state",
        "单位": "unit",
    },
    recognised_by=("商品分组", "规格编码"),
)
WEIMOB = Profile(
    "weimob",
    _("Weimob"),
    {
        "商品名称": "name",
        "商品ID": None,
        "商品编码": "product_code",
        "商品分类": "category",
        "品牌": "brand",
        "规格名称": "options",
        "规格值": "options",
        "SKU编码": "sku",
        "SKU条码": "barcode",
        "商品条码": "barcode",
        "售价": "price",
        "销售价": "price",
        "划线价": None,
        "可售库存": None,
        "上架状态": "state",
    },
    recognised_by=("SKU编码", "商品名称", "划线价"),
)
PROFILES = (SHOPIFY, WOOCOMMERCE, YOUZAN, WEIMOB)
