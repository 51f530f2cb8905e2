"""Custom roles, the second-factor rule of each role, the sign-in policy, and the periodic permission review."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from dianke.access.models import PermissionReview, Role, SignInPolicy
from dianke.access.permissions import BY_CODE, ScopeCode
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.events.operations import operation, record, unchanged


class RoleNameMissing(InvalidInput):
    code = "role_name_missing"
    default_field = "name"
    message = _("The role needs a name, for instance “Stock keeper”.")


class RoleNameTaken(Conflict):
    code = "role_name_taken"
    default_field = "name"
    message = _("There is a role “%(name)s” already. Choose another name.")


class PresetRoleFixed(Conflict):
    code = "preset_role_fixed"
    message = _("Preset roles keep their permissions. Make a custom role from it and change that one.")


class PermissionNotYours(NotAllowed):
    code = "permission_not_yours"
    default_field = "permissions"
    message = _("You cannot give “%(permission)s”, because you do not hold it yourself.")


class PermissionUnknown(InvalidInput):
    code = "permission_unknown"
    default_field = "permissions"
    message = _("There is no permission “%(permission)s”. Load the page again.")


class PolicyInvalid(InvalidInput):
    code = "policy_invalid"
    message = _("%(reason)s")


class ReviewDatePast(InvalidInput):
    code = "review_date_past"
    default_field = "next_due_date"
    message = _("The next review must be after today.")


def _check_permissions(codes: Iterable[str], already: Iterable[str], actor: Actor) -> list[str]:
    """Known codes only, and none the actor adds without holding it."""
    wanted = sorted(set(codes))
    for code in wanted:
        if code not in BY_CODE:
            raise PermissionUnknown(permission=code)
        if code not in set(already) and not actor.can(code):
            raise PermissionNotYours(permission=BY_CODE[code].label)
    return wanted


def _check_name(name: str, pk: int = 0) -> str:
    name = re.sub(r"\s+", " ", name).strip()
    if not name:
        raise RoleNameMissing
    taken = [role for role in Role.objects.exclude(pk=pk) if name in (role.name, role.label)]
    if taken:
        raise RoleNameTaken(name=name)
    return name


@operation("access.manage_roles")
def create_role(
    *,
    name: str,
    scope: ScopeCode,
    permissions: Iterable[str],
    purpose: str = "",
    requires_second_factor: bool = False,
    actor: Actor,
    now: datetime,
) -> Role:
    """A custom role. Raises `RoleNameMissing`, `RoleNameTaken`, `PermissionNotYours`, `PermissionUnknown`."""
    role = Role.objects.create(
        code=f"CUSTOM_{secrets.token_hex(4).upper()}",
        name=_check_name(name),
        scope=ScopeCode(scope).value,
        permissions=_check_permissions(permissions, (), actor),
        purpose=purpose.strip()[:200],
        requires_second_factor=requires_second_factor,
    )
    record("access.role_created", role, actor=actor, now=now, data={"permissions": role.permissions})
    return role


@operation("access.manage_roles")
def change_role(
    *,
    role: Role,
    name: str,
    scope: ScopeCode,
    permissions: Iterable[str],
    purpose: str = "",
    actor: Actor,
    now: datetime,
) -> Role:
    """Change a custom role; it holds for everybody who has it from their next request on.

    Raises `PresetRoleFixed` and as `create_role`.
    """
    locked = Role.objects.select_for_update().get(pk=role.pk)
    if locked.is_preset:
        raise PresetRoleFixed
    before = {"name": locked.name, "scope": locked.scope, "permissions": locked.permissions}
    locked.permissions = _check_permissions(permissions, locked.permissions, actor)
    locked.name = _check_name(name, locked.pk)
    locked.scope = ScopeCode(scope).value
    locked.purpose = purpose.strip()[:200]
    locked.save()
    after = {"name": locked.name, "scope": locked.scope, "permissions": locked.permissions}
    changes = {field: [before[field], after[field]] for field in before if before[field] != after[field]}
    record("access.role_changed", locked, actor=actor, now=now, data={"changes": changes})
    return locked


@operation("access.manage_roles")
def set_second_factor_rule(*, role: Role, is_required: bool, actor: Actor, now: datetime) -> Role:
    """Whether people of a role (preset or custom) must have a second factor; asked for at their next sign-in."""
    if role.requires_second_factor == is_required:
        unchanged()
        return role
    role.requires_second_factor = is_required
    role.save(update_fields=["requires_second_factor"])
    changes = {"requires_second_factor": [not is_required, is_required]}
    record("access.second_factor_rule_changed", role, actor=actor, now=now, data={"changes": changes})
    return role


@operation("config.manage_settings")
def change_sign_in_policy(*, values: Mapping[str, int], actor: Actor, now: datetime) -> SignInPolicy:
    """Change times and limits of signing in; `values` by field name. Raises `PolicyInvalid` with the field."""
    policy = SignInPolicy.current()
    changes: dict[str, list[Any]] = {}
    for field, value in values.items():
        before = getattr(policy, field)
        if before != value:
            changes[field] = [before, value]
            setattr(policy, field, value)
    if not changes:
        unchanged()
        return policy
    try:
        policy.clean_fields()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise PolicyInvalid(reason=messages[0], field=field) from error
    policy.save()
    record("access.sign_in_policy_changed", policy, actor=actor, now=now, data={"changes": changes})
    return policy


@operation("access.review_permissions")
def record_permission_review(
    *,
    comment: str,
    next_due_date: date,
    today: date,
    snapshot: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> PermissionReview:
    """Put on record that the actor looked through who may do what. Raises `ReviewDatePast`."""
    if next_due_date <= today:
        raise ReviewDatePast
    if actor.user_id is None:
        raise NotAllowed
    review = PermissionReview.objects.create(
        reviewed_at=now,
        reviewed_by_id=actor.user_id,
        comment=comment.strip()[:2000],
        next_due_date=next_due_date,
        snapshot=dict(snapshot),
    )
    data = {"next_due_date": next_due_date.isoformat(), "people": len(snapshot)}
    record("access.permissions_reviewed", review, actor=actor, now=now, data=data)
    return review
