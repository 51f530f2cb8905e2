"""The organisation's part of the API; `routers` is listed in `dianke/config/api.py`."""

from dianke.stores.api import organisation, people, places

routers = (organisation.router, places.router, people.router)
