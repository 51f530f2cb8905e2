"""The catalogue over the API, one router per part; `routers` is listed in `dianke/config/api.py`."""

from ninja import Router

from dianke.catalog.api import attributes, categories, day_prices, photos, pieces, prices, products, recipes

routers: tuple[Router, ...] = ()
routers += (products.router, pieces.router, categories.router)
routers += (attributes.router, photos.router, recipes.router)
routers += (prices.router, day_prices.router)
