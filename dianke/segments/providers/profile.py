"""What customers knows of a person: profile, dates, tags, ways to reach them, consent, custom fields."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.access.models import User
from dianke.core.actor import Actor
from dianke.core.custom_fields import FieldSpec, FieldType
from dianke.core.lunar import LunarDate, SolarDate
from dianke.customers.models import (
    Channel,
    ConsentChannel,
    ContactKind,
    Customer,
    DateKind,
    Gender,
    Purpose,
    Tag,
)
from dianke.customers.models import Kind as CustomerKind
from dianke.customers.models.life import day_key_of
from dianke.customers.rules.care import celebrations
from dianke.loyalty.models import Level
from dianke.segments.queries.fields import register_changing, register_fields
from dianke.segments.rules.fields import (
    Choice,
    Condition,
    Context,
    Field,
    Kind,
    Plain,
    Rows,
    Source,
    over_clusters,
    rows_over_clusters,
)
from dianke.stores.models import Store
from dianke.work.queries.custom_fields import specs_of

PROFILE = pgettext_lazy("fields of segments", "Profile")
VISITS = pgettext_lazy("fields of segments", "Visits")
CONSENT = pgettext_lazy("fields of segments", "Consent")
CUSTOM = pgettext_lazy("fields of segments", "Your own fields")
MOST_PEOPLE = 200
#: A day of the year as its index knows it (customers.models.life.day_key).
_KEY = (
    "(t.month * 100 + t.day) + CASE WHEN t.is_leap THEN 4000 WHEN t.calendar = 'LUNAR' THEN 2000 ELSE 0 END"
)


def _column(sql: str) -> Any:
    return lambda at: Plain(sql)


def _local_day(column: str) -> Any:
    return lambda at: Plain(f"({{c}}.{column} AT TIME ZONE %s)::date", (at.zone,))


def stores(actor: Actor) -> Iterable[Choice]:
    return [
        (str(row.pk), row.short_name) for row in Store.objects.visible_to(actor, "customers.view_customers")
    ]


def _owners(actor: Actor) -> Iterable[Choice]:
    seen = Customer.objects.visible_to(actor).exclude(owner=None).values("owner_id")
    return [(str(user.pk), str(user)) for user in User.objects.filter(pk__in=seen)[:MOST_PEOPLE]]


def _tags(actor: Actor) -> Iterable[Choice]:
    return [(str(tag.pk), tag.name) for tag in Tag.objects.filter(archived_at=None, merged_into=None)]


def _levels(actor: Actor) -> Iterable[Choice]:
    names = Level.objects.in_use().order_by("rank").values_list("name", flat=True)
    return [(name, name) for name in dict.fromkeys(names)]


def _age(at: Context) -> Source:
    """Full years, of those whose birthday has a year and a solar date."""
    today = at.today.month * 100 + at.today.day
    return rows_over_clusters(
        "customers_importantdate",
        fold="max(%s - t.year - (t.month * 100 + t.day > %s)::int)",
        where="t.kind = 'BIRTHDAY' AND t.archived_at IS NULL AND t.calendar = 'SOLAR' AND t.year IS NOT NULL",
        params=(at.today.year, today),
    )


def _yearly(kind: str) -> Any:
    """Dates of a kind that are celebrated within so many days, solar and lunar."""

    def compile(op: str, value: Any, at: Context) -> Condition:
        days = celebrations(at.today, at.today + timedelta(days=min(int(value), 366) + 1))
        keys = sorted({day_key_of(*each.stored) for each in days})
        sql, narrow = over_clusters(
            "customers_importantdate",
            value="t.id",
            where=f"t.kind = %s AND t.archived_at IS NULL AND ({_KEY}) = ANY(%s)",
        )
        return Condition(f"SELECT d.id FROM ({sql}) AS d (id, v)", (kind, keys), narrow)  # noqa: S608

    return compile


def _dates(kind: str) -> Any:
    """The dates of a kind as month and day, for people."""

    def shows(value: Any, at: Context) -> Plain:
        sql, narrow = over_clusters(
            "customers_importantdate",
            value="concat_ws('-', t.calendar, t.month, t.day, t.is_leap::int)",
            where="t.kind = %s AND t.archived_at IS NULL",
        )
        inner = sql.replace("{at}", narrow)
        return Plain(f"(SELECT array_agg(d.v) FROM ({inner}) AS d (id, v))", (kind,))  # noqa: S608

    return shows


def date_text(stored: str) -> str:
    """ "LUNAR-8-15-0" as people say it."""
    calendar, month, day, is_leap = stored.split("-")
    if calendar == "LUNAR":
        return LunarDate(int(month), int(day), is_leap == "1", "").format("zh-hans")
    found = SolarDate(int(month), int(day))
    return f"{found.month}-{found.day}"


def _reach(at: Context) -> Source:
    return rows_over_clusters(
        "customers_contactpoint",
        value="t.kind",
        where="t.archived_at IS NULL AND t.failing_since IS NULL",
    )


def _tagging(at: Context) -> Source:
    return rows_over_clusters("customers_tagging", value="t.tag_id")


_CONSENT = """
SELECT head AS id, %s::text AS v FROM (
  SELECT DISTINCT ON (t.customer_id) coalesce(k.merged_into_id, t.customer_id) AS head, t.customer_id, t.is_given, t.at
  FROM customers_consent AS t
  LEFT JOIN customers_customer AS k ON k.id = t.customer_id AND k.merged_into_id IS NOT NULL
  WHERE t.purpose = %s AND t.channel IN (%s, 'ANY') {at} ORDER BY t.customer_id, t.at DESC, t.id DESC
) AS said
WHERE said.customer_id = said.head OR NOT EXISTS (
  SELECT FROM customers_merge AS g JOIN customers_consent AS h ON h.customer_id = said.head
  WHERE g.kept_id = said.head AND g.undone_at IS NULL
    AND (g.joined_id = said.customer_id OR g.moved @> to_jsonb(said.customer_id))
    AND h.purpose = %s AND h.channel IN (%s, 'ANY') AND h.at >= g.at AND h.at >= said.at)
GROUP BY head HAVING bool_and(said.is_given)
"""
_CHANNELS = tuple(code for code in ConsentChannel.values if code != ConsentChannel.ANY)
#: The ways somebody can agree to be written to, by their names.
CHANNELS = tuple((code, ConsentChannel(code).label) for code in _CHANNELS)
_OF_CLUSTER = (
    "AND t.customer_id IN"
    " (SELECT x.id FROM customers_customer AS x WHERE x.id = {c}.id OR x.merged_into_id = {c}.id)"
)


def _consent(purpose: str) -> Any:
    """Channels a profile may be written to for a purpose: the newest word of everybody in it, and nobody said no."""

    def source(at: Context) -> Source:
        each = " UNION ALL ".join([_CONSENT] * len(_CHANNELS))
        params = [value for code in _CHANNELS for value in (code, purpose, code, purpose, code)]
        return Rows(each, _OF_CLUSTER, tuple(params))

    return source


def _asked_consent(purpose: str) -> Any:
    """Only of the channels that are asked for."""

    def compile(op: str, value: Any, at: Context) -> Condition:
        chosen = [code for code in _CHANNELS if code in value] or ["-"]
        each = " UNION ALL ".join([_CONSENT] * len(chosen))
        params = [one for code in chosen for one in (code, purpose, code, purpose, code)]
        sql = f"SELECT r.id FROM ({each}) AS r (id, v)"  # noqa: S608
        return Condition(sql, tuple(params), _OF_CLUSTER, op == "not_in", is_summed=True)

    return compile


_KINDS = {
    FieldType.CHOICE: Kind.CHOICE,
    FieldType.MULTI_CHOICE: Kind.CHOICE,
    FieldType.NUMBER: Kind.NUMBER,
    FieldType.MONEY: Kind.AMOUNT,
    FieldType.DATE: Kind.DATE,
    FieldType.YES_NO: Kind.YES_NO,
    FieldType.TEXT: Kind.TEXT,
}
#: A value of the JSON of custom fields as its kind compares it; what is not of the kind is no value.
_VALUES = {
    FieldType.NUMBER: "CASE WHEN {text} ~ '^-?[0-9]+([.][0-9]+)?$' THEN ({text})::numeric END",
    FieldType.MONEY: "CASE WHEN {text} ~ '^-?[0-9]+([.][0-9]+)?$' THEN ({text})::numeric * 100 END",
    FieldType.DATE: "CASE WHEN {text} ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN ({text})::date END",
    FieldType.YES_NO: "({text} = 'true')",
}


def _custom_source(spec: FieldSpec) -> Any:
    def source(at: Context) -> Source:
        if spec.type == FieldType.MULTI_CHOICE:
            sql = (
                "SELECT t.id, v.value FROM customers_customer AS t,"
                " jsonb_array_elements_text(CASE jsonb_typeof(t.custom -> %s) WHEN 'array' THEN t.custom -> %s"
                " ELSE '[]'::jsonb END) AS v (value) WHERE t.merged_into_id IS NULL {at}"
            )
            return Rows(sql, "AND t.id = {c}.id", (spec.key, spec.key))
        text = "({c}.custom ->> %s)"
        shape = _VALUES.get(spec.type, "{text}")
        return Plain(shape.replace("{text}", text), (spec.key,) * shape.count("{text}"))

    return source


def _custom_choices(spec: FieldSpec) -> Any:
    return lambda actor: [(option.code, option.label) for option in spec.choosable]


def custom_fields() -> list[Field]:
    """The merchant's own fields of customers that can be compared."""
    return [
        Field(
            f"custom.{spec.key}",
            CUSTOM,
            spec.label,
            _KINDS[spec.type],
            _custom_source(spec),
            _custom_choices(spec) if _KINDS[spec.type] is Kind.CHOICE else None,
            unit=spec.unit,
        )
        for spec in specs_of("customers.customer")
        if spec.type in _KINDS
    ]


def _listed(choices: Iterable[Choice]) -> Any:
    kept = tuple(choices)
    return lambda actor: kept


REACH = (
    (ContactKind.PHONE, ContactKind.PHONE.label),
    (ContactKind.EMAIL, ContactKind.EMAIL.label),
    (ContactKind.WECHAT, ContactKind.WECHAT.label),
    (ContactKind.WECOM, ContactKind.WECOM.label),
    (ContactKind.OPENID, ContactKind.OPENID.label),
)


def register() -> None:
    """Called once, when the apps are ready."""
    register_fields(
        Field(
            "profile.gender",
            PROFILE,
            _("Gender"),
            Kind.CHOICE,
            _column("{c}.gender"),
            _listed(Gender.choices),
        ),
        Field("profile.age", PROFILE, _("Age"), Kind.NUMBER, _age, unit=_("years")),
        *(
            Field(code, PROFILE, label, Kind.YEARLY, compile=_yearly(kind), shows=_dates(kind))
            for code, label, kind in (
                ("profile.birthday", _("Birthday"), DateKind.BIRTHDAY),
                ("profile.wedding", _("Wedding anniversary"), DateKind.WEDDING),
                ("profile.child", _("Child's birthday"), DateKind.CHILD),
            )
        ),
        Field("profile.level", PROFILE, _("Level"), Kind.CHOICE, _column("{c}.level"), _levels),
        Field("profile.tags", PROFILE, _("Tag"), Kind.CHOICE, _tagging, _tags, is_id=True),
        Field(
            "profile.store",
            PROFILE,
            _("Home store"),
            Kind.CHOICE,
            _column("{c}.store_id"),
            stores,
            is_id=True,
        ),
        Field(
            "profile.owner",
            PROFILE,
            _("Person in charge"),
            Kind.CHOICE,
            _column("{c}.owner_id"),
            _owners,
            is_id=True,
        ),
        Field(
            "profile.channel",
            PROFILE,
            _("First channel"),
            Kind.CHOICE,
            _column("{c}.channel"),
            _listed(Channel.choices),
        ),
        Field("profile.campaign", PROFILE, _("Campaign"), Kind.TEXT, _column("nullif({c}.campaign, '')")),
        Field(
            "profile.kind",
            PROFILE,
            _("Kind"),
            Kind.CHOICE,
            _column("{c}.kind"),
            _listed(CustomerKind.choices),
        ),
        Field("profile.key_account", PROFILE, _("Key account"), Kind.YES_NO, _column("{c}.is_key_account")),
        Field(
            "profile.reach",
            PROFILE,
            pgettext_lazy("segment", "Can be reached by"),
            Kind.CHOICE,
            _reach,
            _listed(REACH),
        ),
        Field(
            "visits.since",
            VISITS,
            pgettext_lazy("segment", "First entered"),
            Kind.DATE,
            _local_day("created_at"),
            ops=("last", "earlier", "between"),
        ),
        Field(
            "visits.seen",
            VISITS,
            _("Last seen"),
            Kind.DATE,
            _local_day("last_seen_at"),
            ops=("last", "earlier", "between"),
        ),
        *(
            Field(
                f"consent.{purpose.value.lower()}",
                CONSENT,
                purpose.label,
                Kind.CHOICE,
                _consent(purpose.value),
                _listed(CHANNELS),
                compile=_asked_consent(purpose.value),
            )
            for purpose in (Purpose.MARKETING, Purpose.CARE, Purpose.PROFILING, Purpose.SHARING)
        ),
    )
    register_changing(custom_fields)
