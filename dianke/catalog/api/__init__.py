"""The catalogue over the API, one router per part; `routers` is listed in `dianke/config/api.py`."""

from ninja import Router

from dianke.catalog.api import categories, day_prices, pieces, prices, products

routers: tuple[Router, ...] = ()
routers += (products.router, pieces.router, categories.router)
routers += (prices.router, day_prices.router)
