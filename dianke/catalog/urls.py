"""Addresses of the goods: the list, one product and what hangs on it, prices, labels, what goods are sorted by."""

from django.urls import URLPattern, URLResolver, path

from dianke.catalog.views import (
    calculator,
    day_prices,
    editing,
    history,
    labels,
    lists,
    pieces,
    price_lists,
    product,
    recipes,
    sorting,
    variants,
)

app_name = "catalog"

_products: list[URLPattern | URLResolver] = [
    path("goods/", lists.product_list, name="products"),
    path("goods/new/", editing.product_new, name="product-new"),
    path("goods/categorising/", editing.bulk_category, name="bulk-category"),
    path("goods/states/", editing.bulk_state, name="bulk-state"),
    path("goods/<int:pk>/", product.product_page, name="product"),
    path("goods/<int:pk>/edit/", editing.product_edit, name="product-edit"),
    path("goods/<int:pk>/state/", editing.product_state, name="product-state"),
    path("goods/<int:pk>/history/", history.history, name="product-history"),
    path("goods/<int:pk>/configuration/", calculator.configuration, name="configuration"),
    path("goods/<int:pk>/variants/", variants.matrix, name="variants"),
    path("goods/<int:pk>/prices/", variants.base_prices, name="base-prices"),
    path("goods/<int:pk>/own-barcodes/", variants.barcodes_give, name="barcodes-give"),
    path("goods/<int:pk>/service/", recipes.service, name="service"),
    path("goods/<int:pk>/groups/new/", recipes.group_new, name="group-new"),
    path("goods/<int:pk>/rules/", recipes.rules, name="rules"),
    path("goods/<int:pk>/pieces/new/", pieces.piece_new, name="piece-new"),
    path("goods/<int:pk>/pieces/table/", pieces.pieces_new, name="pieces-new"),
    path("goods/variants/<int:pk>/", variants.variant, name="variant"),
    path("goods/variants/<int:pk>/price/", product.variant_price, name="variant-price"),
    path("goods/variants/<int:pk>/base-price/", variants.base_price, name="base-price"),
    path("goods/variants/<int:pk>/barcodes/", variants.barcode_list, name="barcodes"),
    path("goods/variants/<int:pk>/own-barcode/", variants.barcode_own, name="barcode-own"),
    path("goods/variants/<int:pk>/consumables/", recipes.consumables, name="consumables"),
    path("goods/variants/<int:pk>/bundle/", recipes.bundle, name="bundle"),
    path("goods/barcodes/<int:pk>/removal/", variants.barcode_remove, name="barcode-removal"),
    path("goods/groups/<int:pk>/", recipes.group, name="group"),
    path("goods/groups/<int:pk>/options/new/", recipes.choice_new, name="choice-new"),
    path("goods/options/<int:pk>/", recipes.choice, name="choice"),
    path("goods/pieces/<int:pk>/", pieces.piece_page, name="piece"),
    path("goods/pieces/<int:pk>/edit/", pieces.piece_edit, name="piece-edit"),
]
_prices: list[URLPattern | URLResolver] = [
    path("goods/price-lists/", price_lists.price_list_list, name="price-lists"),
    path("goods/price-lists/new/", price_lists.price_list_form, name="price-list-new"),
    path("goods/price-lists/<int:pk>/", price_lists.price_list_page, name="price-list"),
    path("goods/price-lists/<int:pk>/edit/", price_lists.price_list_form, name="price-list-edit"),
    path("goods/price-lists/<int:pk>/prices/", price_lists.prices_add, name="prices-add"),
    path("goods/price-lists/<int:pk>/category/", price_lists.category_price, name="category-price"),
    path("goods/price-lists/<int:pk>/adjustment/", price_lists.adjust, name="price-list-adjust"),
    path("goods/price-lists/<int:pk>/copy/", price_lists.copy, name="price-list-copy"),
    path("goods/price-lists/<int:pk>/state/", price_lists.price_list_state, name="price-list-state"),
    path("goods/day-prices/", day_prices.board_page, name="day-prices"),
    path("goods/day-prices/change/", day_prices.board_change, name="day-price-change"),
    path("goods/day-prices/buy-back/", day_prices.buy_back_page, name="buy-back"),
    path("goods/day-prices/<int:pk>/correction/", day_prices.correction, name="day-price-correction"),
]
_labels: list[URLPattern | URLResolver] = [
    path("goods/labels/", labels.labels_page, name="labels"),
    path("goods/labels/print/", labels.labels_print, name="labels-print"),
    path("goods/labels/of-products/", labels.labels_of_products, name="labels-of-products"),
]
_sorting: list[URLPattern | URLResolver] = [
    path("goods/categories/", sorting.category_page, name="categories"),
    path("goods/categories/new/", sorting.category_new, name="category-new"),
    path("goods/categories/<int:pk>/", sorting.category_rename, name="category"),
    path("goods/categories/<int:pk>/move/", sorting.category_move, name="category-move"),
    path("goods/categories/<int:pk>/merging/", sorting.category_merge, name="category-merge"),
    path("goods/categories/<int:pk>/up/", sorting.category_up, name="category-up"),
    path("goods/brands/", sorting.brand_list, name="brands"),
    path("goods/brands/new/", sorting.brand_form, name="brand-new"),
    path("goods/brands/<int:pk>/", sorting.brand_form, name="brand"),
    path("goods/brands/<int:pk>/state/", sorting.brand_state, name="brand-state"),
    path("settings/units/", sorting.measures, name="measures"),
    path("settings/units/new/", sorting.unit_new, name="unit-new"),
    path("settings/tax-classes/new/", sorting.tax_class_new, name="tax-class-new"),
    path("settings/tax-classes/<int:pk>/rate/", sorting.tax_rate, name="tax-rate"),
]
urlpatterns = [*_products, *_prices, *_labels, *_sorting]
