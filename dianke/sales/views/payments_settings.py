"""Kinds of payment in their order, and the stages orders of each trade go through."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.sales.forms.sales_settings import StageForm, TenderForm
from dianke.sales.models import Stage, Tender
from dianke.sales.operations.settings import arrange_tenders, change_tender, put_stage
from dianke.sales.views.register_parts import FORM, SETTINGS
from dianke.stores.models import Store, Trade
from dianke.web.components import Crumb, Tab
from dianke.web.forms import form_view
from dianke.web.responses import done


# --- kinds of payment ------------------------------------------------------------------------------------------------
@require_GET
@requires(SETTINGS)
def tenders(request: Request) -> HttpResponse:
    """Kinds of payment as the till offers them."""
    rows = list(Tender.objects.visible_to(request.actor, SETTINGS).select_related("fallback"))
    context = {
        "rows": [
            {"tender": row, "note": _note(row), "is_first": n == 0, "is_last": n == len(rows) - 1}
            for n, row in enumerate(rows)
        ]
    }
    return render(request, "sales/settings/tenders.html", context)


def _note(tender: Tender) -> str:
    parts = [str(tender.get_account_display())]
    if tender.needs_reference:
        parts.append(_("asks for the number"))
    if tender.refund_days:
        parts.append(
            ngettext("refundable for %(n)s day", "refundable for %(n)s days", tender.refund_days)
            % {"n": tender.refund_days}
        )
    if tender.fallback:
        parts.append(_("otherwise by %(tender)s") % {"tender": tender.fallback.name})
    return " · ".join(parts)


def _tender(http: Request, pk: int) -> Tender:
    found: Tender = get_object_or_404(Tender.objects.visible_to(http.actor, SETTINGS), pk=pk)
    return found


@require_http_methods(FORM)
@requires(SETTINGS)
def tender_edit(request: Request, pk: int) -> HttpResponse:
    """Change a kind of payment; how it works and where its money goes stay."""
    tender, page = _tender(request, pk), reverse("sales:tenders")
    names = ("name", "is_active", "needs_reference", "refund_days")
    initial = {name: getattr(tender, name) for name in names} | {"fallback": tender.fallback_id}
    return form_view(
        request,
        form=TenderForm(request.POST or None, tender=tender, initial=initial),
        run=lambda data: change_tender(tender=tender, values=data, actor=request.actor, now=request.now),
        title=tender.name,
        success=_("Saved. Tills know it when they load the next time."),
        redirect_to=page,
        cancel_url=page,
        context={"crumb_list": [Crumb(_("Kinds of payment"), page)]},
    )


@require_POST
@requires(SETTINGS)
def tender_move(request: Request, pk: int, way: str) -> HttpResponse:
    """One place up or down."""
    if way not in ("up", "down"):
        raise Http404
    rows = list(Tender.objects.visible_to(request.actor, SETTINGS))
    at = next((n for n, row in enumerate(rows) if row.pk == pk), None)
    if at is None:
        raise Http404
    other = max(0, min(len(rows) - 1, at + (-1 if way == "up" else 1)))
    rows[at], rows[other] = rows[other], rows[at]
    arrange_tenders(tenders=rows, actor=request.actor, now=request.now)
    return done(request, _("Order changed."), to=reverse("sales:tenders"))


# --- stages ----------------------------------------------------------------------------------------------------------
def _trade(http: Request) -> str:
    """The trade asked for, else that of the store one works in, else the first with stages."""
    asked = http.GET.get("trade") or http.POST.get("trade") or ""
    if asked in Trade.values:
        return asked
    if http.actor.store_id:
        own = Store.objects.filter(pk=http.actor.store_id).values_list("trade", flat=True).first()
        if own and Stage.objects.filter(trade=own).exists():
            return str(own)
    return str(Stage.objects.order_by("trade").values_list("trade", flat=True).first() or Trade.FURNITURE)


@require_GET
@requires(SETTINGS)
def stages(request: Request) -> HttpResponse:
    """The stages of a trade, in their order, with what must hold before each."""
    trade = _trade(request)
    rows = list(Stage.objects.visible_to(request.actor, SETTINGS))
    page = reverse("sales:stages")
    counts = {value: sum(row.trade == value for row in rows) for value in Trade.values}
    context = {
        "trade": trade,
        "tabs": [
            Tab(label, f"{page}?trade={value}", is_current=value == trade, count=counts[value] or None)
            for value, label in Trade.choices
        ],
        "rows": [{"stage": row, "note": _stage_note(row)} for row in rows if row.trade == trade],
        "new_url": f"{reverse('sales:stage-new')}?trade={trade}",
    }
    return render(request, "sales/settings/stages.html", context)


def _stage_note(stage: Stage) -> str:
    parts = [str(stage.get_order_state_display())]
    if stage.task_title:
        parts.append(
            ngettext(
                "task “%(title)s” within %(n)s day", "task “%(title)s” within %(n)s days", stage.task_days
            )
            % {"title": stage.task_title, "n": stage.task_days}
        )
    return " · ".join(parts)


def _stage_form(http: Request, trade: str, code: str, form: StageForm, title: str) -> HttpResponse:
    page = f"{reverse('sales:stages')}?trade={trade}"
    return form_view(
        http,
        form=form,
        run=lambda data: put_stage(trade=trade, code=code, values=data, actor=http.actor, now=http.now),
        title=title,
        success=_("Stage saved. It holds for orders from now on."),
        redirect_to=page,
        cancel_url=page,
        context={"crumb_list": [Crumb(_("Stages of orders"), page)]},
    )


@require_http_methods(FORM)
@requires(SETTINGS)
def stage_edit(request: Request, pk: int) -> HttpResponse:
    """Change a stage."""
    stage: Stage = get_object_or_404(Stage.objects.visible_to(request.actor, SETTINGS), pk=pk)
    names = ("name", "position", "order_state", "gate", "task_title", "task_days", "is_active")
    initial = {name: getattr(stage, name) for name in names}
    form = StageForm(request.POST or None, initial=initial)
    return _stage_form(request, stage.trade, stage.code, form, stage.name)


@require_http_methods(FORM)
@requires(SETTINGS)
def stage_new(request: Request) -> HttpResponse:
    """One stage more, at the end unless said otherwise."""
    trade = _trade(request)
    there: list[Any] = list(Stage.objects.filter(trade=trade).values_list("code", "position"))
    codes = {code for code, _position in there}
    code = next(name for n in range(1, 1000) if (name := f"OWN{n}") not in codes)
    last = max((position for _code, position in there), default=-1)
    form = StageForm(request.POST or None, initial={"position": last + 1})
    return _stage_form(request, trade, code, form, _("New stage"))
