"""The part of the API about levels and points; `routers` is listed in `dianke/config/api.py`."""

from dianke.loyalty.api import members, programme

routers = (programme.router, members.router)
