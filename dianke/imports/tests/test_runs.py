"""Stories of runs: a file goes in, fails in parts, is taken up after a crash, is taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dianke.core.actor import PermissionRefused
from dianke.core.data_keys import DataKeyDestroyed
from dianke.core.models import DataKey
from dianke.events.models import Event
from dianke.imports import operations, running, tasks
from dianke.imports.files import opened, path_of
from dianke.imports.models import FILES_KEPT, SILENCE, ImportRow, ImportRun, ImportSource
from dianke.imports.operations import RunMovedOn
from dianke.imports.operations.steering import NotUndoable, OptionMissing, RequiredTargetMissing, TargetTwice
from dianke.imports.queries import most_frequent_problems, noted_rows, same_file_before
from dianke.imports.reading.refusals import FileGone
from dianke.imports.tests.conftest import csv_of, fresh, work
from dianke.work.models import Skill

FILE = csv_of(
    ("技能名称", "类型", "手机号"),
    ("水光", "技能", "13800138000"),
    ("粤语", "语言", "1380013800"),
    ("镶嵌", "手艺", "13900139000"),
    ("", "", ""),
    ("", "技能", "13700137000"),
    ("法语", "语言", ""),
)


def kinds():
    return list(
        Event.objects.filter(kind__startswith="imports.").order_by("pk").values_list("kind", flat=True)
    )


def test_a_checked_file_tells_what_would_happen_and_writes_nothing(importing):
    run = importing(FILE, upto="check")
    assert run.state == "CHECKED"
    assert run.forecast == {
        "created": 3,
        "updated": 0,
        "unchanged": 0,
        "skipped": 0,
        "errors": 2,
        "warnings": 1,
    }
    assert not Skill.objects.exists()
    assert [(row.number, row.is_error, [p.code for p in row.problems]) for row in noted_rows(run)] == [
        (3, False, ["phone_short"]),
        (4, True, ["kind_unknown"]),
        (6, True, ["value_missing"]),
    ]
    assert run.problems == {"kind_unknown": 1, "phone_short": 1, "value_missing": 1}
    assert ("手机号少了一位，请补全", 1) in most_frequent_problems(run, limit=3)


def test_an_import_lets_the_good_rows_in_and_notes_the_others(importing, skills):
    run = importing(FILE)
    assert run.state == "DONE"
    assert set(Skill.objects.values_list("name", flat=True)) == {"水光", "粤语", "法语"}
    assert (run.row_count, run.created_count, run.error_count, run.warning_count) == (5, 3, 2, 1)
    assert run.last_row == 7
    assert run.problems == {"kind_unknown": 1, "phone_short": 1, "value_missing": 1}
    assert [row.row_number for row in run.rows.all()] == [3, 4, 6]
    assert skills.finished == [run.pk]
    assert kinds() == [
        "imports.file_uploaded",
        "imports.check_started",
        "imports.run_checked",
        "imports.run_started",
        "imports.rows_applied",
        "imports.rows_applied",
        "imports.run_finished",
    ]


def test_events_hold_no_names_of_files_and_no_values(importing):
    importing(FILE, name="张三的客户.csv")
    assert not [
        event
        for event in Event.objects.all()
        if "张三" in str(event.data) or "13800138000" in str(event.data)
    ]


def test_the_same_file_again_is_told_and_changes_nothing(importing, cast):
    first = importing(FILE)
    again = importing(FILE)
    assert same_file_before(again, cast.actor("wang")) == first
    assert (again.created_count, again.updated_count, again.unchanged_count, again.error_count) == (
        0,
        0,
        3,
        2,
    )
    assert Skill.objects.count() == 3


def test_a_run_that_crashed_goes_on_behind_its_last_batch(importing, skills, cast, now):
    data = csv_of(("名称",), *((f"技能{n}",) for n in range(10)))
    run = importing(data, upto="check")
    operations.start_run(run=run, actor=cast.actor("wang"), now=now)
    skills.broken_at = 9  # in the third batch
    with pytest.raises(RuntimeError):
        work(run, now)
    run = fresh(run)
    assert (run.state, run.failed_state, run.last_row, Skill.objects.count()) == ("FAILED", "RUNNING", 7, 6)
    assert run.failure
    skills.broken_at, skills.seen = 0, []
    operations.start_run(run=run, actor=cast.actor("wang"), now=now)
    work(run, now)
    run = fresh(run)
    assert (run.state, run.created_count, Skill.objects.count()) == ("DONE", 10, 10)
    assert skills.seen == [8, 9, 10, 11]


def test_a_run_whose_worker_was_killed_is_taken_up_again(importing, skills, cast, now):
    run = importing(csv_of(("名称",), *((f"技能{n}",) for n in range(7))), upto="check")
    operations.start_run(run=run, actor=cast.actor("wang"), now=now)
    skills.broken_at = 5

    def killed(**_kwargs):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "fail_run", killed)  # the process dies before it can say anything
        with pytest.raises(KeyboardInterrupt):
            work(run, now)
    run = fresh(run)
    assert (run.state, run.last_row) == ("RUNNING", 4)
    assert not ImportRun.objects.silent(now).exists()
    later = now + SILENCE + timedelta(seconds=1)
    assert list(ImportRun.objects.silent(later)) == [run]
    skills.broken_at = 0
    work(run, later)
    assert fresh(run).state == "DONE"
    assert Skill.objects.count() == 7


def test_two_jobs_on_one_run_let_a_batch_in_once(importing, skills, cast, now):
    from dianke.imports.batches import Columns, batches
    from dianke.imports.files import shape_of
    from dianke.imports.reading.tables import numbered_rows

    run = importing(csv_of(("名称",), *((f"技能{n}",) for n in range(4))), upto="check")
    actor = cast.actor("wang")
    operations.start_run(run=run, actor=actor, now=now)
    columns = Columns(run.columns(), skills.targets(actor))
    with opened(run) as stream, numbered_rows(stream, shape_of(run)) as rows:
        first = next(batches(rows, columns, size=3))
    operations.apply_rows(run_id=run.pk, batch=first, actor=actor, now=now)
    with pytest.raises(RunMovedOn):
        operations.apply_rows(run_id=run.pk, batch=first, actor=actor, now=now)
    assert Skill.objects.count() == 3


def test_a_cancelled_run_keeps_what_is_in_and_can_be_undone(importing, skills, cast, now):
    run = importing(csv_of(("名称",), *((f"技能{n}",) for n in range(9))), upto="check")
    actor = cast.actor("wang")
    operations.start_run(run=run, actor=actor, now=now)
    real = skills.apply
    operations.request_cancel(run=run, actor=actor, now=now)
    work(run, now)
    run = fresh(run)
    assert run.state == "CANCELLED"
    assert run.created_count == Skill.objects.count() == 0

    again = importing(csv_of(("名称",), *((f"技能{n}",) for n in range(8))), upto="check")
    operations.start_run(run=again, actor=actor, now=now)
    skills.apply = _cancelling_after(real, again, 4, now)
    work(again, now)
    again = fresh(again)
    assert (again.state, again.created_count) == ("CANCELLED", 6)
    skills.apply = real
    operations.start_undo(run=again, actor=actor, now=now)
    work(again, now)
    assert fresh(again).state == "UNDONE"
    assert not Skill.objects.exists()


def _cancelling_after(real, run, last_row, now):
    """As if somebody pressed the button while the batch after `last_row` went in."""

    def apply(rows, context):
        outcomes = real(rows, context)
        if context.run.last_row == last_row:
            context.run.cancel_requested_at = now
        return outcomes

    return apply


def test_a_check_can_be_cancelled(importing, cast, now):
    run = importing(FILE, upto="upload")
    actor = cast.actor("wang")
    operations.check_run(
        run=run, mapping=run.columns(), match_rule="name", options=run.options, actor=actor, now=now
    )
    operations.request_cancel(run=run, actor=actor, now=now)
    work(run, now)
    run = fresh(run)
    assert run.state == "DRAFT"
    assert not run.rows.exists()


def test_undoing_removes_what_was_made_and_keeps_what_changed_since(importing, cast, now):
    Skill.objects.create(name="法语", kind="SKILL")
    run = importing(FILE)
    assert (run.created_count, run.updated_count) == (2, 1)
    Skill.objects.filter(name="水光").update(kind="LANGUAGE")
    operations.start_undo(run=run, actor=cast.actor("wang"), now=now)
    work(run, now)
    run = fresh(run)
    assert (run.state, run.removed_count, run.restored_count, run.kept_count) == ("UNDONE", 1, 1, 1)
    assert dict(Skill.objects.values_list("name", "kind")) == {"水光": "LANGUAGE", "法语": "SKILL"}
    with pytest.raises(NotUndoable):
        operations.start_undo(run=run, actor=cast.actor("wang"), now=now)


def test_the_mapping_is_remembered_for_files_of_the_same_headers(importing):
    headers = ("甲", "乙")
    first = importing(csv_of(headers, ("水光", "技能")), upto="upload")
    assert first.mapping == {}
    importing(csv_of(headers, ("水光", "技能")), mapping={0: "name", 1: "kind"}, options={"note": "老系统"})
    later = importing(csv_of(headers, ("粤语", "语言")), upto="upload")
    assert later.mapping == {"0": "name", "1": "kind"}
    assert later.options["note"] == "老系统"
    assert ImportSource.objects.count() == 1


def test_a_known_system_is_recognised_by_its_headers(importing):
    run = importing(csv_of(("项目", "类", "备注1"), ("水光", "技能", "x")), upto="upload")
    assert (run.profile, run.mapping) == ("oldshop", {"0": "name", "1": "kind"})


@pytest.mark.parametrize(
    ("mapping", "options", "error"),
    [
        ({1: "kind"}, {}, RequiredTargetMissing),
        ({0: "name", 1: "name"}, {}, TargetTwice),
        ({0: "name"}, {"place": ""}, OptionMissing),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(importing, mapping, options, error):
    with pytest.raises(error):
        importing(FILE, mapping=mapping, options=options, upto="check")


def test_a_file_with_a_heading_only_is_told_to_have_no_rows(importing):
    run = importing(csv_of(("名称", "类别")), upto="check")
    assert (run.state, run.failed_state) == ("FAILED", "CHECKING")
    assert run.failure


def test_columns_of_a_later_room_go_in_with_the_row_and_come_out_with_it(importing, balances, cast, now):
    data = csv_of(("名称", "余额"), ("水光", "100"), ("粤语", ""), ("法语", "很多"))
    run = importing(data)
    assert (run.created_count, run.error_count) == (2, 1)
    made = str(Skill.objects.get(name="水光").pk)
    assert balances.balances == {made: 100}
    assert not Skill.objects.filter(name="法语").exists()
    operations.start_undo(run=run, actor=cast.actor("wang"), now=now)
    work(run, now)
    assert (fresh(run).state, balances.balances, Skill.objects.count()) == ("UNDONE", {}, 0)
    assert fresh(run).removed_count == 2


def test_an_importer_that_answers_for_fewer_rows_stops_the_run(importing, skills, cast, now):
    run = importing(FILE, upto="check")
    operations.start_run(run=run, actor=cast.actor("wang"), now=now)
    skills.apply = lambda rows, context: []
    from dianke.imports.noting import ImporterContractBroken

    with pytest.raises(ImporterContractBroken):
        work(run, now)
    assert fresh(run).state == "FAILED"
    assert not Skill.objects.exists()


def test_who_lost_the_permission_meanwhile_stops_the_run(importing, cast, now):
    run = importing(FILE, upto="check")
    operations.start_run(run=run, actor=cast.actor("wang"), now=now)
    ImportRun.objects.filter(pk=run.pk).update(worked_by=cast.users["li"])
    work(run, now)
    assert fresh(run).state == "FAILED"
    assert not Skill.objects.exists()


def test_a_clerk_imports_nothing(importing):
    with pytest.raises(PermissionRefused):
        importing(FILE, by="li")


def test_managers_of_a_store_see_their_own_runs_owners_all_auditors_the_counts(importing, cast):
    owners = importing(FILE, upto="upload")
    managers = importing(FILE, by="chen", upto="upload")
    assert set(ImportRun.objects.visible_to(cast.actor("wang"))) == {owners, managers}
    assert list(ImportRun.objects.visible_to(cast.actor("chen"))) == [managers]
    assert not ImportRun.objects.visible_to(cast.actor("zhao")).exists()
    assert ImportRun.objects.visible_to(cast.actor("he")).count() == 2


def test_files_lie_sealed_and_are_forgotten_after_their_time(importing, now, system):
    run = importing(FILE)
    draft = importing(FILE, upto="upload")
    lying = path_of(run.uuid).read_bytes()
    assert "水光".encode() not in lying
    with opened(run) as file:
        assert file.read() == FILE
    assert path_of(run.uuid).stat().st_mode & 0o777 == 0o600
    assert operations.forget_files(actor=system, now=now) == 0
    assert operations.forget_files(actor=system, now=now + FILES_KEPT + timedelta(days=1)) == 2
    run = fresh(run)
    with pytest.raises(FileGone):
        opened(run)
    assert not ImportRow.objects.exists()
    assert DataKey.objects.get(pk=run.data_key_id).is_destroyed
    assert not ImportRun.objects.filter(pk=draft.pk).exists()


def test_noted_rows_are_sealed_with_the_key_of_their_run(importing):
    run = importing(FILE)
    row = run.rows.first()
    assert "手机".encode() not in bytes(row.content_sealed)
    DataKey.objects.filter(pk=run.data_key_id).update(wrapped=None, destroyed_at=run.uploaded_at)
    with pytest.raises(DataKeyDestroyed):
        list(noted_rows(fresh(run)))


def test_a_draft_can_be_thrown_away_and_a_started_run_cannot(importing, cast, now):
    draft = importing(FILE, upto="check")
    path = path_of(draft.uuid)
    assert path.exists()
    operations.discard_run(run=draft, actor=cast.actor("wang"), now=now)
    assert not ImportRun.objects.exists()
    done = importing(FILE)
    with pytest.raises(RunMovedOn):
        operations.discard_run(run=done, actor=cast.actor("wang"), now=now)


def test_reading_a_file_another_way_suggests_its_columns_anew(importing, cast, now):
    data = csv_of(("店铺导出",), ("名称", "类别"), ("水光", "技能"))
    run = importing(data, upto="upload")
    assert (run.header_row, run.headers) == (2, ["名称", "类别"])
    run = operations.read_anew(
        run=run, encoding="utf-8", delimiter=",", sheet="", header_row=3, actor=cast.actor("wang"), now=now
    )
    assert run.headers == ["水光", "技能"]
    run = operations.read_anew(
        run=run, encoding="utf-8", delimiter=";", sheet="", header_row=1, actor=cast.actor("wang"), now=now
    )
    assert run.delimiter == ";"


@pytest.mark.django_db(transaction=True)
def test_the_job_does_the_work_in_the_language_of_its_person(importing, cast, now):
    run = importing(FILE, upto="upload")
    operations.check_run(
        run=run,
        mapping=run.columns(),
        match_rule="name",
        options=run.options,
        actor=cast.actor("wang"),
        now=now,
    )
    tasks.work_on_run(run.pk)
    assert fresh(run).state == "CHECKED"
    assert running.work(run.pk, lambda: now) is None  # a second job finds nothing to do
