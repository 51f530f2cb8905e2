"""What is done at a register: open, count without seeing what it should be, close, hand over, cash in and out."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.money import digits_of
from dianke.sales.forms.shifts import (
    CashForm,
    CloseForm,
    CountForm,
    DrawerForm,
    DropForm,
    HandOverForm,
    OpenForm,
)
from dianke.sales.models import CashMovement, Shift
from dianke.sales.operations import cash, shifts
from dianke.sales.queries.shifts import drawer_of, last_closed, running_shift
from dianke.sales.views.register_parts import (
    CLOSE,
    FORM,
    RUN,
    difference_tone,
    over_or_short,
    register_crumbs,
    register_or_404,
    shift_crumbs,
    shift_or_404,
    shift_url,
    shown,
)
from dianke.web.forms import form_view
from dianke.web.responses import done
from dianke.work.queries.people import people_who_may

COUNT_TEMPLATE = "sales/registers/count.html"


@require_http_methods(FORM)
@requires(RUN)
def shift_open(request: Request, pk: int) -> HttpResponse:
    """Begin to sell with a counted float."""
    register = register_or_404(request, pk, RUN)
    if request.method == "GET" and (runs := running_shift(register.pk)):
        return redirect("sales:shift", pk=runs.pk)
    currency = register.store.currency
    form = OpenForm(request.POST or None, currency=currency)
    before = last_closed(register.pk)
    left = shown(before.left_amount, before.currency) if before else ""
    return form_view(
        request,
        form=form,
        run=lambda data: shifts.open_shift(
            register=register,
            pieces=form.pieces(),
            reason=data["reason"],
            is_empty=data["is_empty"],
            actor=request.actor,
            now=request.now,
        ),
        title=_("Open %(register)s") % {"register": register.name},
        success=_("The shift is open. Good selling!"),
        redirect_to=shift_url,
        template=COUNT_TEMPLATE,
        submit=_("Open the shift"),
        cancel_url=reverse("sales:registers"),
        context={
            "crumb_list": register_crumbs(),
            "currency": currency,
            "digits": digits_of(currency),
            "text": _("Count what is in the drawer now. What is more than was left is taken from the safe.")
            + (" " + _("Left at the last close: %(amount)s.") % {"amount": left} if left else ""),
        },
    )


def _to_page(http: Request, shift: Shift) -> HttpResponse | None:
    """A form that came too late leads back to the shift."""
    if http.method == "GET" and not shift.is_running:
        return redirect("sales:shift", pk=shift.pk)
    return None


@require_http_methods(FORM)
@requires(RUN)
def shift_count(request: Request, pk: int) -> HttpResponse:
    """Count the drawer; what it should be is not told before."""
    shift = shift_or_404(request, pk, RUN)
    if answer := _to_page(request, shift):
        return answer
    form = CountForm(request.POST or None, currency=shift.currency)
    return form_view(
        request,
        form=form,
        run=lambda data: shifts.count_shift(
            shift=shift, pieces=form.pieces(), actor=request.actor, now=request.now
        ),
        title=_("Count the drawer"),
        success=_("Counted. Close the shift now, or sell on."),
        redirect_to=shift_url,
        template=COUNT_TEMPLATE,
        submit=_("That is all"),
        cancel_url=shift_url(shift),
        context=_counting(
            shift, _("Count every note and coin. You see what it should be when the shift is closed.")
        ),
    )


def _counting(shift: Shift, text: str) -> dict[str, Any]:
    return {
        "crumb_list": shift_crumbs(shift, with_shift=True),
        "currency": shift.currency,
        "digits": digits_of(shift.currency),
        "text": text,
    }


@require_http_methods(FORM)
@requires(RUN)
def shift_close(request: Request, pk: int) -> HttpResponse:
    """End a counted shift: what stays, what goes into the safe, why it is over or short."""
    shift = shift_or_404(request, pk, RUN)
    if request.method == "GET" and shift.state != Shift.State.COUNTED:
        return redirect("sales:shift", pk=shift.pk)
    initial = {"left_amount": min(shift.float_amount, shift.counted_amount or 0)}
    form = CloseForm(request.POST or None, currency=shift.currency, initial=initial)
    difference = None
    if request.actor.can(CLOSE, store_id=shift.store_id) and shift.counted_amount is not None:
        difference = shift.counted_amount - drawer_of(shift).expected
    return form_view(
        request,
        form=form,
        run=lambda data: shifts.close_shift(shift=shift, actor=request.actor, now=request.now, **data),
        title=_("Close the shift"),
        success=lambda shift: (
            _("Closed: cash is exact.")
            if not shift.difference_amount
            else _("Closed: %(difference)s.")
            % {"difference": over_or_short(shift.difference_amount, shift.currency)}
        ),
        redirect_to=shift_url,
        template="sales/registers/close.html",
        submit=_("Close the shift"),
        cancel_url=shift_url(shift),
        context={
            "crumb_list": shift_crumbs(shift, with_shift=True),
            "counted": shown(shift.counted_amount, shift.currency),
            "told": over_or_short(difference, shift.currency),
            "tone": difference_tone(difference),
        },
    )


@require_http_methods(FORM)
@requires(RUN)
def shift_hand_over(request: Request, pk: int) -> HttpResponse:
    """Counted once: one shift ends and the colleague's begins with the same money."""
    shift = shift_or_404(request, pk, RUN)
    if answer := _to_page(request, shift):
        return answer
    people = people_who_may([RUN], store_id=shift.store_id, now=request.now, except_ids=[shift.opened_by_id])
    form = HandOverForm(request.POST or None, currency=shift.currency, people=people)
    return form_view(
        request,
        form=form,
        run=lambda data: shifts.hand_over_shift(
            shift=shift,
            pieces=form.pieces(),
            successor=data["successor"],
            reason=data["reason"],
            actor=request.actor,
            now=request.now,
        ),
        title=_("Hand over the shift"),
        success=lambda new: _("Handed over to %(name)s.") % {"name": getattr(new.opened_by, "name", "")},
        redirect_to=shift_url,
        template=COUNT_TEMPLATE,
        submit=pgettext("shift", "Hand over"),
        cancel_url=shift_url(shift),
        context=_counting(
            shift,
            _("Count together. Your shift ends with what was counted and your colleague's begins with it."),
        ),
    )


@require_POST
@requires(RUN)
def shift_resume(request: Request, pk: int) -> HttpResponse:
    """Sell on after a count; the count stays written down."""
    shift = shifts.resume_shift(shift=shift_or_404(request, pk, RUN), actor=request.actor, now=request.now)
    return done(request, _("Sell on. The count stays written down."), to=shift_url(shift))


# --- cash in and out -------------------------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(RUN)
def cash_move(request: Request, pk: int) -> HttpResponse:
    """Change fetched, an expense paid …; above the limit of a policy a second person agrees first."""
    shift = shift_or_404(request, pk, RUN)
    return _moved(
        request,
        shift,
        form=CashForm(request.POST or None, currency=shift.currency),
        run=lambda data: cash.move_cash(shift=shift, actor=request.actor, now=request.now, **data),
        title=_("Cash in or out"),
        success=lambda row: (
            _("%(what)s: %(amount)s. It is in the report of the shift.")
            % {"what": row.get_kind_display(), "amount": shown(abs(row.amount), shift.currency)}
        ),
    )


@require_http_methods(FORM)
@requires(RUN)
def cash_drop(request: Request, pk: int) -> HttpResponse:
    """From the drawer into the safe."""
    shift = shift_or_404(request, pk, RUN)
    return _moved(
        request,
        shift,
        form=DropForm(request.POST or None, currency=shift.currency),
        run=lambda data: cash.drop_cash(shift=shift, actor=request.actor, now=request.now, **data),
        title=str(CashMovement.Kind.TO_SAFE.label),
        success=_("Written down: it is in the safe."),
    )


@require_http_methods(FORM)
@requires(RUN)
def drawer_open(request: Request, pk: int) -> HttpResponse:
    """The drawer is opened although nobody pays; how often is in every report."""
    shift = shift_or_404(request, pk, RUN)
    return _moved(
        request,
        shift,
        form=DrawerForm(request.POST or None),
        run=lambda data: cash.open_drawer(
            shift=shift, reason=data["reason"], actor=request.actor, now=request.now
        ),
        title=_("Open the drawer without a sale"),
        success=_("Written down. You may open the drawer."),
    )


def _moved(http: Request, shift: Shift, *, form: Any, run: Any, title: str, success: Any) -> HttpResponse:
    if answer := _to_page(http, shift):
        return answer
    return form_view(
        http,
        form=form,
        run=run,
        title=title,
        success=success,
        redirect_to=shift_url(shift),
        cancel_url=shift_url(shift),
        context={"crumb_list": shift_crumbs(shift, with_shift=True)},
    )
