"""What the room offers over HTTP."""

from dianke.promotions.api import coupons, kinds, promotions

routers = (promotions.router, kinds.router, coupons.router)
