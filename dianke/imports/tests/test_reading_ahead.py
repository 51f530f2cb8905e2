"""A large file is read by processes of their own, and everything else is as if it were not."""

from __future__ import annotations

import os
import pickle

import psutil
import pytest

from dianke.core.data_keys import open_data_key
from dianke.imports import importers, operations, queries, reading_ahead
from dianke.imports.batches import Columns
from dianke.imports.files import path_of
from dianke.imports.importers import Target
from dianke.imports.reader_process import own_batches
from dianke.imports.reading.refusals import FileGone
from dianke.imports.tests.ahead import AheadImporter, Counting
from dianke.imports.tests.conftest import csv_of, fresh, work
from dianke.imports.tests.test_runs import _cancelling_after as cancelling_after
from dianke.work.models import Skill

pytestmark = pytest.mark.django_db


@pytest.fixture
def skills(monkeypatch):
    """In place of the importer of the other tests; batches have three rows, the first two batches are read here."""
    monkeypatch.setattr(importers, "_importers", {})
    monkeypatch.setattr(importers, "_extensions", {})
    monkeypatch.setattr(reading_ahead, "LEAST_ROWS", 0)
    monkeypatch.setattr(reading_ahead, "cores", lambda: 2)
    importer = AheadImporter()
    importers.register(importer)
    return importer


def lines_of(*names: str) -> bytes:
    return csv_of(("名称", "类型"), *((name, "语言" if "语" in name else "") for name in names))


def readers_left() -> list[psutil.Process]:
    return psutil.Process(os.getpid()).children()


NAMES = [f"技能{n}" for n in range(20)]


def test_what_is_read_ahead_ends_as_what_is_read_here(importing, skills, cast, monkeypatch):
    names = [*NAMES[:9], "", "", *NAMES[9:12], "日语", *NAMES[12:]]
    data = lines_of(*names) + "坏,没有这个类别\r\n".encode()
    ahead = importing(data)
    noted = [(row.number, row.cells, row.problems) for row in queries.noted_rows(ahead)]
    assert ahead.state == "DONE"
    assert skills.prepared[7] == (3, "stock for 3")
    assert min(skills.prepared) == 7  # what is before was read while the readers started
    made = dict(Skill.objects.values_list("name", "kind"))
    Skill.objects.all().delete()
    skills.prepared.clear()
    monkeypatch.setattr(reading_ahead, "cores", lambda: 1)
    here = importing(data, name="again.csv")
    assert not skills.prepared
    assert dict(Skill.objects.values_list("name", "kind")) == made
    assert [(row.number, row.cells, row.problems) for row in queries.noted_rows(here)] == noted
    assert ahead.tally.as_data() == here.tally.as_data()
    assert (ahead.forecast, ahead.problems) == (here.forecast, here.problems)
    assert not readers_left()


def test_batches_come_in_the_order_of_the_file_from_two_readers(importing, skills):
    run = importing(lines_of(*NAMES), upto="check")
    assert [number for batch in skills.batches for number in batch] == list(range(2, 22))
    assert run.forecast["created"] == 20


def test_a_reader_that_dies_stops_the_run_in_words_and_it_goes_on_behind_its_last_batch(
    importing, skills, cast, now
):
    run = importing(lines_of(*NAMES), upto="check")
    skills.counting = Counting(killed_at=13)
    operations.start_run(run=run, actor=cast.actor("wang"), now=now)
    work(run, now)
    run = fresh(run)
    assert (run.state, run.failed_state, run.failure) == (
        "FAILED",
        "RUNNING",
        str(reading_ahead.ReaderStopped()),
    )
    assert run.last_row == 12
    assert Skill.objects.count() == 11
    skills.counting, skills.batches = Counting(), []
    operations.start_run(run=run, actor=cast.actor("wang"), now=now)
    work(run, now)
    run = fresh(run)
    assert (run.state, run.created_count, Skill.objects.count()) == ("DONE", 20, 20)
    assert skills.batches[0][0] == 13
    assert not readers_left()


def test_a_fault_in_a_reader_is_seen_where_jobs_are_watched_without_what_stands_in_the_row(
    importing, skills, cast, now
):
    run = importing(lines_of(*NAMES), upto="check")
    skills.counting = Counting(broken_at=13)
    operations.start_run(run=run, actor=cast.actor("wang"), now=now)
    with pytest.raises(reading_ahead.ReaderFailed, match="ValueError in the reader") as caught:
        work(run, now)
    assert "in prepare" in str(caught.value)
    assert NAMES[11] not in str(caught.value)
    assert fresh(run).state == "FAILED"
    assert not readers_left()


def test_a_run_that_is_cancelled_ends_its_readers(importing, skills, cast, now):
    run = importing(lines_of(*NAMES), upto="check")
    actor = cast.actor("wang")
    operations.start_run(run=run, actor=actor, now=now)
    skills.apply = cancelling_after(skills.apply, run, 6, now)
    work(run, now)
    run = fresh(run)
    assert (run.state, run.created_count) == ("CANCELLED", 8)
    assert not readers_left()


def test_a_file_that_cannot_be_read_to_its_end_is_told_as_it_is_here(importing, skills, monkeypatch):
    broken = lines_of(*NAMES) + '"技能 ohne Ende,'.encode() + b"x" * 200_000
    ahead = importing(broken, upto="check")
    monkeypatch.setattr(reading_ahead, "cores", lambda: 1)
    here = importing(broken, name="again.csv", upto="check")
    assert ahead.state == here.state == "FAILED"
    assert ahead.failure == here.failure


def test_a_file_that_is_gone_meanwhile_is_told(importing, skills, cast, now):
    run = importing(lines_of(*NAMES), upto="check")
    operations.start_run(run=run, actor=cast.actor("wang"), now=now)
    path_of(run.uuid).unlink()
    work(run, now)
    assert fresh(run).failure == str(FileGone())


def test_small_files_and_one_core_start_no_reader(importing, skills, monkeypatch):
    monkeypatch.setattr(reading_ahead, "LEAST_ROWS", 1000)
    assert importing(lines_of(*NAMES)).state == "DONE"
    assert not skills.prepared


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_readers_share_the_rows_among_them(parts):
    columns = Columns({0: "name"}, [Target("name", "名称")])
    rows = [(number, ["" if number in (8, 9, 10, 14, 20) else f"n{number}"]) for number in range(2, 21)]
    shares = [
        list(own_batches(rows, columns, size=3, after=4, part=part, parts=parts)) for part in range(parts)
    ]
    taken = []
    for turn in range(100):
        mine = shares[turn % parts]
        if not mine:
            break
        taken += [row.number for row in mine.pop(0).rows]
    assert taken == [number for number, (text,) in rows if text and number > 4]
    assert not any(shares)


def test_the_key_of_the_file_reaches_the_reader_wrapped(importing, skills, monkeypatch):
    told = []
    tell = reading_ahead._tell
    monkeypatch.setattr(reading_ahead, "_tell", lambda reader, what: (told.append(what), tell(reader, what)))
    run = importing(lines_of(*NAMES), upto="check")
    order = told[0]
    assert order.key.wrapped == bytes(run.data_key.wrapped)
    with pytest.raises(TypeError, match="does not leave the memory"):
        pickle.dumps(open_data_key(run.data_key))
