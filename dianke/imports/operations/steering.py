"""What people do with a run: check it, start it, stop it, take it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import operation, record, unchanged
from dianke.imports.importers import Importer, Option, importer_by_code
from dianke.imports.models import ImportRun, ImportSource
from dianke.imports.queries import all_targets, fingerprint_of
from dianke.imports.reading.refusals import FileGone

State = ImportRun.State


class RunMovedOn(Conflict):
    code = "import_moved_on"
    message = _("This import is in another state by now. Load the page again to see how far it is.")


class NothingMapped(InvalidInput):
    code = "nothing_mapped"
    message = _("No column is mapped yet. Choose for at least one column what it holds.")


class RequiredTargetMissing(InvalidInput):
    code = "required_target_missing"
    message = _("%(targets)s must be in the file. Choose the column that holds it, or add one to the file.")


class TargetTwice(InvalidInput):
    code = "target_twice"
    message = _("Two columns are mapped to “%(target)s”. Keep one of them and leave the other out.")


class TargetUnknown(InvalidInput):
    code = "target_unknown"
    message = _("A column is mapped to a field that is not there any more. Choose again.")


class MatchRuleUnknown(InvalidInput):
    code = "match_rule_unknown"
    message = _("Choose how records that are there already are found.")
    default_field = "match_rule"


class OptionMissing(InvalidInput):
    code = "option_missing"
    message = _("“%(label)s” is still empty. Please fill it in.")


class OptionNotPossible(InvalidInput):
    code = "option_not_possible"
    message = _("“%(label)s” cannot be that. Choose again.")


class NotUndoable(Conflict):
    code = "import_not_undoable"
    message = _("This import cannot be undone: nothing came in, or it was undone already.")


def locked_run(run: ImportRun, actor: Actor) -> ImportRun:
    """The run, locked until the end of the operation. Raises `PermissionRefused`."""
    actor.require(importer_by_code(run.importer).permission)
    return ImportRun.objects.select_for_update().get(pk=run.pk)


@operation("imports.run_imports")
def check_run(
    *,
    run: ImportRun,
    mapping: Mapping[int, str],
    match_rule: str,
    options: Mapping[str, str],
    actor: Actor,
    now: datetime,
) -> ImportRun:
    """Keep what the columns are, remember it for files of the same headers, and begin the dry run.

    `mapping` is column index → target code; columns left out are not in it. Raises `RunMovedOn`, `NothingMapped`,
    `RequiredTargetMissing`, `TargetTwice`, `TargetUnknown`, `MatchRuleUnknown`, `OptionMissing`, `OptionNotPossible`.
    """
    run = locked_run(run, actor)
    if run.has_started or run.is_under_way:
        raise RunMovedOn
    if not run.has_file:
        raise FileGone
    importer = importer_by_code(run.importer)
    run.mapping = _checked_mapping(run, importer, mapping, actor)
    run.match_rule = _checked_rule(importer, match_rule)
    run.options = {
        option.code: _checked_option(option, options.get(option.code, ""), actor)
        for option in importer.options
    }
    run.state, run.forecast, run.row_count, run.problems = State.CHECKING, {}, 0, {}
    run.failed_state, run.failure, run.checked_at = "", "", None
    _begin(run, actor, now)
    run.save()
    run.rows.all().delete()
    if any(run.headers):
        ImportSource.objects.update_or_create(
            importer=run.importer,
            fingerprint=fingerprint_of(run.headers),
            defaults={
                "mapping": run.mapping,
                "match_rule": run.match_rule,
                "options": run.options,
                "used_at": now,
            },
        )
    record("imports.check_started", run, actor=actor, now=now, data={"columns": len(run.mapping)})
    return run


@operation("imports.run_imports")
def start_run(*, run: ImportRun, actor: Actor, now: datetime) -> ImportRun:
    """Let the rows in, or go on with a run that was stopped by a fault. Raises `RunMovedOn`, `FileGone`."""
    run = locked_run(run, actor)
    is_again = run.state == State.FAILED and run.failed_state == State.RUNNING
    if run.state != State.CHECKED and not is_again:
        raise RunMovedOn
    if not run.has_file:
        raise FileGone
    if not is_again:
        run.rows.all().delete()  # the run notes its own
        run.started_at, run.last_row, run.row_count, run.problems = now, 0, 0, {}
    run.state, run.failed_state, run.failure = State.RUNNING, "", ""
    _begin(run, actor, now, keep_seen=is_again)
    run.save()
    record(
        "imports.run_started", run, actor=actor, now=now, data={"importer": run.importer, "again": is_again}
    )
    return run


@operation("imports.run_imports")
def request_cancel(*, run: ImportRun, actor: Actor, now: datetime) -> ImportRun:
    """Ask the job to stop after the batch it is at. What is in stays in and can be undone. Raises `RunMovedOn`."""
    run = locked_run(run, actor)
    if run.state not in {State.CHECKING, State.RUNNING}:
        raise RunMovedOn
    if run.cancel_requested_at is not None:
        unchanged()
        return run
    run.cancel_requested_at = now
    run.save(update_fields=["cancel_requested_at"])
    record("imports.cancel_requested", run, actor=actor, now=now, data={"state": run.state})
    return run


@operation("imports.run_imports")
def start_undo(*, run: ImportRun, actor: Actor, now: datetime) -> ImportRun:
    """Begin to take back what a run brought in. Raises `NotUndoable`."""
    run = locked_run(run, actor)
    if not run.can_be_undone or not importer_by_code(run.importer).can_undo:
        raise NotUndoable
    run.state, run.failed_state, run.failure = State.UNDOING, "", ""
    _begin(run, actor, now)
    run.seen_count = run.removed_count + run.restored_count + run.kept_count
    run.save()
    record("imports.undo_started", run, actor=actor, now=now, data={"importer": run.importer})
    return run


def _begin(run: ImportRun, actor: Actor, now: datetime, *, keep_seen: bool = False) -> None:
    """A job takes the run up, in the queue of the same transaction."""
    from dianke.imports.tasks import enqueue  # jobs import the operations

    run.beat_at, run.cancel_requested_at, run.worked_by_id = now, None, actor.user_id or run.started_by_id
    if not keep_seen:
        run.seen_count = 0
    enqueue(run.pk)


def _checked_mapping(
    run: ImportRun, importer: Importer, mapping: Mapping[int, str], actor: Actor
) -> dict[str, str]:
    targets = {target.code: target for target in all_targets(importer, actor)}
    chosen: dict[str, str] = {}
    for index in sorted(mapping):
        code = mapping[index]
        if not code:
            continue
        if code not in targets or not 0 <= index < len(run.headers):
            raise TargetUnknown(field=f"column-{index}")
        if code in chosen.values():
            raise TargetTwice(target=targets[code].label, field=f"column-{index}")
        chosen[str(index)] = code
    if not chosen:
        raise NothingMapped
    missing = [
        str(each.label) for each in targets.values() if each.is_required and each.code not in chosen.values()
    ]
    if missing:
        raise RequiredTargetMissing(targets=pgettext("between names in a list", ", ").join(missing))
    return chosen


def _checked_rule(importer: Importer, code: str) -> str:
    if not importer.match_rules:
        return ""
    if code not in {rule.code for rule in importer.match_rules}:
        raise MatchRuleUnknown
    return code


def _checked_option(option: Option, value: str, actor: Actor) -> str:
    value = value.strip()
    field = f"option-{option.code}"
    if option.is_flag:
        return "1" if value else ""
    if not value:
        if option.is_required:
            raise OptionMissing(label=option.label, field=field)
        return ""
    if option.choices is not None and value not in {code for code, _label in option.choices(actor)}:
        raise OptionNotPossible(label=option.label, field=field)
    if len(value) > option.max_length:
        raise OptionNotPossible(label=option.label, field=field)
    return value
