"""The caller's own notices."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from ninja import Query, Router

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.work import operations
from dianke.work.api import schemas
from dianke.work.models import Notification

router = Router(tags=["notices"])
USE = "web.use_pages"


@router.get("/notices", response=CursorPage[schemas.NoticeOut])
@requires(USE)
def list_notices(request: Request, page: Query[CursorQuery], wanted: Query[schemas.NoticeFilter]) -> Any:
    """The newest first, worded in the caller's language."""
    rows = Notification.objects.visible_to(request.actor).in_app()
    return cursor_page(rows.unread() if wanted.is_unread else rows, page, order=["-created_at", "-id"])


@router.post("/notices/read", response=schemas.ReadOut)
@requires(USE)
def mark_read(request: Request, payload: schemas.ReadIn) -> Any:
    """Mark notices read; answers how many were not."""
    return {"count": operations.mark_read(notice_ids=payload.ids, actor=request.actor, now=request.now)}
