"""Tasks, approvals, notices and custom fields over the API; `routers` is listed in `dianke/config/api.py`."""

from dianke.work.api import approvals, fields, notices, tasks

routers = (tasks.router, approvals.router, notices.router, fields.router)
