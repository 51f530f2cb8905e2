"""Addresses of all rooms."""

from django.urls import include, path

urlpatterns = [
    # First: what stands below is tried address by address.
    path("api/", include("dianke.config.api")),
    path("", include("dianke.web.urls")),
    path("", include("dianke.access.urls")),
    path("", include("dianke.events.urls")),
    path("", include("dianke.stores.urls")),
    path("", include("dianke.work.urls")),
    path("", include("dianke.imports.urls")),
    path("", include("dianke.customers.urls")),
    path("", include("dianke.catalog.urls")),
    path("", include("dianke.inventory.urls")),
    path("", include("dianke.purchasing.urls")),
    path("", include("dianke.sales.urls")),
    path("", include("dianke.promotions.urls")),
    path("", include("dianke.loyalty.urls")),
    path("", include("dianke.wallets.urls")),
    path("", include("dianke.marketing.urls")),
    path("", include("dianke.journeys.urls")),
    path("", include("dianke.insight.urls")),
    path("", include("dianke.messaging.urls")),
    path("", include("dianke.integrations.urls")),
    path("", include("dianke.segments.urls")),
    path("", include("dianke.clienteling.urls")),
    path("", include("dianke.config.setup_urls")),
]
handler400 = "dianke.web.views.bad_request"
handler403 = "dianke.web.views.forbidden"
handler404 = "dianke.web.views.not_found"
handler500 = "dianke.web.views.server_error"
