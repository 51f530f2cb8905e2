"""What the merchant decides about the lists."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.clienteling import operations
from dianke.clienteling.forms import QueueRulesForm, ReasonForm
from dianke.clienteling.models import MANAGE, QueueRules, ReasonRule
from dianke.clienteling.queries.rules import queue_rules, reasons_in_force
from dianke.clienteling.rules.reasons import OWN_VARIABLES
from dianke.messaging.queries.variables import told
from dianke.web.components import Crumb
from dianke.web.forms import form_view

FORM = ["GET", "POST"]


def _crumbs() -> list[Crumb]:
    return [Crumb(_("Contact lists"), reverse("clienteling:settings"))]


@require_GET
@requires(MANAGE)
def settings(request: Request) -> HttpResponse:
    """How many a day, how long somebody is left in peace, and the reasons."""
    reasons = [(row, told(row.words, OWN_VARIABLES)) for row in reasons_in_force().values()]
    context = {"rules": queue_rules(), "reasons": reasons}
    return render(request, "clienteling/settings.html", context)


@require_http_methods(FORM)
@requires(MANAGE)
def rules(request: Request) -> HttpResponse:
    """Limit and rest."""
    form = QueueRulesForm(request.POST or None, row=queue_rules())

    def run(data: dict[str, Any]) -> QueueRules:
        return operations.change_rules(actor=request.actor, now=request.now, **data)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("How many, how often"),
        success=_("Saved. It holds for lists made from now on."),
        redirect_to=reverse("clienteling:settings"),
        cancel_url=reverse("clienteling:settings"),
        context={"crumb_list": _crumbs()},
    )


@require_http_methods(FORM)
@requires(MANAGE)
def reason(request: Request, code: str) -> HttpResponse:
    """One reason: whether it is used, how far it reaches, its words."""
    rule = reasons_in_force().get(code)
    if rule is None:
        raise Http404
    form = ReasonForm(request.POST or None, rule=rule)

    def run(data: dict[str, Any]) -> ReasonRule:
        words = data["words"].replace("\r\n", "\n").strip()
        return operations.change_reason(
            code=code,
            is_on=data["is_on"],
            days=data.get("days", rule.days),
            words="" if not rule.are_own and words == rule.words else words,
            actor=request.actor,
            now=request.now,
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=str(rule.reason.label),
        success=_("Saved. It holds for lists made from now on."),
        redirect_to=reverse("clienteling:settings"),
        cancel_url=reverse("clienteling:settings"),
        context={"crumb_list": _crumbs()},
    )
