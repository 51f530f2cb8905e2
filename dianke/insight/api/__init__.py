"""The interface of the room."""

from dianke.insight.api.reports import router as reports
from dianke.insight.api.values import router as values

routers = (values, reports)
