"""What happens to people: granting a role, moving, letting go; and changing what a role may do."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.access.models import Role
from dianke.access.operations import change_role
from dianke.access.permissions import BY_CODE, ScopeCode
from dianke.events.changes import plain
from dianke.stores.models import LegalEntity, Posting, Region, Staff, Store
from dianke.stores.operations import post_staff, release_staff, transfer_staff
from dianke.work.providers.approvables.rows import Arguments, facts, found, found_or_none, key_of, written
from dianke.work.registry import Approvable, Line


def _place(arguments: Arguments) -> str:
    place = arguments.get("store") or arguments.get("region") or arguments.get("legal_entity")
    return str(place) if place else _("the whole merchant")


# --- stores.post_staff: granting a role ----------------------------------------------------------------------
def _pack_posting(arguments: Arguments) -> dict[str, Any]:
    return {
        "staff": arguments["staff"].pk,
        "role": arguments["role"].pk,
        "store": key_of(arguments.get("store")),
        "region": key_of(arguments.get("region")),
        "legal_entity": key_of(arguments.get("legal_entity")),
        "from_date": str(arguments["from_date"]),
        "to_date": str(arguments["to_date"]) if arguments.get("to_date") else None,
    }


def _unpack_posting(data: Arguments, lock: bool) -> dict[str, Any]:
    return {
        "staff": found(Staff, data["staff"], lock),
        "role": found(Role, data["role"], lock),
        "store": found_or_none(Store, data.get("store"), lock),
        "region": found_or_none(Region, data.get("region"), lock),
        "legal_entity": found_or_none(LegalEntity, data.get("legal_entity"), lock),
        "from_date": date.fromisoformat(data["from_date"]),
        "to_date": date.fromisoformat(data["to_date"]) if data.get("to_date") else None,
    }


def _posting_lines(arguments: Arguments) -> list[Line]:
    role: Role = arguments["role"]
    sensitive = [
        str(BY_CODE[c].label)
        for c in sorted(role.permission_codes())
        if c in BY_CODE and BY_CODE[c].is_sensitive
    ]
    return [
        Line(_("Person"), str(arguments["staff"])),
        Line(_("Role"), role.label),
        Line(_("Place"), _place(arguments)),
        Line(_("From"), written(arguments["from_date"])),
        Line(_("To"), written(arguments.get("to_date"))),
        Line(_("May then, among other things"), "、".join(sensitive) or _("nothing sensitive")),
    ]


def _postings_of(staff: Staff) -> list[list[Any]]:
    rows = Posting.objects.filter(staff=staff).order_by("pk")
    return [
        [plain(value) for value in row]
        for row in rows.values_list("pk", "role_id", "store_id", "from_date", "to_date")
    ]


def _posting_state(arguments: Arguments) -> Any:
    # The permissions of the role count: approving "store manager" must not grant what was added to it since.
    role: Role = arguments["role"]
    return [
        _postings_of(arguments["staff"]),
        sorted(role.permission_codes()),
        role.scope,
        plain(arguments["staff"].left_on),
    ]


# --- stores.transfer_staff: granting a role by moving --------------------------------------------------------
def _pack_transfer(arguments: Arguments) -> dict[str, Any]:
    return {
        "posting": arguments["posting"].pk,
        "store": arguments["store"].pk,
        "from_date": str(arguments["from_date"]),
        "role": key_of(arguments.get("role")),
    }


def _unpack_transfer(data: Arguments, lock: bool) -> dict[str, Any]:
    return {
        "posting": found(Posting, data["posting"], lock),
        "store": found(Store, data["store"], lock),
        "from_date": date.fromisoformat(data["from_date"]),
        "role": found_or_none(Role, data.get("role"), lock),
    }


def _transfer_role(arguments: Arguments) -> Role:
    role: Role = arguments.get("role") or arguments["posting"].role
    return role


def _transfer_lines(arguments: Arguments) -> list[Line]:
    posting: Posting = arguments["posting"]
    return [
        Line(_("Person"), str(posting.staff)),
        Line(
            _("Place"),
            str(arguments["store"]),
            before=str(posting.store or posting.region or posting.legal_entity or ""),
        ),
        Line(_("Role"), _transfer_role(arguments).label, before=posting.role.label),
        Line(_("From"), written(arguments["from_date"])),
    ]


# --- access.change_role --------------------------------------------------------------------------------------
def _pack_role(arguments: Arguments) -> dict[str, Any]:
    return {
        "role": arguments["role"].pk,
        "name": arguments["name"],
        "scope": ScopeCode(arguments["scope"]).value,
        "permissions": sorted(set(arguments["permissions"])),
        "purpose": arguments.get("purpose", ""),
    }


def _unpack_role(data: Arguments, lock: bool) -> dict[str, Any]:
    return {
        "role": found(Role, data["role"], lock),
        "name": str(data["name"]),
        "scope": ScopeCode(data["scope"]),
        "permissions": [str(code) for code in data["permissions"]],
        "purpose": str(data.get("purpose", "")),
    }


def _labels(codes: set[str]) -> str:
    return "、".join(str(BY_CODE[code].label) for code in sorted(codes) if code in BY_CODE) or "–"


def _role_lines(arguments: Arguments) -> list[Line]:
    role: Role = arguments["role"]
    before, after = set(role.permission_codes()), set(arguments["permissions"])
    scopes = dict(Role._meta.get_field("scope").flatchoices)
    lines = [Line(_("Role"), arguments["name"], before=role.label if role.label != arguments["name"] else "")]
    if after - before:
        lines.append(Line(_("May in addition"), _labels(after - before)))
    if before - after:
        lines.append(Line(_("May no longer"), _labels(before - after)))
    if ScopeCode(arguments["scope"]).value != role.scope:
        lines.append(Line(_("Reach"), scopes[ScopeCode(arguments["scope"]).value], before=scopes[role.scope]))
    holders = Posting.objects.filter(role=role).values("staff").distinct().count()
    return [*lines, Line(_("People who hold it"), str(holders))]


# --- stores.release_staff ------------------------------------------------------------------------------------
def _pack_release(arguments: Arguments) -> dict[str, Any]:
    return {
        "staff": arguments["staff"].pk,
        "left_on": str(arguments["left_on"]),
        "successor": key_of(arguments.get("successor")),
    }


def _unpack_release(data: Arguments, lock: bool) -> dict[str, Any]:
    return {
        "staff": found(Staff, data["staff"], lock),
        "left_on": date.fromisoformat(data["left_on"]),
        "successor": found_or_none(Staff, data.get("successor"), lock),
    }


def _release_lines(arguments: Arguments) -> list[Line]:
    staff: Staff = arguments["staff"]
    return [
        Line(_("Person"), f"{staff} {staff.number}"),
        Line(
            _("First day no longer employed"),
            written(arguments["left_on"]),
            before=written(staff.left_on) if staff.left_on else "",
        ),
        Line(_("Takes over"), str(arguments.get("successor") or _("nobody"))),
    ]


def _staff_store(staff: Staff) -> int | None:
    """The store a person's case belongs to: the one they are posted to, if it is one."""
    stores = set(
        Posting.objects.filter(staff=staff, store__isnull=False, to_date=None).values_list(
            "store_id", flat=True
        )
    )
    return stores.pop() if len(stores) == 1 else None


APPROVABLES = (
    Approvable(
        operation="stores.post_staff",
        label=gettext_lazy("Grant a role"),
        permission="stores.manage_staff",
        run=post_staff,
        pack=_pack_posting,
        unpack=_unpack_posting,
        summary=lambda a: (
            _("%(name)s becomes %(role)s, %(place)s")
            % {"name": a["staff"], "role": a["role"].label, "place": _place(a)}
        ),
        lines=_posting_lines,
        state=_posting_state,
        subject=lambda a: f"stores.staff:{a['staff'].pk}",
        store_id=lambda a: key_of(a.get("store")),
        after=lambda posting: reverse("stores:staff", args=[posting.staff_id]),
        guards={
            "stores.hire_staff": (
                lambda a: a.get("role") is not None,
                gettext_lazy(
                    "Granting roles needs a second person here. Hire without a role first, then post the person."
                ),
            )
        },
        icon="user-plus",
    ),
    Approvable(
        operation="stores.transfer_staff",
        label=gettext_lazy("Transfer somebody"),
        permission="stores.manage_staff",
        run=transfer_staff,
        pack=_pack_transfer,
        unpack=_unpack_transfer,
        summary=lambda a: (
            _("%(name)s moves to %(place)s") % {"name": a["posting"].staff, "place": a["store"]}
        ),
        lines=_transfer_lines,
        state=lambda a: [_postings_of(a["posting"].staff), sorted(_transfer_role(a).permission_codes())],
        subject=lambda a: f"stores.staff:{a['posting'].staff_id}",
        store_id=lambda a: a["store"].pk,
        after=lambda posting: reverse("stores:staff", args=[posting.staff_id]),
        icon="user-circle",
    ),
    Approvable(
        operation="access.change_role",
        label=gettext_lazy("Change what a role may do"),
        permission="access.manage_roles",
        run=change_role,
        pack=_pack_role,
        unpack=_unpack_role,
        summary=lambda a: _("Change the role “%(role)s”") % {"role": a["role"].label},
        lines=_role_lines,
        state=lambda a: facts(a["role"]),
        subject=lambda a: f"access.role:{a['role'].pk}",
        icon="key",
    ),
    Approvable(
        operation="stores.release_staff",
        label=gettext_lazy("Let somebody go"),
        permission="stores.manage_staff",
        run=release_staff,
        pack=_pack_release,
        unpack=_unpack_release,
        summary=lambda a: (
            _("%(name)s leaves on %(day)s") % {"name": a["staff"], "day": written(a["left_on"])}
        ),
        lines=_release_lines,
        state=lambda a: [facts(a["staff"]), _postings_of(a["staff"])],
        subject=lambda a: f"stores.staff:{a['staff'].pk}",
        store_id=lambda a: _staff_store(a["staff"]),
        after=lambda staff: reverse("stores:staff", args=[staff.pk]),
        icon="logout",
    ),
)
