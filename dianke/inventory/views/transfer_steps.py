"""The steps of a transfer: sending, receiving line by line, bringing back, calling off."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.errors import Conflict, InvalidInput
from dianke.inventory.forms.parts import place_label, plain
from dianke.inventory.forms.transfers import ArrivalForm, CancelForm, ShipForm
from dianke.inventory.models import Transfer, TransferLine
from dianke.inventory.operations import transfers as operations
from dianke.inventory.operations.transfers import TRANSFER, ArrivalUnclear
from dianke.inventory.views.floor import FORM, codes_of
from dianke.inventory.views.transfers import crumbs, lines_of, note_of, transfer_or_404, url_of
from dianke.web.forms import form_view
from dianke.web.responses import done

State = Transfer.State


def _dressed(lines: list[TransferLine]) -> dict[int, dict[str, str]]:
    """By line: note, unit and what a scanner reads from the goods."""
    codes = codes_of({line.variant_id for line in lines})
    return {
        line.line: {
            "note": note_of(line),
            "unit": line.variant.product.unit.name,
            "codes": " ".join(
                [line.piece.tag] if line.piece else [line.variant.code, *codes.get(line.variant_id, ())]
            ),
        }
        for line in lines
    }


@require_http_methods(FORM)
@requires(TRANSFER)
def transfer_ship(request: Request, pk: int) -> HttpResponse:
    """Goods leave: as planned, or what is really there."""
    transfer = transfer_or_404(request, pk, TRANSFER)
    if request.method == "GET" and transfer.state != State.PLANNED:
        return redirect(url_of(transfer))
    lines = lines_of(transfer)
    form, status = ShipForm(request.POST or None, lines=lines), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                operations.ship_transfer(
                    transfer=transfer, quantities=form.quantities(), actor=request.actor, now=request.now
                )
            except (InvalidInput, Conflict) as error:
                form.add_domain_error(error)
            else:
                return done(request, _("On the way. The receiving store sees it now."), to=url_of(transfer))
    told = _dressed(lines)
    context: dict[str, Any] = {
        "transfer": transfer,
        "form": form,
        "rows": [{"line": line, "field": form[f"shipped_{line.line}"], **told[line.line]} for line in lines],
        "crumb_list": crumbs(transfer),
    }
    return render(request, "inventory/floor/transfer_ship.html", context, status=status)


@require_http_methods(FORM)
@requires(TRANSFER)
def transfer_receive(request: Request, pk: int) -> HttpResponse:
    """Goods come: each line is checked; one button says that all did."""
    return _arrive(request, transfer_or_404(request, pk, TRANSFER), is_back=False)


@require_http_methods(FORM)
@requires(TRANSFER)
def transfer_return(request: Request, pk: int) -> HttpResponse:
    """Goods under way come back to the sender, checked the same way."""
    return _arrive(request, transfer_or_404(request, pk, TRANSFER), is_back=True)


def _arrive(http: Request, transfer: Transfer, *, is_back: bool) -> HttpResponse:
    if http.method == "GET" and transfer.state != State.SHIPPED:
        return redirect(url_of(transfer))
    lines = [line for line in lines_of(transfer) if line.shipped]
    form, status = ArrivalForm(http.POST or None, lines=lines), 200
    reason = CancelForm(http.POST or None) if is_back else None
    if http.method == "POST":
        status = 422
        if form.is_valid() and (reason is None or reason.is_valid()):
            who: dict[str, Any] = {"transfer": transfer, "actor": http.actor, "now": http.now}
            try:
                if reason is None:
                    operations.receive_transfer(arrivals=form.arrivals(), **who)
                else:
                    operations.cancel_transfer(
                        reason=reason.cleaned_data["reason"], arrivals=form.arrivals(), **who
                    )
            except ArrivalUnclear as error:
                form.add_unclear(error)
            except (InvalidInput, Conflict) as error:
                form.add_domain_error(error)
            else:
                text = _("Brought back.") if is_back else _("Received: the goods are on your shelf.")
                return done(http, text, to=url_of(transfer))
    told = _dressed(lines)
    rows = form.rows()
    for row in rows:
        row.update(told[row["line"].line], sent=plain(row["line"].shipped), left_text=plain(row["left"]))
    context: dict[str, Any] = {
        "transfer": transfer,
        "form": form,
        "reason": reason,
        "rows": rows,
        "is_back": is_back,
        "confirm": _confirm(transfer, is_back),
        "crumb_list": crumbs(transfer),
    }
    return render(http, "inventory/floor/transfer_receive.html", context, status=status)


def _confirm(transfer: Transfer, is_back: bool) -> str:
    if is_back:
        return _(
            "The transfer ends: what came back is on the shelf of “%(place)s” again. This cannot be undone."
        ) % {"place": place_label(transfer.from_place)}
    return _("What came is booked to “%(place)s” and the transfer ends. This cannot be undone.") % {
        "place": place_label(transfer.to_place)
    }


@require_http_methods(FORM)
@requires(TRANSFER)
def transfer_cancel(request: Request, pk: int) -> HttpResponse:
    """Nothing left yet: the transfer is called off and the goods are free again."""
    transfer = transfer_or_404(request, pk, TRANSFER)
    if transfer.state == State.SHIPPED:
        return redirect("inventory:transfer-return", pk=transfer.pk)
    if request.method == "GET" and transfer.state != State.PLANNED:
        return redirect(url_of(transfer))

    def run(data: dict[str, Any]) -> Transfer:
        return operations.cancel_transfer(
            transfer=transfer, reason=data["reason"], actor=request.actor, now=request.now
        )

    count = transfer.lines.count()
    text = ngettext(
        "%(count)s line is free again and can be sold or sent elsewhere. This cannot be undone.",
        "%(count)s lines are free again and can be sold or sent elsewhere. This cannot be undone.",
        count,
    )
    return form_view(
        request,
        form=CancelForm(request.POST or None),
        run=run,
        title=_("Call the transfer off"),
        success=_("Called off. The goods are free again."),
        redirect_to=url_of(transfer),
        template="inventory/floor/confirm.html",
        submit=pgettext("a transfer", "Call off"),
        cancel_url=url_of(transfer),
        context={"crumb_list": crumbs(transfer), "text": text % {"count": count}, "is_danger": True},
    )
