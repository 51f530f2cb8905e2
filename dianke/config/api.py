"""Which rooms the API serves: one line per router."""

from __future__ import annotations

from django.urls import path
from ninja import Router

from dianke.api import own
from dianke.api.root import make_api
from dianke.catalog import api as catalog
from dianke.clienteling import api as clienteling
from dianke.config.api_reference import reference
from dianke.customers import api as customers
from dianke.imports import api as imports
from dianke.insight import api as insight
from dianke.inventory import api as inventory
from dianke.journeys import api as journeys
from dianke.loyalty import api as loyalty
from dianke.marketing import api as marketing
from dianke.messaging import api as messaging
from dianke.promotions import api as promotions
from dianke.purchasing import api as purchasing
from dianke.sales import api as sales
from dianke.segments import api as segments
from dianke.stores import api as stores
from dianke.wallets import api as wallets
from dianke.work import api as work

api = make_api()

#: Addresses are tried in this order: what tills ask all day comes first.
ROUTERS: tuple[Router, ...] = (
    *sales.routers,
    own.router,
    *stores.routers,
    *work.routers,
    imports.router,
    *customers.routers,
    *inventory.routers,
    *purchasing.routers,
    *catalog.routers,
    *promotions.routers,
    *loyalty.routers,
    *wallets.routers,
    marketing.router,
    journeys.router,
    *insight.routers,
    messaging.router,
    *segments.routers,
    clienteling.router,
)

for router in ROUTERS:
    api.add_router("", router)

urlpatterns = [path("docs/", reference, name="api-docs"), path("v1/", api.urls)]
