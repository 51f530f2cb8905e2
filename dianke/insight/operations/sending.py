"""One report for one person: carried out as that person, told in the bell, and mailed with the file."""

from __future__ import annotations

from datetime import datetime
from smtplib import SMTPRecipientsRefused

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override

from dianke.access.models import User
from dianke.access.queries import actor_for
from dianke.core.actor import SYSTEM, Actor
from dianke.core.errors import DiankeError
from dianke.core.messages import Channel, Message, Smtp, adapter_of, send
from dianke.insight.models import FIGURES, ReportDelivery, SavedReport
from dianke.insight.operations.deliveries import end_delivery
from dianke.insight.queries.report_file import days_text, sheet, written
from dianke.insight.queries.reports import Told, run
from dianke.insight.rules.reports import read
from dianke.web.addresses import site_address
from dianke.work.operations import notify
from dianke.work.operations.notifications import channels_of, set_mailed

READY, FAILED = "insight_report_ready", "insight_report_failed"
SHEET = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
EXPORT = "web.export_lists"
State = ReportDelivery.State


def deliver(delivery_id: int, now: datetime) -> bool:
    """Hand the report over; whether this call did. The row is locked until the mail server took the mail, so two runs
    never send it twice; when the server does not take it nothing is noted and the job is tried again."""
    with transaction.atomic():
        delivery = (
            ReportDelivery.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("report", "user")
            .filter(pk=delivery_id, state=State.WAITING)
            .first()
        )
        if delivery is None:
            return False
        state, is_mailed, problem = State.SENT, False, ""
        actor = actor_for(delivery.user, now=now)
        if not actor.can(FIGURES) or delivery.report.deleted_at is not None:
            state = State.REFUSED
        else:
            with override(delivery.user.language):
                try:
                    told = run(read(delivery.report.spec), actor=actor, now=now)
                except DiankeError as error:
                    state, problem = State.FAILED, str(error)
                    _tell(delivery, FAILED, {"name": delivery.report.name, "why": problem}, now)
                else:
                    is_mailed, problem = _hand_over(delivery, told, actor, now)
        end_delivery(
            delivery=delivery, state=state, is_mailed=is_mailed, problem=problem, actor=SYSTEM, now=now
        )
    return True


def _tell(delivery: ReportDelivery, kind: str, params: dict[str, str], now: datetime) -> list[int]:
    notices = notify(
        user_ids=[delivery.user_id],
        kind=kind,
        params=params,
        reference=f"report:{delivery.report_id}:{delivery.due_at.isoformat()}",
        subject=f"insight.savedreport:{delivery.report_id}",
        url=reverse("insight:report", args=[delivery.report_id]),
        actor=SYSTEM,
        now=now,
    )
    return [notice.pk for notice in notices]


def _hand_over(delivery: ReportDelivery, told: Told, actor: Actor, now: datetime) -> tuple[bool, str]:
    """The notice, and the mail for who has an address and wants notices; whether it was mailed, and what the server
    said."""
    days = days_text(told.span, told.today)
    told_ids = _tell(delivery, READY, {"name": delivery.report.name, "days": days}, now)
    channel = channels_of(READY, [delivery.user_id])[delivery.user_id]
    if not delivery.user.email or channel == "NONE":
        return False, ""
    try:
        _mail(delivery.report, delivery, delivery.user, told, actor, now)
    except SMTPRecipientsRefused as error:
        code, _answer = next(iter(error.recipients.values()), (550, b""))
        return False, f"{code}"
    if told_ids:  # the notice needs no mail of its own: this was it
        set_mailed(notice_ids=told_ids, actor=SYSTEM, now=now)
    return True, ""


def _mail(
    report: SavedReport, delivery: ReportDelivery, user: User, told: Told, actor: Actor, now: datetime
) -> None:
    """To the mail server with the file, for who may take lists out; where the settings chose another carrier (a demo
    has its outbox), the text."""
    base = site_address()
    subject = f"{report.name} · {days_text(told.span, told.today)}"
    may_export = actor.can(EXPORT)
    context = {
        "user": user,
        "report": report,
        "days": days_text(told.span, told.today),
        "taken_at": told.taken_at,
        "wholes": [
            [
                (measure.label, written(measure, value, block.currency, told.units))
                for measure, value in zip(told.measures, block.whole, strict=True)
            ]
            for block in told.blocks
        ],
        "has_file": may_export,
        "url": f"{base}{reverse('insight:report', args=[report.pk])}" if base else "",
        "language": user.language,
    }
    body = render_to_string("insight/mail/report.txt", context)
    carrier = adapter_of(Channel.EMAIL)
    if carrier is not None and carrier.name != Smtp.name:
        send(Message(Channel.EMAIL, user.email, "insight.report", body, subject), now=now)
        return
    mail = EmailMessage(
        subject=subject[:120].replace("\n", " "),
        body=body,
        to=[user.email],
        # The same occurrence makes the same message, so that a mail sent twice is shown once.
        headers={"Message-ID": f"<report-{delivery.pk}@dianke.invalid>"},
    )
    if may_export:
        name = f"{report.name} {told.span.first} {told.span.last}.xlsx"
        mail.attach(name, sheet(told, reader=user.name, at=now), "/".join(SHEET))
    mail.send()
