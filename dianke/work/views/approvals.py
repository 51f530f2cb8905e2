"""Requests for approval: mine, those I decide, asking and deciding; and the policies that make them needed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.confirmation import reauthenticate
from dianke.access.guards import requires
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.queries import timeline
from dianke.events.registry import describe, subject_names
from dianke.web.components import Crumb, Entry, Tab
from dianke.web.forms import form_view
from dianke.web.responses import done
from dianke.work import operations
from dianke.work.forms import PolicyForm
from dianke.work.models import Approval, ApprovalPolicy
from dianke.work.operations.approvals import checkers_of
from dianke.work.operations.policies import approvable_named, read_token
from dianke.work.queries.people import names_of, people_who_may
from dianke.work.registry import approvables

Request = Any
TONES = {
    "PENDING": "wait",
    "APPROVED": "good",
    "REFUSED": "bad",
    "WITHDRAWN": "off",
    "EXPIRED": "off",
    "OVERTAKEN": "off",
}
SHOWN = 50


@require_GET
@requires("work.view_tasks")
def approval_list(request: Request) -> HttpResponse:
    """What I decide, what I asked for, what is closed."""
    actor, now = request.actor, request.now
    rows = Approval.objects.select_related("requested_by", "store", "closed_by")
    deciding = rows.decidable_by(actor).pending(now) if actor.can("work.decide_approvals") else rows.none()
    views = {
        "deciding": (_("For me to decide"), deciding.order_by("requested_at", "pk")),
        "mine": (_("Asked for by me"), rows.filter(requested_by_id=actor.user_id)),
        "closed": (
            _("Closed"),
            rows.visible_to(actor).exclude(outcome=Approval.Outcome.PENDING).order_by("-closed_at"),
        ),
    }
    if not actor.can("work.decide_approvals"):
        del views["deciding"]
    if not actor.can("work.request_approvals"):
        del views["mine"]
    chosen = request.GET.get("view", "")
    chosen = chosen if chosen in views else next(iter(views))
    waiting = deciding.count() if "deciding" in views else 0
    tabs = [
        Tab(label, f"?view={code}", code == chosen, waiting if code == "deciding" and waiting else None)
        for code, (label, _rows) in views.items()
    ]
    context = {"tabs": tabs, "approvals": with_tones(views[chosen][1][:SHOWN], now), "view": chosen}
    return render(request, "work/approvals.html", context)


def with_tones(rows: Any, now: Any) -> list[dict[str, Any]]:
    """Each request with icon, tone and word of its state."""
    found = []
    for row in rows:
        approvable = approvables().get(row.operation)
        is_late = row.is_pending and row.expires_at <= now
        found.append(
            {
                "row": row,
                "icon": approvable.icon if approvable else "shield-check",
                "label": approvable.label if approvable else row.operation,
                "tone": "off" if is_late else TONES[row.outcome],
                "state": Approval.Outcome.EXPIRED.label if is_late else row.get_outcome_display(),
            }
        )
    return found


def _approval(request: Request, pk: int) -> Approval:
    rows = Approval.objects.visible_to(request.actor).select_related("requested_by", "store", "closed_by")
    return get_object_or_404(rows, pk=pk)


def _may_decide(approval: Approval, actor: Actor, now: Any) -> bool:
    return Approval.objects.decidable_by(actor).pending(now).filter(pk=approval.pk).exists()


def _page(
    request: Request, approval: Approval, *, error: str = "", note: str = "", status: int = 200
) -> HttpResponse:
    actor = request.actor
    events = timeline(approval, actor=actor, limit=20).events
    names = names_of([*(event.user_id for event in events), *approval.checker_ids])
    about = subject_names([approval.subject], actor=actor)[approval.subject] if approval.subject else None
    context = {
        "item": with_tones([approval], request.now)[0],
        "approval": approval,
        "about": about if about and about.url else None,
        "can_decide": _may_decide(approval, actor, request.now),
        "can_withdraw": approval.is_pending and approval.requested_by_id == actor.user_id,
        "checkers": [names[pk] for pk in approval.checker_ids if pk in names],
        "entries": [
            Entry(
                event.recorded_at,
                describe(event),
                icon="shield-check",
                actor=names.get(event.user_id or 0, _("the system")),
            )
            for event in events
        ],
        "error": error,
        "note": note,
        "crumb_list": [Crumb(_("Approvals"), reverse("work:approvals"))],
    }
    return render(request, "work/approval.html", context, status=status)


@require_GET
@requires("work.view_tasks")
def approval_page(request: Request, pk: int) -> HttpResponse:
    """What is asked for, line by line, why, and by whom."""
    return _page(request, _approval(request, pk))


@require_POST
@requires("work.decide_approvals")
@reauthenticate
def decision(request: Request, pk: int) -> HttpResponse:
    """Approve or refuse, by who has just proved who they are."""
    approval = _approval(request, pk)
    note = request.POST.get("note", "")
    is_approved = request.POST.get("decision") == "approve"
    try:
        approval = operations.decide(
            approval=approval,
            is_approved=is_approved,
            sha256=request.POST.get("sha256", ""),
            note=note,
            actor=request.actor,
            now=request.now,
        )
    except (InvalidInput, Conflict) as error:
        return _page(request, _approval(request, pk), error=str(error), note=note, status=422)
    text = _("Approved and carried out.") if is_approved else _("Refused.")
    return done(request, text, to=reverse("work:approvals"))


@require_POST
@requires("work.request_approvals")
def withdrawal(request: Request, pk: int) -> HttpResponse:
    """Take one's own request back."""
    operations.withdraw_approval(approval=_approval(request, pk), actor=request.actor, now=request.now)
    return done(request, _("Request withdrawn."), to=reverse("work:approvals"))


def asking_context(
    token: str, actor: Actor, *, back: str = "", reason: str = "", error: str = ""
) -> dict[str, Any]:
    """What the page that asks for approval shows: the change in words, who can decide, room for the reason."""
    operation, arguments = read_token(token, actor)
    approvable = approvable_named(operation)
    kwargs = approvable.unpack(arguments, False)
    return {
        "title": _("Ask for approval"),
        "approvable": approvable,
        "summary": approvable.summary(kwargs),
        "lines": approvable.lines(kwargs),
        "token": token,
        "reason": reason,
        "error": error,
    }


@require_POST
@requires("work.request_approvals")
def requests(request: Request) -> HttpResponse:
    """Ask for the change of a token, with the reason."""
    token, reason = request.POST.get("token", ""), request.POST.get("reason", "")
    operation, arguments = read_token(token, request.actor)
    try:
        approval = operations.request_approval(
            operation=operation, arguments=arguments, reason=reason, actor=request.actor, now=request.now
        )
    except (InvalidInput, Conflict) as error:
        context = asking_context(token, request.actor, reason=reason, error=str(error))
        return render(request, "work/approval_ask.html", context, status=422)
    text = _("Asked for. You will be told when somebody has decided.")
    return done(request, text, to=reverse("work:approval", args=[approval.pk]))


# --- policies ------------------------------------------------------------------------------------------------
@require_GET
@requires("config.manage_settings")
def policies(request: Request) -> HttpResponse:
    """Every operation that can need a second person, and when it does."""
    rows: dict[str, list[ApprovalPolicy]] = {}
    for policy in ApprovalPolicy.objects.select_related("store").prefetch_related("checkers"):
        rows.setdefault(policy.operation, []).append(policy)
    listed: list[dict[str, Any]] = []
    for approvable in approvables().values():
        mine = rows.get(approvable.operation, [])
        general = next((policy for policy in mine if policy.store_id is None), None)
        listed.append(
            {
                "approvable": approvable,
                "policy": general,
                "others": [p for p in mine if p.store_id is not None],
            }
        )
    return render(
        request,
        "work/policies.html",
        {"rows": listed, "active_count": sum(bool(r["policy"] and r["policy"].is_active) for r in listed)},
    )


def _plain(limit: Decimal | None) -> Decimal | int | None:
    """Without cents that say nothing."""
    return int(limit) if limit is not None and limit == int(limit) else limit


@require_http_methods(["GET", "POST"])
@requires("config.manage_settings")
@reauthenticate
def policy(request: Request, operation: str) -> HttpResponse:
    """When one operation needs a second person."""
    approvable = approvable_named(operation)
    row = ApprovalPolicy.objects.filter(operation=operation, store=None).first()
    deciding = checkers_of(approvable, store_id=None, now=request.now)
    people = people_who_may({"work.decide_approvals", approvable.permission}, store_id=None, now=request.now)
    initial = {
        "is_active": row.is_active if row else True,
        "limit": _plain(row.limit if row else approvable.suggested_limit),
        "expires_hours": row.expires_hours if row else 72,
        "checkers": list(row.checkers.values_list("pk", flat=True)) if row else [],
    }
    form = PolicyForm(request.POST or None, approvable=approvable, people=people, initial=initial)

    def run(data: dict[str, Any]) -> ApprovalPolicy:
        return operations.set_policy(
            operation=operation,
            limit=data.get("limit"),
            checker_ids=data.get("checkers", []),
            expires_hours=data["expires_hours"],
            is_active=data["is_active"],
            actor=request.actor,
            now=request.now,
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=approvable.label,
        success=_("Policy saved. It holds from now on."),
        redirect_to=reverse("work:policies"),
        cancel_url=reverse("work:policies"),
        template="work/policy.html",
        context={
            "is_alone": len(deciding) < 2,
            "crumb_list": [Crumb(_("Approval policies"), reverse("work:policies"))],
        },
    )
