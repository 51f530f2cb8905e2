"""Locking the books of stock: nothing of a company is dated on or before the day any more, until it is opened again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.inventory.forms.settings import LockForm, ReopenForm
from dianke.inventory.models import PeriodLock
from dianke.inventory.operations import lock_period, reopen_period
from dianke.inventory.views.addresses import stock_crumb
from dianke.stores.models import LegalEntity
from dianke.stores.queries import local_date
from dianke.web.components import Crumb
from dianke.web.forms import form_view
from dianke.work.queries.people import names_of

LOCK = "inventory.lock_periods"


def _entity_or_404(http: Request, pk: int) -> LegalEntity:
    found: LegalEntity = get_object_or_404(LegalEntity.objects.visible_to(http.actor, LOCK), pk=pk)
    return found


@require_GET
@requires(LOCK)
def periods(request: Request) -> HttpResponse:
    """How far each company's books are locked, and by whom."""
    entities = list(LegalEntity.objects.visible_to(request.actor, LOCK).order_by("pk"))
    locks: dict[int, PeriodLock] = {}
    for lock in PeriodLock.objects.filter(legal_entity__in=entities).order_by("locked_through"):
        locks[lock.legal_entity_id] = lock
    names = names_of([lock.user_id for lock in locks.values()])
    context: dict[str, Any] = {
        "rows": [
            {
                "entity": entity,
                "lock": locks.get(entity.pk),
                "who": names.get(locks[entity.pk].user_id or 0, _("System")) if entity.pk in locks else "",
            }
            for entity in entities
        ],
        "crumb_list": [stock_crumb()],
    }
    return render(request, "inventory/stock/periods.html", context)


def _crumbs() -> list[Crumb]:
    return [stock_crumb(), Crumb(_("Locked periods"), reverse("inventory:periods"))]


@requires(LOCK)
def period_lock(request: Request, pk: int) -> HttpResponse:
    """Lock through a day that is over."""
    entity, page = _entity_or_404(request, pk), reverse("inventory:periods")
    last = local_date(request.now).replace(day=1) - timedelta(days=1)
    return form_view(
        request,
        form=LockForm(request.POST or None, initial={"locked_through": last}),
        run=lambda data: lock_period(
            legal_entity=entity, locked_through=data["locked_through"], actor=request.actor, now=request.now
        ),
        title=_("Lock the stock books of %(entity)s") % {"entity": entity.short_name},
        success=lambda lock: _("Locked through %(day)s.") % {"day": lock.locked_through.isoformat()},
        redirect_to=page,
        template="inventory/stock/period.html",
        submit=pgettext("a period", "Lock"),
        cancel_url=page,
        context={"is_locking": True, "crumb_list": _crumbs()},
    )


@requires(LOCK)
def period_reopen(request: Request, pk: int) -> HttpResponse:
    """Take the latest lock away, with the reason."""
    entity, page = _entity_or_404(request, pk), reverse("inventory:periods")
    return form_view(
        request,
        form=ReopenForm(request.POST or None),
        run=lambda data: reopen_period(
            legal_entity=entity, reason=data["reason"], actor=request.actor, now=request.now
        ),
        title=_("Open the stock books of %(entity)s again") % {"entity": entity.short_name},
        success=lambda through: (
            _("Open again; they were locked through %(day)s.") % {"day": through.isoformat()}
        ),
        redirect_to=page,
        template="inventory/stock/period.html",
        submit=pgettext("a period", "Open again"),
        cancel_url=page,
        context={"is_locking": False, "crumb_list": _crumbs()},
    )
