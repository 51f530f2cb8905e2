"""The steps of a stocktake: beginning, finishing the counting, posting, calling off."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.inventory.forms.counts import CountForm, SubmitForm
from dianke.inventory.models import CountEntry, CountLine, CountSession
from dianke.inventory.operations import count_closing, counting
from dianke.inventory.operations.counting import COUNT
from dianke.inventory.queries.counting import progress_of
from dianke.inventory.views.counts import crumbs, session_or_404, url_of
from dianke.inventory.views.floor import FORM
from dianke.web.formats import number
from dianke.web.forms import KitForm, form_view

State = CountSession.State


@require_http_methods(FORM)
@requires(COUNT)
def count_new(request: Request) -> HttpResponse:
    """Begin a stocktake; the store goes on selling."""
    form = CountForm(request.POST or None, actor=request.actor)

    def run(data: dict[str, Any]) -> CountSession:
        return counting.open_count(**form.values(), actor=request.actor, now=request.now)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("New stocktake"),
        success=_("Opened. Count now; the shop goes on selling."),
        redirect_to=url_of,
        submit=_("Begin"),
        cancel_url=reverse("inventory:counts"),
        context={"crumb_list": crumbs()},
    )


@require_http_methods(FORM)
@requires(COUNT)
def count_submit(request: Request, pk: int) -> HttpResponse:
    """The counting is done: what differs is counted again by somebody else, or goes to who approves."""
    session = session_or_404(request, pk, COUNT)
    if request.method == "GET" and not session.is_counting:
        return redirect(url_of(session))
    progress = progress_of([session])[session.pk]
    uncounted = progress.lines - progress.looked
    form = SubmitForm(request.POST or None, actor=request.actor, session=session, uncounted=uncounted)

    def run(data: dict[str, Any]) -> CountSession:
        return count_closing.submit_count(
            session=session, **form.values(), actor=request.actor, now=request.now
        )

    text = ngettext(
        "%(counted)s of %(lines)s line is counted.",
        "%(counted)s of %(lines)s lines are counted.",
        progress.lines,
    )
    after = _(
        "Lines that differ are counted again by somebody who has not counted them; then it can be posted."
    )
    return form_view(
        request,
        form=form,
        run=run,
        title=_("Finish counting"),
        success=_submitted,
        redirect_to=url_of(session),
        template="inventory/floor/confirm.html",
        submit=_("Finish counting"),
        cancel_url=url_of(session),
        context={
            "crumb_list": crumbs(session),
            "text": f"{text % {'counted': progress.looked, 'lines': progress.lines}} {after}",
        },
    )


def _submitted(session: CountSession) -> str:
    again = CountLine.objects.filter(session=session, verdict=CountLine.Verdict.RECOUNT).count()
    if again:
        text = ngettext(
            "%(count)s line differs: somebody else counts it again.",
            "%(count)s lines differ: somebody else counts them again.",
            again,
        )
        return text % {"count": again}
    return _("Counted. Look at the differences and post it.")


@require_http_methods(FORM)
@requires(COUNT)
def count_post(request: Request, pk: int) -> HttpResponse:
    """Post what was counted; above the limit of the policy it asks a second person."""
    session = session_or_404(request, pk, COUNT)
    if request.method == "GET" and session.state != State.SUBMITTED:
        return redirect(url_of(session))
    lines = CountLine.objects.filter(session=session).exclude(variance=None).exclude(variance=0)
    verdict = CountLine.Verdict
    count = lines.filter(verdict__in=[verdict.SETTLED, verdict.DISPUTED]).count()
    text = ngettext(
        "%(count)s line of the books becomes what was counted; what was sold since stays sold. This cannot be undone.",
        "%(count)s lines of the books become what was counted; what was sold since stays sold. This cannot be undone.",
        count,
    )
    if not count:
        text = _("Everything is as the books have it. Posting only notes that it was counted.")

    def run(data: dict[str, Any]) -> CountSession:
        return count_closing.post_count(session=session, actor=request.actor, now=request.now)

    return _confirmed(
        request,
        session,
        run,
        title=_("Post the stocktake"),
        success=_("Posted. The stock is what was counted."),
        submit=pgettext("a stocktake", "Post"),
        text=text % {"count": count} if count else text,
    )


@require_http_methods(FORM)
@requires(COUNT)
def count_cancel(request: Request, pk: int) -> HttpResponse:
    """Call it off: nothing is posted."""
    session = session_or_404(request, pk, COUNT)
    if request.method == "GET" and session.closed_at is not None:
        return redirect(url_of(session))

    def run(data: dict[str, Any]) -> CountSession:
        return counting.cancel_count(session=session, actor=request.actor, now=request.now)

    count = CountEntry.objects.filter(session=session).count()
    text = ngettext(
        "Nothing is posted, and %(count)s entry is of no use any more. This cannot be undone.",
        "Nothing is posted, and %(count)s entries are of no use any more. This cannot be undone.",
        count,
    )
    return _confirmed(
        request,
        session,
        run,
        title=_("Call the stocktake off"),
        success=_("Called off. Nothing was posted."),
        submit=pgettext("a stocktake", "Call off"),
        text=text % {"count": number(count)},
        is_danger=True,
    )


def _confirmed(
    http: Request, session: CountSession, run: Any, *, text: str, is_danger: bool = False, **words: Any
) -> HttpResponse:
    return form_view(
        http,
        form=KitForm(http.POST if http.method == "POST" else None),
        run=run,
        redirect_to=url_of(session),
        template="inventory/floor/confirm.html",
        cancel_url=url_of(session),
        context={"crumb_list": crumbs(session), "text": text, "is_danger": is_danger},
        **words,
    )
