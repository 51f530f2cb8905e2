"""Closing a store, exporting many rows, and changing the policies themselves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.stores.models import Store
from dianke.stores.operations import close_store
from dianke.web.listing import listing_by_code
from dianke.web.models import Export
from dianke.web.operations import request_export
from dianke.work.models import ApprovalPolicy
from dianke.work.operations.policies import set_policy
from dianke.work.providers.approvables.rows import Arguments, facts, found, written
from dianke.work.queries.people import names_of
from dianke.work.registry import Approvable, Line, approvables


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
    return values | {
        "query": str(values["query"])[:2000],
        "format": "csv" if values["format"] == "csv" else "xlsx",
    }


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
    return ApprovalPolicy.objects.of(arguments["operation"], arguments.get("store_id"))


def _policy_lines(arguments: Arguments) -> list[Line]:
    row, target = _policy_row(arguments), approvables().get(arguments["operation"])
    on, off = _("in force"), _("off")
    people = names_of(arguments.get("checker_ids") or [])
    return [
        Line(_("Which operation"), str(target.label) if target else arguments["operation"]),
        Line(
            _("State"),
            on if arguments.get("is_active", True) else off,
            before=(on if row.is_active else off) if row else off,
        ),
        Line(
            _("From"),
            str(arguments.get("limit") or _("always")),
            before=str((row and row.limit) or _("always")),
        ),
        Line(_("Who decides"), "、".join(people.values()) or _("whoever may decide there")),
    ]


def _policy_state(arguments: Arguments) -> Any:
    row = _policy_row(arguments)
    return [facts(row), sorted(row.checkers.values_list("pk", flat=True)) if row else []]


def _title_of_policy(arguments: Arguments) -> str:
    target = approvables().get(arguments["operation"])
    return _("Change the policy: %(operation)s") % {
        "operation": target.label if target else arguments["operation"]
    }


APPROVABLES = (
    Approvable(
        operation="stores.close_store",
        label=gettext_lazy("Close a store"),
        permission="stores.manage_stores",
        run=close_store,
        pack=lambda a: {"store": a["store"].pk, "closed_on": str(a["closed_on"])},
        unpack=_unpack_store,
        summary=lambda a: (
            _("Close %(store)s on %(day)s") % {"store": a["store"], "day": written(a["closed_on"])}
        ),
        lines=lambda a: [
            Line(_("Store"), a["store"].name),
            Line(
                _("First day closed"),
                written(a["closed_on"]),
                before=written(a["store"].closed_on) if a["store"].closed_on else "",
            ),
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
        summary=lambda a: (
            _("Export %(list)s: %(count)s rows") % {"list": _list_title(a), "count": a["total_count"]}
        ),
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
