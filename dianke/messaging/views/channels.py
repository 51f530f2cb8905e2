"""Setting up channels, the limits over all of them, and a test."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.messaging import operations
from dianke.messaging.forms.channels import ChannelForm, RulesForm, TestForm
from dianke.messaging.models import Channel, ChannelSetting, ChannelUse, SendingRules
from dianke.messaging.operations.channels import MANAGE
from dianke.messaging.queries.carriers import carried_by, carrier_named, carriers_of
from dianke.messaging.queries.limits import has_way_out, month_of, sending_rules
from dianke.messaging.queries.reasons import LETTERS_NEED_ADDRESS
from dianke.messaging.rules.carriers import Answer
from dianke.messaging.views.messages import FORM
from dianke.web.components import Crumb
from dianke.web.forms import form_view

ICONS = {
    "SMS": "device-mobile-message",
    "EMAIL": "mail",
    "PORTAL": "inbox",
    "CALL": "phone",
    "WECHAT": "brand-wechat",
    "WECOM": "building-store",
}


def _crumbs() -> list[Crumb]:
    return [Crumb(pgettext("place", "Channels"), reverse("messaging:channels"))]


@require_GET
@requires(MANAGE)
def channel_list(request: Request) -> HttpResponse:
    """Every channel: who carries it, how much went out this month, what it may be used for."""
    rows = {row.channel: row for row in ChannelSetting.objects.all()}
    used = dict(ChannelUse.objects.filter(month=month_of(request.now)).values_list("channel", "count"))
    shown = []
    for channel, label in Channel.choices:
        row = rows.get(channel)
        current = carried_by(channel, row)
        shown.append(
            {
                "code": channel,
                "label": label,
                "icon": ICONS[channel],
                "row": row,
                "carrier": current.carrier if current else None,
                "count": used.get(channel, 0),
                "quota": row.month_quota if row else None,
                "carriers": carriers_of(channel),
                "needs_address": current is not None and not has_way_out(channel),
                "can_test": current is not None and bool(current.carrier.fields) and row is not None,
            }
        )
    return render(
        request,
        "messaging/channels.html",
        {"channels": shown, "rules": sending_rules(), "address_words": LETTERS_NEED_ADDRESS},
    )


@require_http_methods(FORM)
@requires(MANAGE)
def channel_edit(request: Request, channel: str, carrier: str) -> HttpResponse:
    """Who carries it, with which access and limits."""
    chosen = carrier_named(channel, carrier)
    if chosen is None:
        raise Http404
    row = ChannelSetting.objects.filter(channel=channel).first()
    form = ChannelForm(request.POST or None, carrier=chosen, row=row)

    def run(data: dict[str, Any]) -> ChannelSetting:
        return operations.set_up_channel(
            channel=channel,
            carrier=carrier,
            is_on=data["is_on"],
            access=form.access(),
            limits=form.limits(),
            actor=request.actor,
            now=request.now,
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=f"{Channel(channel).label} · {chosen.label}",
        success=_("Saved. It holds for what goes out from now on."),
        redirect_to=reverse("messaging:channels"),
        cancel_url=reverse("messaging:channels"),
        context={"crumb_list": _crumbs()},
    )


@require_http_methods(FORM)
@requires(MANAGE)
def rules_edit(request: Request) -> HttpResponse:
    """Quiet hours and limits over all channels."""
    form = RulesForm(request.POST or None, row=sending_rules())

    def run(data: dict[str, Any]) -> SendingRules:
        return operations.set_sending_rules(values=data, actor=request.actor, now=request.now)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Quiet hours and limits"),
        success=_("Saved. It holds for what goes out from now on."),
        redirect_to=reverse("messaging:channels"),
        cancel_url=reverse("messaging:channels"),
        context={"crumb_list": _crumbs()},
    )


@require_http_methods(FORM)
@requires(MANAGE)
def channel_test(request: Request, channel: str) -> HttpResponse:
    """Send me a test."""
    row = get_object_or_404(ChannelSetting, channel=channel)
    form = TestForm(request.POST or None)

    def run(data: dict[str, Any]) -> Answer:
        return operations.send_test(
            setting=row,
            to=data["to"],
            subject=_("Test of Dianke"),
            text=data["text"],
            actor=request.actor,
            now=request.now,
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Send me a test"),
        success=_("The carrier took it. Look whether it arrives."),
        redirect_to=reverse("messaging:channels"),
        submit=pgettext("message", "Send"),
        cancel_url=reverse("messaging:channels"),
        context={"crumb_list": _crumbs()},
    )
