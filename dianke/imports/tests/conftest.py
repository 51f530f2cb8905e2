"""The cast of the room `work`, the example importer, and files made on the spot."""

from __future__ import annotations

import io

import pytest
import xlsxwriter

from dianke.imports import importers, operations, running
from dianke.imports.models import ImportRun
from dianke.imports.tests.importing import BalanceExtension, SkillImporter
from dianke.work.tests.conftest import make_cast


@pytest.fixture
def cast(db, now):
    return make_cast(now)


@pytest.fixture
def skills(monkeypatch):
    monkeypatch.setattr(importers, "_importers", {})
    monkeypatch.setattr(importers, "_extensions", {})
    importer = SkillImporter()
    importers.register(importer)
    return importer


@pytest.fixture
def balances(skills):
    return importers.register_extension(BalanceExtension())


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"


def csv_of(*rows, encoding="utf-8", delimiter=",", end="\r\n"):
    return end.join(delimiter.join(row) for row in rows).encode(encoding) + end.encode(encoding)


def workbook(*rows, name="Sheet1"):
    """An .xlsx of values as they are: numbers stay numbers."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet(name)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for line, row in enumerate(rows):
        for index, value in enumerate(row):
            if hasattr(value, "year"):
                sheet.write_datetime(line, index, value, day)
            elif value not in (None, ""):
                sheet.write(line, index, value)
    book.close()
    return file.getvalue()


@pytest.fixture
def importing(cast, skills, now):
    """`importing(data)`: uploads, checks and imports as 王; `upto` stops earlier ("upload", "check")."""

    def run(data, *, name="技能.csv", by="wang", upto="", mapping=None, **more):
        actor = cast.actor(by)
        made = operations.upload_file(importer="skills", file_name=name, chunks=[data], actor=actor, now=now)
        if upto == "upload":
            return made
        made = operations.check_run(
            run=made,
            mapping=made.columns() if mapping is None else mapping,
            match_rule=more.get("match_rule", made.match_rule),
            options=made.options | more.get("options", {}),
            actor=actor,
            now=now,
        )
        work(made, now)
        if upto == "check":
            return fresh(made)
        operations.start_run(run=made, actor=actor, now=now)
        work(made, now)
        return fresh(made)

    return run


def work(run, now):
    running.work(run.pk, lambda: now)


def fresh(run):
    return ImportRun.objects.get(pk=run.pk)
