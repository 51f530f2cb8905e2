"""Which custom fields records have, and what their values look like."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.http import Http404
from ninja import Query, Router

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.core.custom_fields import custom_models, json_schema, specs_for
from dianke.work.api import schemas
from dianke.work.models import CustomField

router = Router(tags=["custom fields"])
VIEW = "work.view_tasks"


@router.get("/custom-fields", response=CursorPage[schemas.CustomFieldOut])
@requires(VIEW)
def list_custom_fields(request: Request, page: Query[CursorQuery], wanted: Query[schemas.FieldFilter]) -> Any:
    """Custom fields in use, in the order of the forms."""
    rows = CustomField.objects.active()
    if wanted.model is not None:
        rows = rows.filter(model=wanted.model)
    return cursor_page(rows, page, order=["model", "position", "id"])


@router.get("/custom-fields/{model}/schema", response=dict[str, Any])
@requires(VIEW)
def get_custom_schema(request: Request, model: str) -> Any:
    """JSON Schema of `custom` for one kind of record, such as "work.task"."""
    if model not in custom_models():
        raise Http404
    return json_schema(specs_for(model))
