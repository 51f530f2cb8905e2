"""Several sales of a till at once: each in a transaction of its own, each with an answer of its own. One that is wrong
holds up no other, and each is idempotent by its UUID as a single one is."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

import logging
from typing import Any
from uuid import UUID

from django.db import OperationalError
from django.utils.translation import gettext as _
from ninja import Router
from pydantic import ValidationError

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.errors import DiankeError
from dianke.core.refusals import refusal_of
from dianke.sales import operations
from dianke.sales.api import order_schemas, till_schemas
from dianke.sales.api.baskets import Rows, sale_of
from dianke.sales.models import Order
from dianke.sales.operations.selling import SaleDiffers

router = Router(tags=["orders"])
logger = logging.getLogger(__name__)
SELL = "sales.sell"


@router.post("/sales/batch", response=till_schemas.SaleBatchOut)
@requires(SELL)
def place_sales(request: Request, payload: till_schemas.SaleBatchIn) -> Any:
    """Sell several, each as POST /sales does and answered by itself: 201 with the order (also when it stands already),
    or the status and the problem that one would have got."""
    read = [(str(sent.get("uuid", ""))[:64], _read(sent)) for sent in payload.sales]
    customers = {
        content.customer_id
        for _uuid, content in read
        if isinstance(content, order_schemas.SaleIn) and content.customer_id
    }
    rows = Rows(request.actor, customers)
    return {"answers": [_answer(request, uuid, content, rows) for uuid, content in read]}


def _read(sent: dict[str, Any]) -> order_schemas.SaleIn | ValidationError:
    try:
        return order_schemas.SaleIn.model_validate(sent)
    except ValidationError as wrong:
        return wrong


def _answer(
    request: Request, uuid: str, content: order_schemas.SaleIn | ValidationError, rows: Rows
) -> dict[str, Any]:
    if isinstance(content, ValidationError):
        (first, *_others) = content.errors()
        field = ".".join(str(part) for part in first["loc"])
        return _problem(
            uuid, 422, "invalid_input", _("The sale cannot be read: %(field)s.") % {"field": field}, field
        )
    try:
        sale = sale_of(request.actor, content, rows=rows)
        order = operations.place_sale(sale=sale, actor=request.actor, now=request.now)
    except SaleDiffers as error:
        answer = _problem(uuid, error.status, error.code, str(error), error.field or "")
        return answer | {"order": _standing(request, content.uuid)}
    except DiankeError as error:
        return _problem(uuid, error.status, error.code, str(error), error.field or "")
    except Exception as error:
        named = refusal_of(error)
        if named is not None:
            return _problem(uuid, named.status, named.code, str(named), named.field or "")
        # Not the fault of the sale: the till keeps it and sends it again.
        if not isinstance(error, OperationalError):
            logger.exception("A sale of a batch failed")
        return _problem(
            uuid, 500, "internal_error", _("Something broke on our side; the sale is sent again."), ""
        )
    return {"uuid": uuid, "status": 201, "order": _order(order)}


def _order(order: Order) -> dict[str, Any]:
    content = order.written
    exceptions = len(content.exceptions) if content is not None else order.exceptions.count()
    return {
        "id": order.pk,
        "uuid": str(order.uuid),
        "number": order.number,
        "total_amount": order.total_amount,
        "state": order.state,
        "exceptions": exceptions,
    }


def _standing(request: Request, uuid: UUID) -> dict[str, Any] | None:
    found = Order.objects.visible_to(request.actor, SELL).filter(uuid=uuid).first()
    return _order(found) if found else None


def _problem(uuid: str, status: int, code: str, message: str, field: str) -> dict[str, Any]:
    problem = {"code": code, "message": message, "field": field}
    return {"uuid": uuid, "status": status, "order": None, "problem": problem}
