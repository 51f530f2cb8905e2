"""Operations of the rooms below that can need a second person: granting and changing roles, letting somebody go, closing
a store, exporting many rows; and changing the policies themselves.

Each says how its arguments become JSON and rows again, what it does in words, and what must not change in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.access.models import Role
from dianke.access.operations import change_role
from dianke.access.permissions import BY_CODE, ScopeCode
from dianke.core.errors import NotFound
from dianke.events.changes import plain
from dianke.events.operations import add_gate
from dianke.stores.models import LegalEntity, Posting, Region, Staff, Store
from dianke.stores.operations import close_store, post_staff, release_staff, transfer_staff
from dianke.web.listing import listing_by_code
from dianke.web.models import Export
from dianke.web.operations import request_export
from dianke.work.models import ApprovalPolicy
from dianke.work.operations.policies import approval_gate, set_policy
from dianke.work.queries.people import names_of
from dianke.work.registry import Approvable, Line, approvables, register_approvable

Arguments = Mapping[str, Any]


class SubjectGone(NotFound):
    code = "approval_subject_gone"
    message = gettext_lazy("What this request is about is gone. It has to be asked for again.")


def found(model: type[models.Model], pk: Any, lock: bool) -> Any:
    """The row, locked on demand; None for None. Raises `SubjectGone`."""
    if pk is None:
        return None
    rows = model._default_manager.all()
    row = (rows.select_for_update() if lock else rows).filter(pk=pk).first()
    if row is None:
        raise SubjectGone
    return row


def facts(row: models.Model | None) -> dict[str, Any] | None:
    """All columns of a row as JSON: the state a change is asked for in. Sealed columns count by their bytes."""
    if row is None:
        return None
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {
        name: value.hex() if isinstance(value, bytes | memoryview) else plain(value)
        for name, value in values.items()
        if value is None or isinstance(value, str | int | bool | list | Decimal | date | bytes | memoryview)
    }


def _key(row: models.Model | None) -> Any:
    return row.pk if row is not None else None


def _day(value: date | None) -> str:
    return f"{value:%Y-%m-%d}" if value else "–"


def _place(arguments: Arguments) -> str:
    place = arguments.get("store") or arguments.get("region") or arguments.get("legal_entity")
    return str(place) if place else _("the whole merchant")


# --- stores.post_staff: granting a role ----------------------------------------------------------------------
def _pack_posting(arguments: Arguments) -> dict[str, Any]:
    return {
        "staff": arguments["staff"].pk,
        "role": arguments["role"].pk,
        "store": _key(arguments.get("store")),
        "region": _key(arguments.get("region")),
        "legal_entity": _key(arguments.get("legal_entity")),
        "from_date": str(arguments["from_date"]),
        "to_date": str(arguments["to_date"]) if arguments.get("to_date") else None,
    }


def _unpack_posting(data: Arguments, lock: bool) -> dict[str, Any]:
    return {
        "staff": found(Staff, data["staff"], lock),
        "role": found(Role, data["role"], lock),
        "store": found(Store, data.get("store"), lock),
        "region": found(Region, data.get("region"), lock),
        "legal_entity": found(LegalEntity, data.get("legal_entity"), lock),
        "from_date": date.fromisoformat(data["from_date"]),
        "to_date": date.fromisoformat(data["to_date"]) if data.get("to_date") else None,
    }


def _posting_lines(arguments: Arguments) -> list[Line]:
    role: Role = arguments["role"]
    sensitive = [str(BY_CODE[c].label) for c in sorted(role.permission_codes()) if c in BY_CODE and BY_CODE[c].is_sensitive]
    return [
        Line(_("Person"), str(arguments["staff"])),
        Line(_("Role"), role.label),
        Line(_("Place"), _place(arguments)),
        Line(_("From"), _day(arguments["from_date"])),
        Line(_("To"), _day(arguments.get("to_date"))),
        Line(_("May then, among other things"), "、".join(sensitive) or _("nothing sensitive")),
    ]


def _postings_of(staff: Staff) -> list[list[Any]]:
    rows = Posting.objects.filter(staff=staff).order_by("pk")
    return [[plain(value) for value in row] for row in rows.values_list("pk", "role_id", "store_id", "from_date", "to_date")]


def _posting_state(arguments: Arguments) -> Any:
    # The permissions of the role count: approving "store manager" must not grant what was added to it since.
    role: Role = arguments["role"]
    return [_postings_of(arguments["staff"]), sorted(role.permission_codes()), role.scope, plain(arguments["staff"].left_on)]


# --- stores.transfer_staff: granting a role by moving --------------------------------------------------------
def _pack_transfer(arguments: Arguments) -> dict[str, Any]:
    return {
        "posting": arguments["posting"].pk,
        "store": arguments["store"].pk,
        "from_date": str(arguments["from_date"]),
        "role": _key(arguments.get("role")),
    }


def _unpack_transfer(data: Arguments, lock: bool) -> dict[str, Any]:
    return {
        "posting": found(Posting, data["posting"], lock),
        "store": found(Store, data["store"], lock),
        "from_date": date.fromisoformat(data["from_date"]),
        "role": found(Role, data.get("role"), lock),
    }


def _transfer_role(arguments: Arguments) -> Role:
    role: Role = arguments.get("role") or arguments["posting"].role
    return role


def _transfer_lines(arguments: Arguments) -> list[Line]:
    posting: Posting = arguments["posting"]
    return [
        Line(_("Person"), str(posting.staff)),
        Line(_("Place"), str(arguments["store"]), before=str(posting.store or posting.region or posting.legal_entity or "")),
        Line(_("Role"), _transfer_role(arguments).label, before=posting.role.label),
        Line(_("From"), _day(arguments["from_date"])),
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
        "successor": _key(arguments.get("successor")),
    }


def _unpack_release(data: Arguments, lock: bool) -> dict[str, Any]:
    return {
        "staff": found(Staff, data["staff"], lock),
        "left_on": date.fromisoformat(data["left_on"]),
        "successor": found(Staff, data.get("successor"), lock),
    }


def _release_lines(arguments: Arguments) -> list[Line]:
    staff: Staff = arguments["staff"]
    return [
        Line(_("Person"), f"{staff} {staff.number}"),
        Line(_("First day no longer employed"), _day(arguments["left_on"]), before=_day(staff.left_on) if staff.left_on else ""),
        Line(_("Takes over"), str(arguments.get("successor") or _("nobody"))),
    ]


def _staff_store(staff: Staff) -> int | None:
    """The store a person's case belongs to: the one they are posted to, if it is one."""
    stores = set(Posting.objects.filter(staff=staff, store__isnull=False, to_date=None).values_list("store_id", flat=True))
    return stores.pop() if len(stores) == 1 else None


# --- stores.close_store --------------------------------------------------------------------------------------
def _unpack_store(data: Arguments, lock: bool) -> dict[str, Any]:
    return {"store": found(Store, data["store"], lock), "closed_on": date.fromisoformat(data["closed_on"])}


# --- web.request_export --------------------------------------------------------------------------------------
def _list_title(arguments: Arguments) -> str:
    listing = listing_by_code(arguments["list_code"])
    return str(listing.title) if listing else str(arguments["list_code"])


def _pack_export(arguments: Arguments) -> dict[str, Any]:
    return {
        "list_code": arguments["list_code"],
        "query": arguments["query"],
        "format": arguments["format"],
        "total_count": int(arguments["total_count"]),
    }


def _unpack_export(data: Arguments, lock: bool) -> dict[str, Any]:
    values = _pack_export(data)
    if listing_by_code(values["list_code"]) is None or not 0 <= values["total_count"] < 2**31:
        raise ValueError(values["list_code"])
    return values | {"query": str(values["query"])[:2000], "format": "csv" if values["format"] == "csv" else "xlsx"}


def _after_export(made: Export) -> str:
    from dianke.web.tasks import run_export

    run_export.defer(export_id=made.pk)
    return reverse("web-export", args=[made.pk])


# --- work.set_policy -----------------------------------------------------------------------------------------
def _pack_policy(arguments: Arguments) -> dict[str, Any]:
    limit = arguments.get("limit")
    return {
        "operation": arguments["operation"],
        "store_id": arguments.get("store_id"),
        "limit": None if limit is None else str(limit),
        "checker_ids": sorted(arguments.get("checker_ids") or []),
        "expires_hours": arguments.get("expires_hours", 72),
        "is_active": arguments.get("is_active", True),
    }


def _unpack_policy(data: Arguments, lock: bool) -> dict[str, Any]:
    limit = data.get("limit")
    values = _pack_policy(data) | {"limit": None if limit is None else Decimal(str(limit))}
    if values["operation"] not in approvables() or not isinstance(values["expires_hours"], int):
        raise ValueError(values["operation"])
    return values | {"is_active": bool(values["is_active"])}


def _policy_row(arguments: Arguments) -> ApprovalPolicy | None:
    return ApprovalPolicy.objects.filter(
        operation=arguments["operation"], store_id=arguments.get("store_id")
    ).first()


def _policy_lines(arguments: Arguments) -> list[Line]:
    row, target = _policy_row(arguments), approvables().get(arguments["operation"])
    on, off = _("in force"), _("off")
    people = names_of(arguments.get("checker_ids") or [])
    return [
        Line(_("Which operation"), str(target.label) if target else arguments["operation"]),
        Line(_("State"), on if arguments.get("is_active", True) else off, before=(on if row.is_active else off) if row else off),
        Line(_("From"), str(arguments.get("limit") or _("always")), before=str((row and row.limit) or _("always"))),
        Line(_("Who decides"), "、".join(people.values()) or _("whoever may decide there")),
    ]


def _policy_state(arguments: Arguments) -> Any:
    row = _policy_row(arguments)
    return [facts(row), sorted(row.checkers.values_list("pk", flat=True)) if row else []]


def _title_of_policy(arguments: Arguments) -> str:
    target = approvables().get(arguments["operation"])
    return _("Change the policy: %(operation)s") % {"operation": target.label if target else arguments["operation"]}


APPROVABLES = (
    Approvable(
        operation="stores.post_staff",
        label=gettext_lazy("Grant a role"),
        permission="stores.manage_staff",
        run=post_staff,
        pack=_pack_posting,
        unpack=_unpack_posting,
        summary=lambda a: _("%(name)s becomes %(role)s, %(place)s")
        % {"name": a["staff"], "role": a["role"].label, "place": _place(a)},
        lines=_posting_lines,
        state=_posting_state,
        subject=lambda a: f"stores.staff:{a['staff'].pk}",
        store_id=lambda a: _key(a.get("store")),
        after=lambda posting: reverse("stores:staff", args=[posting.staff_id]),
        guards={
            "stores.hire_staff": (
                lambda a: a.get("role") is not None,
                gettext_lazy("Granting roles needs a second person here. Hire without a role first, then post the person."),
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
        summary=lambda a: _("%(name)s moves to %(place)s")
        % {"name": a["posting"].staff, "place": a["store"]},
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
        summary=lambda a: _("%(name)s leaves on %(day)s") % {"name": a["staff"], "day": _day(a["left_on"])},
        lines=_release_lines,
        state=lambda a: [facts(a["staff"]), _postings_of(a["staff"])],
        subject=lambda a: f"stores.staff:{a['staff'].pk}",
        store_id=lambda a: _staff_store(a["staff"]),
        after=lambda staff: reverse("stores:staff", args=[staff.pk]),
        icon="logout",
    ),
    Approvable(
        operation="stores.close_store",
        label=gettext_lazy("Close a store"),
        permission="stores.manage_stores",
        run=close_store,
        pack=lambda a: {"store": a["store"].pk, "closed_on": str(a["closed_on"])},
        unpack=_unpack_store,
        summary=lambda a: _("Close %(store)s on %(day)s") % {"store": a["store"], "day": _day(a["closed_on"])},
        lines=lambda a: [
            Line(_("Store"), a["store"].name),
            Line(_("First day closed"), _day(a["closed_on"]), before=_day(a["store"].closed_on) if a["store"].closed_on else ""),
        ],
        state=lambda a: facts(a["store"]),
        subject=lambda a: f"stores.store:{a['store'].pk}",
        store_id=lambda a: a["store"].pk,
        after=lambda store: reverse("stores:store", args=[store.pk]),
        icon="building-store",
    ),
    Approvable(
        operation="web.request_export",
        label=gettext_lazy("Export a list"),
        permission="web.export_lists",
        run=request_export,
        pack=_pack_export,
        unpack=_unpack_export,
        summary=lambda a: _("Export %(list)s: %(count)s rows") % {"list": _list_title(a), "count": a["total_count"]},
        lines=lambda a: [
            Line(_("List"), _list_title(a)),
            Line(_("Rows"), str(a["total_count"])),
            Line(_("Filter"), a["query"] or _("none")),
            Line(_("File"), "Excel" if a["format"] == "xlsx" else "CSV"),
        ],
        state=lambda a: None,
        subject=lambda a: "",
        amount=lambda a: Decimal(a["total_count"]),
        amount_label=gettext_lazy("rows"),
        suggested_limit=Decimal(500),
        runs_as_maker=True,
        after=_after_export,
        icon="download",
    ),
    Approvable(
        operation="work.set_policy",
        label=gettext_lazy("Change an approval policy"),
        permission="config.manage_settings",
        run=set_policy,
        pack=_pack_policy,
        unpack=_unpack_policy,
        summary=_title_of_policy,
        lines=_policy_lines,
        state=_policy_state,
        subject=lambda a: "",
        store_id=lambda a: a.get("store_id"),
        icon="adjustments",
    ),
)


def register() -> None:
    """The operations, and the gate before the door."""
    for approvable in APPROVABLES:
        register_approvable(approvable)
    add_gate(approval_gate)

