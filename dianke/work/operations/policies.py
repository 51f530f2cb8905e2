"""When an operation needs a second person: policies as data, and the gate that asks them at the door of operations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core import signing
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.events.operations import operation, record, unchanged
from dianke.work import registry
from dianke.work.models import ApprovalPolicy
from dianke.work.registry import Approvable
from dianke.work.rules.approvals import Policy, policy_for

USUAL_HOURS = 72
_SALT = "work.approval-needed"
_TOKEN_SECONDS = 24 * 3600


class ApprovalNeeded(NotAllowed):
    """Raised at the door of an operation that a policy puts under a second person's eyes. `token` holds the change
    asked for, signed for the person: with it and a reason one asks for approval."""

    code = "approval_needed"
    message = _("“%(operation)s” needs a second person here. Ask for approval and say why.")

    @property
    def token(self) -> str:
        return str(self.params.get("token", ""))


class GoesAroundApproval(Conflict):
    code = "goes_around_approval"
    message = _("%(remedy)s")


class OperationNotApprovable(InvalidInput):
    code = "operation_not_approvable"
    message = _("There is no approval for “%(operation)s”.")
    default_field = "operation"


class ArgumentsUnusable(InvalidInput):
    code = "approval_arguments_unusable"
    message = _("The change asked for cannot be read. Start again from the page where you made it.")
    default_field = "arguments"


# --- the gate ------------------------------------------------------------------------------------------------
def approval_gate(name: str, arguments: Mapping[str, Any]) -> None:
    """Asked at the door of every operation a person or a key starts. Raises `ApprovalNeeded` where a policy is in
    force, `GoesAroundApproval` where the operation would do the same by another way."""
    approvable = registry.approvables().get(name)
    guarding = registry.guarded_by(name)
    if approvable is None and not guarding:
        return
    actor: Actor = arguments["actor"]
    if actor.is_system:
        return
    plain = {key: value for key, value in arguments.items() if key not in ("actor", "now")}
    for other in guarding:
        condition, remedy = registry.approvables()[other].guards[name]
        if condition(plain) and ApprovalPolicy.objects.filter(operation=other, is_active=True).exists():
            raise GoesAroundApproval(remedy=remedy)
    if approvable is not None and policy_asking(approvable, plain) is not None:
        token = signing.dumps(
            {"operation": name, "arguments": approvable.pack(plain), "user": actor.user_id},
            salt=_SALT,
            compress=True,
        )
        raise ApprovalNeeded(operation=approvable.label, token=token)


def policy_asking(approvable: Approvable, arguments: Mapping[str, Any]) -> ApprovalPolicy | None:
    """The policy that wants a second person for this change, if any."""
    rows = {row.pk: row for row in ApprovalPolicy.objects.filter(operation=approvable.operation)}
    if not rows:
        return None
    found = policy_for(
        [Policy(row.pk, row.operation, row.store_id, row.limit, row.is_active) for row in rows.values()],
        approvable.operation,
        store_id=approvable.store_id(arguments),
        amount=approvable.amount(arguments),
    )
    return rows[found.id] if found else None


def read_token(token: str, actor: Actor) -> tuple[str, dict[str, Any]]:
    """Operation and arguments of an `ApprovalNeeded`. Raises `ArgumentsUnusable` when it is old or another's."""
    try:
        data = signing.loads(token, salt=_SALT, max_age=_TOKEN_SECONDS)
    except signing.BadSignature as error:
        raise ArgumentsUnusable from error
    if data["user"] != actor.user_id:
        raise ArgumentsUnusable
    return data["operation"], data["arguments"]


def approvable_named(name: str) -> Approvable:
    """Raises `OperationNotApprovable`."""
    found = registry.approvables().get(name)
    if found is None:
        raise OperationNotApprovable(operation=name)
    return found


# --- policies ------------------------------------------------------------------------------------------------
class LimitNegative(InvalidInput):
    code = "approval_limit_negative"
    message = _("The limit cannot be below zero. Leave it empty to ask every time.")
    default_field = "limit"


class ExpiryOutOfRange(InvalidInput):
    code = "approval_expiry_out_of_range"
    message = _("Requests can wait from 1 hour to 30 days (720 hours).")
    default_field = "expires_hours"


@operation("config.manage_settings")
def set_policy(
    *,
    operation: str,
    store_id: int | None = None,
    limit: Decimal | None = None,
    checker_ids: list[int] | None = None,
    expires_hours: int = USUAL_HOURS,
    is_active: bool = True,
    actor: Actor,
    now: datetime,
) -> ApprovalPolicy:
    """Say when an operation needs a second person, for one store or (None) for those without a row of their own.

    Raises `OperationNotApprovable`, `LimitNegative`, `ExpiryOutOfRange`.
    """
    approvable_named(operation)
    if limit is not None and limit < 0:
        raise LimitNegative
    if not 1 <= expires_hours <= 720:
        raise ExpiryOutOfRange
    row = ApprovalPolicy.objects.select_for_update().of(operation, store_id)
    before = _facts(row) if row else None
    row = row or ApprovalPolicy(operation=operation, store_id=store_id)
    row.limit, row.expires_hours, row.is_active = limit, expires_hours, is_active
    row.save()
    row.checkers.set(checker_ids or [])
    after = _facts(row)
    if before == after:
        unchanged()
        return row
    changes = {name: [before[name] if before else None, after[name]] for name in after}
    record(
        "work.approval_policy_set",
        row,
        actor=actor,
        now=now,
        store_id=store_id,
        data={"operation": operation, "changes": {n: c for n, c in changes.items() if c[0] != c[1]}},
    )
    return row


def _facts(row: ApprovalPolicy) -> dict[str, Any]:
    return {
        "limit": None if row.limit is None else str(row.limit.quantize(Decimal("0.01"))),
        "expires_hours": row.expires_hours,
        "is_active": row.is_active,
        "checkers": sorted(row.checkers.values_list("pk", flat=True)),
    }
