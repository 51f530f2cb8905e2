"""Customers over the API, one router per part; `routers` is listed in `dianke/config/api.py`."""

from ninja import Router

from dianke.customers.api import care, details, entry, matches, profile, registrations, rights, tags

routers: tuple[Router, ...] = ()
routers += (registrations.router,)
routers += (rights.router, care.router)
routers += (matches.router, tags.router)
routers += (entry.router,)
assert profile.router is details.router is entry.router  # they share addresses, so they share a router
