"""Reports people keep: saved, changed, deleted and brought back; when they are sent and to whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.access.models import Role, User
from dianke.access.queries import grants_of_many
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.events.operations import operation, record, unchanged
from dianke.insight.models import FIGURES, ReportSchedule, SavedReport
from dianke.insight.queries.figures import COSTS, CostsHidden
from dianke.insight.rules.occurrences import Rhythm, next_after
from dianke.insight.rules.reports import read
from dianke.insight.rules.terms import MEASURES
from dianke.stores.queries import merchant_zone

COLUMNS = frozenset({"name", "note", "spec", "is_shared", "role_codes", "person_ids"})
MOST_RECIPIENTS = 50


class ReportNameMissing(InvalidInput):
    code = "report_name_missing"
    message = _("The report has no name yet. Give it one of at most 40 characters that says what it answers.")
    default_field = "name"


class ReportNotYours(NotAllowed):
    code = "report_not_yours"
    message = _("Only who made it may change it. Save it under another name, and change that.")


class ReportDeleted(Conflict):
    code = "report_deleted"
    message = _("“%(name)s” was deleted. Bring it back first.")


class RecipientsWrong(InvalidInput):
    code = "report_recipients_wrong"
    message = _("Choose one to %(most)s colleagues who may see figures. Leave out: %(names)s.")
    default_field = "recipients"


class RhythmWrong(InvalidInput):
    code = "report_rhythm_wrong"
    message = _("Choose how often, the day (of the month: 1 to 28) and the hour.")
    default_field = "frequency"


def may_change(report: SavedReport, actor: Actor) -> bool:
    """Whoever made it, and whoever sees the figures of every store."""
    if not actor.can(FIGURES):
        return False
    return report.owner_id == actor.user_id or actor.is_system or _leads_all(actor)


def _leads_all(actor: Actor) -> bool:
    return actor.can("access.manage_roles") and actor.stores_for(FIGURES) is None


def _locked(report: SavedReport, actor: Actor, *, is_deleted: bool = False) -> SavedReport:
    row: SavedReport = SavedReport.objects.select_for_update().get(pk=report.pk)
    if not may_change(row, actor):
        raise ReportNotYours
    if row.deleted_at is not None and not is_deleted:
        raise ReportDeleted(name=row.name)
    return row


def _cleaned(values: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    if unknown := set(values) - COLUMNS:
        raise ValueError(unknown)
    found = dict(values)
    if "name" in found:
        found["name"] = " ".join(str(found["name"]).split())
        if not 1 <= len(found["name"]) <= 40:
            raise ReportNameMissing
    if "note" in found:
        found["note"] = str(found["note"]).strip()[:200]
    if "spec" in found:
        spec = read(found["spec"])
        if not actor.can(COSTS) and any(MEASURES[name].shows_costs for name in spec.measures):
            raise CostsHidden
        found["spec"] = spec.as_json()
    if "role_codes" in found:
        known = Role.objects.filter(code__in=found["role_codes"]).values_list("code", flat=True)
        found["role_codes"] = sorted(known)
    if "person_ids" in found:
        known_people = User.objects.active().filter(pk__in=found["person_ids"]).values_list("pk", flat=True)
        found["person_ids"] = sorted(known_people)
    return found


@operation(FIGURES)
def save_report(*, values: Mapping[str, Any], actor: Actor, now: datetime) -> SavedReport:
    """A report of the actor's own. Raises what is wrong with its name or with what it asks."""
    found = _cleaned({"name": "", "spec": {}, **values}, actor)
    row: SavedReport = SavedReport.objects.create(
        owner_id=actor.user_id, made_at=now, changed_at=now, **found
    )
    record("insight.report_saved", row, actor=actor, now=now, data={"name": row.name})
    return row


@operation(FIGURES)
def change_report(
    *, report: SavedReport, values: Mapping[str, Any], actor: Actor, now: datetime
) -> SavedReport:
    """Another name, question or sharing."""
    row = _locked(report, actor)
    found = _cleaned(values, actor)
    changes = {key: [getattr(row, key), value] for key, value in found.items() if getattr(row, key) != value}
    if not changes:
        unchanged()
        return row
    for key, (_before, after) in changes.items():
        setattr(row, key, after)
    row.changed_at = now
    row.save()
    record("insight.report_changed", row, actor=actor, now=now, data={"name": row.name, "changes": changes})
    return row


@operation(FIGURES)
def delete_report(*, report: SavedReport, actor: Actor, now: datetime) -> SavedReport:
    """Take it off the list; it is not sent any more. It can be brought back, with its schedule."""
    row = _locked(report, actor, is_deleted=True)
    if row.deleted_at is not None:
        unchanged()
        return row
    row.deleted_at = row.changed_at = now
    row.save()
    record("insight.report_deleted", row, actor=actor, now=now, data={"name": row.name})
    return row


@operation(FIGURES)
def restore_report(*, report: SavedReport, actor: Actor, now: datetime) -> SavedReport:
    """Bring back what was deleted. What it would have sent meanwhile is not sent any more."""
    row = _locked(report, actor, is_deleted=True)
    if row.deleted_at is None:
        unchanged()
        return row
    row.deleted_at, row.changed_at = None, now
    row.save()
    schedule = ReportSchedule.objects.filter(report=row).first()
    if schedule is not None:
        schedule.next_at = next_after(now, rhythm_of(schedule), merchant_zone())
        schedule.save(update_fields=["next_at"])
    record("insight.report_restored", row, actor=actor, now=now, data={"name": row.name})
    return row


# --- when it is sent ----------------------------------------------------------------------------------------------
def rhythm_of(schedule: ReportSchedule) -> Rhythm:
    return Rhythm(schedule.frequency, schedule.weekday, schedule.month_day, schedule.hour)


def people_who_may(*, now: datetime, among: Collection[int] | None = None) -> list[User]:
    """Colleagues who may see figures, by name. Two statements."""
    people = User.objects.active().order_by("name", "pk")
    listed = list(people if among is None else people.filter(pk__in=among))
    grants = grants_of_many(listed, now=now)
    return [one for one in listed if any(grant.covers(FIGURES) for grant in grants[one.pk])]


def _recipients(ids: Iterable[int], now: datetime) -> list[int]:
    asked = sorted(set(ids))
    if not 1 <= len(asked) <= MOST_RECIPIENTS:
        raise RecipientsWrong(most=MOST_RECIPIENTS, names="–")
    found = sorted(one.pk for one in people_who_may(now=now, among=asked))
    if found != asked:
        left = User.objects.filter(pk__in=set(asked) - set(found)).values_list("name", flat=True)
        raise RecipientsWrong(most=MOST_RECIPIENTS, names=", ".join(left) or "–")
    return asked


@operation(FIGURES)
def schedule_report(
    *, report: SavedReport, rhythm: Rhythm, recipient_ids: Iterable[int], actor: Actor, now: datetime
) -> ReportSchedule:
    """Send it regularly: each receiver gets the figures that are theirs to see. Raises `RhythmWrong`,
    `RecipientsWrong`."""
    row = _locked(report, actor)
    in_range = 1 <= rhythm.weekday <= 7 and 1 <= rhythm.month_day <= 28 and 0 <= rhythm.hour <= 23
    if rhythm.frequency not in ReportSchedule.Frequency.values or not in_range:
        raise RhythmWrong
    ids = _recipients(recipient_ids, now)
    before: ReportSchedule | None = ReportSchedule.objects.filter(report=row).first()
    if before is not None and rhythm_of(before) == rhythm and before.recipient_ids == ids:
        unchanged()
        return before
    schedule, _is_new = ReportSchedule.objects.update_or_create(
        report=row,
        defaults={
            "frequency": rhythm.frequency,
            "weekday": rhythm.weekday,
            "month_day": rhythm.month_day,
            "hour": rhythm.hour,
            "recipient_ids": ids,
            "next_at": next_after(now, rhythm, merchant_zone()),
        },
    )
    record(
        "insight.report_scheduled",
        row,
        actor=actor,
        now=now,
        data={"name": row.name, "frequency": rhythm.frequency, "people": ids},
    )
    return schedule


@operation(FIGURES)
def stop_report(*, report: SavedReport, actor: Actor, now: datetime) -> None:
    """Send it no more; what went out stays known."""
    row = _locked(report, actor)
    count, _models = ReportSchedule.objects.filter(report=row).delete()
    if not count:
        unchanged()
        return
    record("insight.report_stopped", row, actor=actor, now=now, data={"name": row.name})
