"""What customers did and what was done with them: when last, and where they came from.

Asked is the last time. "In the last 30 days" reads the rows since then; "more than 30 days ago" the last of each, of
whoever has any; "there is none" is who never did.
"""

# ruff: noqa: S608  only declared texts are put together

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.customers.models import Channel
from dianke.customers.queries.deeds import Deed, known_deeds
from dianke.imports.models import ImportRun
from dianke.promotions.models import CouponKind
from dianke.promotions.models.visible import VIEW as COUPONS
from dianke.sales.models.visible import VIEW as SALES
from dianke.segments.queries.fields import register_changing, register_fields
from dianke.segments.rules.fields import (
    Choice,
    Condition,
    Context,
    Field,
    Kind,
    Plain,
    Source,
    over_clusters,
    rows_over_clusters,
    span_of,
)

BEHAVIOUR = pgettext_lazy("fields of segments", "What they did")
IMPORTS = "imports.view_runs"
OPS = ("last", "earlier", "none")
MOST_IMPORTS = 50

#: Of rooms below this one; others register theirs (`customers.queries.deeds`).
DEEDS = (
    Deed("portal", _("Opened the member card"), "customers_portalsession", "t.last_used_at"),
    Deed(
        "followed",
        pgettext_lazy("segment", "Called, visited or written to by staff"),
        "customers_customernote",
        "t.at",
        where="t.kind IN ('CALL', 'VISIT', 'MESSAGE') AND t.removed_at IS NULL",
    ),
    Deed(
        "returned",
        pgettext_lazy("segment", "Brought something back"),
        "sales_salereturn",
        "t.business_date",
        SALES,
        more="JOIN sales_order AS o ON o.id = t.order_id",
        where="o.customer_id IS NOT NULL",
        key="o.customer_id",
        is_day=True,
    ),
    Deed(
        "quoted",
        pgettext_lazy("segment", "Has an open quote since"),
        "sales_order",
        "t.occurred_at",
        SALES,
        where="t.state = 'DRAFT' AND t.channel = 'QUOTE' AND t.customer_id IS NOT NULL",
    ),
    Deed(
        "coupon_got",
        pgettext_lazy("segment", "Was given a coupon"),
        "promotions_coupon",
        "t.issued_at",
        COUPONS,
        where="t.customer_id IS NOT NULL AND t.state <> 'REVOKED'",
    ),
    Deed(
        "coupon_used",
        pgettext_lazy("segment", "Used a coupon"),
        "promotions_coupon",
        "t.used_at",
        COUPONS,
        where="t.customer_id IS NOT NULL AND t.state = 'USED' AND t.used_reference <> ''",
    ),
)


def _rows(deed: Deed, where: str = "") -> tuple[str, str]:
    """(pairs of profile and day, narrowing); the zone is the first parameter where the moment is an instant."""
    value = deed.moment if deed.is_day else f"({deed.moment} AT TIME ZONE %s)::date"
    return over_clusters(
        deed.table,
        value=value,
        where=f"{deed.where} {where}",
        more=deed.more,
        key=deed.key,
    )


def _since(deed: Deed, day: date, at: Context) -> date | datetime:
    return day if deed.is_day else datetime.combine(day, time(), ZoneInfo(at.zone))


def field_of(deed: Deed) -> Field:
    """When last, as a field."""

    def compile(op: str, value: Any, at: Context) -> Condition:
        zone = () if deed.is_day else (at.zone,)
        if op == "last":
            first, _last = span_of(op, value, at.today)
            assert first is not None
            sql, narrow = _rows(deed, f"AND {deed.moment} >= %s")
            return Condition(
                f"SELECT r.id FROM ({sql}) AS r (id, v)", (*zone, _since(deed, first, at)), narrow
            )
        sql, narrow = _rows(deed)
        if op == "none":
            return Condition(f"SELECT r.id FROM ({sql}) AS r (id, v)", zone, narrow, is_negated=True)
        _first, last = span_of(op, value, at.today)
        grouped = f"SELECT r.id FROM ({sql}) AS r (id, v) GROUP BY r.id HAVING max(r.v) <= %s"
        return Condition(grouped, (*zone, last), narrow, is_summed=True)

    def shows(value: Any, at: Context) -> Plain:
        sql, narrow = _rows(deed)
        inner = sql.replace("{at}", narrow)
        return Plain(f"(SELECT max(r.v) FROM ({inner}) AS r (id, v))", () if deed.is_day else (at.zone,))

    return Field(
        f"did.{deed.code}",
        BEHAVIOUR,
        deed.label,
        Kind.DATE,
        compile=compile,
        shows=shows,
        permission=deed.permission,
        ops=OPS,
    )


def _coupons_used(at: Context) -> Source:
    return rows_over_clusters(
        "promotions_coupon", value="t.kind_id", where="t.state = 'USED' AND t.customer_id IS NOT NULL"
    )


def _kinds(actor: Actor) -> Iterable[Choice]:
    rows = CouponKind.objects.visible_to(actor).order_by("-pk")[:200]
    return [(str(row.pk), row.name) for row in rows]


def _recorded(column: str, where: str = "TRUE") -> Any:
    return lambda at: rows_over_clusters("customers_sourcerecord", value=f"t.{column}", where=where)


def _imports(actor: Actor) -> Iterable[Choice]:
    rows = ImportRun.objects.visible_to(actor).filter(importer="customers", state=ImportRun.State.DONE)
    return [(str(row.pk), row.file_name) for row in rows.order_by("-pk")[:MOST_IMPORTS]]


def register() -> None:
    """Called once, when the apps are ready."""
    register_fields(
        *(field_of(deed) for deed in DEEDS),
        Field(
            "did.coupon_used_kind",
            BEHAVIOUR,
            pgettext_lazy("segment", "Used a coupon of the kind"),
            Kind.CHOICE,
            _coupons_used,
            _kinds,
            COUPONS,
            is_id=True,
        ),
        Field(
            "did.came_by",
            BEHAVIOUR,
            pgettext_lazy("segment", "Was ever entered through"),
            Kind.CHOICE,
            _recorded("channel"),
            lambda actor: Channel.choices,
        ),
        Field(
            "did.import",
            BEHAVIOUR,
            pgettext_lazy("segment", "Came with an import"),
            Kind.CHOICE,
            _recorded("run_id", "t.run_id IS NOT NULL"),
            _imports,
            IMPORTS,
            is_id=True,
        ),
    )
    register_changing(lambda: [field_of(deed) for deed in known_deeds()])
