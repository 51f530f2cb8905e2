"""The stock's part of the API; `routers` is listed in `dianke/config/api.py`."""

from dianke.inventory.api import counts, floor, stock, transfers

routers = (stock.router, transfers.router, counts.router, floor.router)
