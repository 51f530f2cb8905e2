"""Asking for a second person and deciding: the change that happens is, to the byte, the one that was asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.access.queries import actor_for
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from dianke.events.models import Event
from dianke.events.operations import operation, record, step, subject_key, unchanged
from dianke.work.models import Approval, Task
from dianke.work.models.tasks import APPROVAL_KIND
from dianke.work.operations.policies import USUAL_HOURS, ArgumentsUnusable, approvable_named, policy_asking
from dianke.work.operations.tasks import complete_task, create_task
from dianke.work.queries.people import people_who_may
from dianke.work.registry import Approvable
from dianke.work.rules.approvals import canonical, digest, is_intact, version_of

DECIDE = "work.decide_approvals"


class ReasonMissing(InvalidInput):
    code = "approval_reason_missing"
    message = _("Say why, so that the person who decides need not ask.")
    default_field = "reason"


class NobodyCanDecide(Conflict):
    code = "nobody_can_decide"
    message = _(
        "Nobody but you may decide this here. Give a second person the right to, or let the administrator "
        "change the policy."
    )


class ApprovalNotFound(NotFound):
    code = "approval_not_found"
    message = _("This request does not exist, or you may not see it.")


class AlreadyDecided(Conflict):
    code = "approval_already_decided"
    message = _("This request is closed already: %(outcome)s. Load the page again.")


class ApprovalExpired(Conflict):
    code = "approval_expired"
    message = _("This request has expired. It has to be made again.")


class MakerCannotDecide(NotAllowed):
    code = "maker_cannot_decide"
    message = _("You asked for this yourself. Another person has to decide.")


class NotTheChecker(NotAllowed):
    code = "not_the_checker"
    message = _(
        "You may not decide this request. It takes the right to approve and the right to do it yourself."
    )


class ApprovalTampered(Conflict):
    code = "approval_tampered"
    message = _(
        "What is stored is not what was asked for. Nothing was done. Tell your administrator: somebody "
        "changed the request in the database."
    )


class ApprovalOvertaken(Conflict):
    code = "approval_overtaken"
    message = _(
        "What this is about has changed since it was asked for. Nothing was done; it has to be asked for again."
    )


class OnlyMakerWithdraws(NotAllowed):
    code = "only_maker_withdraws"
    message = _("Only the person who asked can withdraw the request.")


# --- asking --------------------------------------------------------------------------------------------------
@operation("work.request_approvals")
def request_approval(
    *, operation: str, arguments: Mapping[str, Any], reason: str, actor: Actor, now: datetime
) -> Approval:
    """Ask for a change: `arguments` are the JSON its `Approvable` packs. Asking again while it waits returns the same.

    Raises `OperationNotApprovable`, `ArgumentsUnusable`, `ReasonMissing`, `NobodyCanDecide`, and what the operation's
    own look-ups raise.
    """
    approvable = approvable_named(operation)
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    if actor.user_id is None:
        raise ApprovalNotFound
    kwargs = _unpacked(approvable, arguments, lock=False)
    store_id = approvable.store_id(kwargs)
    actor.require(approvable.permission, store_id=store_id)
    text = canonical(approvable.pack(kwargs))
    sha256 = digest(operation, text)
    waiting = Approval.objects.pending(now).filter(requested_by_id=actor.user_id, sha256=sha256).first()
    if waiting is not None:
        unchanged()
        return waiting
    policy = policy_asking(approvable, kwargs)
    named = sorted(policy.checkers.values_list("pk", flat=True)) if policy else []
    deciding = [pk for pk in checkers_of(approvable, store_id=store_id, now=now) if pk != actor.user_id]
    if not (set(deciding) & set(named) if named else deciding):
        raise NobodyCanDecide
    approval = Approval.objects.create(
        operation=operation,
        arguments=text,
        sha256=sha256,
        before_version=version_of(approvable.state(kwargs)),
        summary=approvable.summary(kwargs)[:200],
        lines=[
            {"label": str(line.label), "before": str(line.before), "after": str(line.after)}
            for line in approvable.lines(kwargs)
        ],
        amount=approvable.amount(kwargs),
        reason=reason[:2000],
        subject=approvable.subject(kwargs),
        store_id=store_id,
        checker_ids=named,
        requested_by_id=actor.user_id,
        requested_at=now,
        expires_at=now + timedelta(hours=policy.expires_hours if policy else USUAL_HOURS),
    )
    create_task(
        title=approval.summary,
        kind=APPROVAL_KIND,
        owner=User.objects.active().filter(pk=named[0]).first() if len(named) == 1 else None,
        store=approval.store,
        subject=subject_key(approval),
        due_at=approval.expires_at,
        reference=f"approval:{approval.pk}",
        actor=actor.as_system(),
        now=now,
    )
    record(
        "work.approval_requested",
        approval,
        also=[approval.subject] if approval.subject else [],
        actor=actor,
        now=now,
        store_id=store_id,
        data={"operation": operation, "sha256": sha256},
    )
    return approval


def checkers_of(approvable: Approvable, *, store_id: int | None, now: datetime) -> list[int]:
    """Ids of the people who may decide such a change at the store."""
    return [user.pk for user in people_who_may({DECIDE, approvable.permission}, store_id=store_id, now=now)]


def _unpacked(approvable: Approvable, arguments: Mapping[str, Any], *, lock: bool) -> dict[str, Any]:
    try:
        return approvable.unpack(arguments, lock)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArgumentsUnusable from error


# --- deciding ------------------------------------------------------------------------------------------------
def _locked(approval: Approval, actor: Actor, now: datetime) -> Approval:
    visible = Approval.objects.visible_to(actor).filter(pk=approval.pk).values("pk")
    found = Approval.objects.select_for_update(of=("self",)).filter(pk__in=visible).first()
    if found is None:
        raise ApprovalNotFound
    if not found.is_pending:
        raise AlreadyDecided(outcome=found.get_outcome_display())
    if found.expires_at <= now:
        raise ApprovalExpired
    return found


def _check_checker(approval: Approval, approvable: Approvable, actor: Actor) -> None:
    if actor.user_id is None or actor.user_id == approval.requested_by_id:
        raise MakerCannotDecide
    held = actor.can(DECIDE, store_id=approval.store_id) and actor.can(
        approvable.permission, store_id=approval.store_id
    )
    if approval.store_id is None:
        held = actor.stores_for(DECIDE) is None and actor.stores_for(approvable.permission) is None
    if not held or (approval.checker_ids and actor.user_id not in approval.checker_ids):
        raise NotTheChecker


def _check_intact(approval: Approval, sha256: str) -> None:
    """The checker saw this hash, the arguments give it, and the log holds it since the request: whoever changes the
    row would have to change the sealed log as well."""
    asked = Event.objects.filter(
        kind="work.approval_requested",
        subjects__0=subject_key(approval),
        recorded_at=approval.requested_at,
        data__sha256=approval.sha256,
    )
    if (
        sha256 != approval.sha256
        or not is_intact(approval.operation, approval.arguments, approval.sha256)
        or not asked.exists()
    ):
        raise ApprovalTampered


@operation(DECIDE)
def approve(*, approval: Approval, sha256: str, note: str = "", actor: Actor, now: datetime) -> Approval:
    """Let the change happen: it runs here, in this transaction, with exactly the arguments that were asked for.

    `sha256` is the one the checker saw. The caller has made sure that the checker proved who they are just now.
    Raises `AlreadyDecided`, `ApprovalExpired`, `MakerCannotDecide`, `NotTheChecker`, `ApprovalTampered`,
    `ApprovalOvertaken`, and whatever the operation itself raises; then nothing has changed and the request waits on.
    """
    found = _locked(approval, actor, now)
    approvable = approvable_named(found.operation)
    _check_checker(found, approvable, actor)
    _check_intact(found, sha256)
    try:
        kwargs = _unpacked(approvable, json.loads(found.arguments), lock=True)
    except NotFound as error:
        raise ApprovalOvertaken from error
    if version_of(approvable.state(kwargs)) != found.before_version:
        raise ApprovalOvertaken
    doer = actor
    if approvable.runs_as_maker:
        doer = actor_for(found.requested_by, now=now, request_id=actor.request_id)
    result = approvable.run(**kwargs, actor=doer, now=now)
    found.result_url = approvable.after(result)
    _close(found, Approval.Outcome.APPROVED, note, actor, now)
    _record_outcome("work.approval_approved", found, actor, now)
    return found


@operation(DECIDE)
def refuse(*, approval: Approval, note: str, actor: Actor, now: datetime) -> Approval:
    """Say no, and why. Raises `ReasonMissing` and as `approve`."""
    if not note.strip():
        raise ReasonMissing(field="note")
    found = _locked(approval, actor, now)
    _check_checker(found, approvable_named(found.operation), actor)
    _close(found, Approval.Outcome.REFUSED, note, actor, now)
    _record_outcome("work.approval_refused", found, actor, now)
    return found


@operation("work.request_approvals")
def withdraw_approval(*, approval: Approval, actor: Actor, now: datetime) -> Approval:
    """Take one's own request back. Raises `OnlyMakerWithdraws`, `AlreadyDecided`."""
    found = _locked(approval, actor, now)
    if found.requested_by_id != actor.user_id:
        raise OnlyMakerWithdraws
    _close(found, Approval.Outcome.WITHDRAWN, "", actor, now)
    _record_outcome("work.approval_withdrawn", found, actor, now)
    return found


@operation(None)
def set_overtaken(*, approval: Approval, actor: Actor, now: datetime) -> Approval:
    """Close a request whose subject has changed, so that nobody tries to approve it again."""
    found = Approval.objects.select_for_update().get(pk=approval.pk)
    if not found.is_pending:
        unchanged()
        return found
    _close(found, Approval.Outcome.OVERTAKEN, "", actor, now)
    _record_outcome("work.approval_overtaken", found, actor, now)
    return found


def decide(
    *, approval: Approval, is_approved: bool, sha256: str, note: str = "", actor: Actor, now: datetime
) -> Approval:
    """What pages and API call: approve or refuse; a request found overtaken is closed before the error goes on."""
    if not is_approved:
        return refuse(approval=approval, note=note, actor=actor, now=now)
    try:
        return approve(approval=approval, sha256=sha256, note=note, actor=actor, now=now)
    except ApprovalOvertaken:
        set_overtaken(approval=approval, actor=actor.as_system(), now=now)
        raise


@step
def _close(approval: Approval, outcome: str, note: str, actor: Actor, now: datetime) -> None:
    approval.outcome, approval.closed_at, approval.decision_note = outcome, now, note.strip()[:2000]
    approval.closed_by_id = None if actor.is_system else actor.user_id
    approval.save(update_fields=["outcome", "closed_at", "closed_by", "decision_note", "result_url"])
    task = Task.objects.filter(reference=f"approval:{approval.pk}").first()
    if task is not None:
        complete_task(task=task, actor=actor.as_system(), now=now)


def _record_outcome(kind: str, approval: Approval, actor: Actor, now: datetime) -> None:
    record(
        kind,
        approval,
        also=[approval.subject] if approval.subject else [],
        actor=actor,
        now=now,
        store_id=approval.store_id,
        data={
            "operation": approval.operation,
            "sha256": approval.sha256,
            "requested_by": approval.requested_by_id,
            "url": approval.result_url,
        },
    )


@operation(None)
def expire_approvals(*, actor: Actor, now: datetime) -> int:
    """Close requests nobody decided in time; run by the system every few minutes."""
    late = list(
        Approval.objects.select_for_update(skip_locked=True)
        .filter(outcome=Approval.Outcome.PENDING, expires_at__lte=now)
        .order_by("pk")[:200]
    )
    if not late:
        unchanged()
        return 0
    for approval in late:
        _close(approval, Approval.Outcome.EXPIRED, "", actor, now)
    record("work.approvals_expired", late[0], also=late[1:], actor=actor, now=now, data={"count": len(late)})
    return len(late)
