"""Which rooms the API serves: one line per router."""

from __future__ import annotations

from django.urls import path

from dianke.api.root import make_api
from dianke.config.api_reference import reference

api = make_api()

ROUTERS: tuple[tuple[str, str], ...] = ()

for prefix, router in ROUTERS:
    api.add_router(prefix, router)

urlpatterns = [path("docs/", reference, name="api-docs"), path("v1/", api.urls)]
