"""The bell: notices grouped by what they are about, reading them, choosing the way."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.web.forms import form_view
from dianke.web.responses import done
from dianke.work import operations
from dianke.work.forms import ChannelsForm
from dianke.work.models import Notification, NotificationPreference
from dianke.work.registry import notice_kinds

Request = Any
SHOWN = 60


def grouped(notices: list[Notification]) -> list[dict[str, Any]]:
    """Notices in order of time; several of one kind about one thing in a row become one line with a count."""
    found = []
    key = lambda notice: (notice.kind, notice.subject or notice.pk, notice.read_at is None)  # noqa: E731
    for _key, several in groupby(notices, key=key):
        rows = list(several)
        found.append(
            {
                "notice": rows[0],
                "count": len(rows),
                "ids": [row.pk for row in rows],
                "is_unread": rows[0].read_at is None,
            }
        )
    return found


@require_GET
@requires("web.use_pages")
def notices(request: Request) -> HttpResponse:
    """The newest notices, read ones too."""
    rows = list(Notification.objects.visible_to(request.actor).in_app()[:SHOWN])
    today = timezone.localtime(request.now).date()
    lines = grouped(rows)
    days = [
        (day, list(several))
        for day, several in groupby(
            lines, key=lambda line: timezone.localtime(line["notice"].created_at).date()
        )
    ]
    context = {"days": days, "today": today, "has_unread": any(row.read_at is None for row in rows)}
    return render(request, "work/notices.html", context)


@require_POST
@requires("web.use_pages")
def read_all(request: Request) -> HttpResponse:
    """Mark everything read."""
    operations.mark_read(actor=request.actor, now=request.now)
    return done(request, _("All notices are read."), to=reverse("work:notices"))


@require_POST
@requires("web.use_pages")
def read(request: Request, pk: int) -> HttpResponse:
    """Read one line (and those grouped with it), and go where it leads."""
    notice = get_object_or_404(Notification.objects.visible_to(request.actor), pk=pk)
    ids = [pk, *(int(value) for value in request.POST.getlist("ids") if value.isdecimal())]
    operations.mark_read(notice_ids=ids, actor=request.actor, now=request.now)
    is_ours = url_has_allowed_host_and_scheme(notice.url, None) and notice.url.startswith("/")
    response = redirect(notice.url if is_ours else reverse("work:notices"))
    response.status_code = 303
    return response


@require_http_methods(["GET", "POST"])
@requires("web.use_pages")
def settings(request: Request) -> HttpResponse:
    """How I want to hear of what."""
    chosen = dict(
        NotificationPreference.objects.filter(user_id=request.actor.user_id).values_list("kind", "channel")
    )
    form = ChannelsForm(
        request.POST or None,
        kinds=notice_kinds().values(),
        channels=chosen,
        choices=NotificationPreference.Channel.choices,
    )

    def run(data: dict[str, Any]) -> None:
        operations.choose_channels(channels=data, actor=request.actor, now=request.now)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("My notices"),
        success=_("Saved."),
        redirect_to=reverse("work:notice-settings"),
        template="work/notice_settings.html",
    )
