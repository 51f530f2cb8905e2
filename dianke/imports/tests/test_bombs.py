"""Workbooks made to do harm are refused before anything of them is opened, or die alone."""

from __future__ import annotations

import io
import zipfile

import pytest

from dianke.imports.reading import refusals, workbooks
from dianke.imports.reading.workbooks import guard, sheet_rows
from dianke.imports.tests.conftest import workbook


def rebuilt(data, *, add=(), replace=None, packing=zipfile.ZIP_DEFLATED):
    """The workbook with parts added, or changed by `replace(name, content)`."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(file, "w", packing) as target:
        for part in source.infolist():
            content = source.read(part)
            target.writestr(part.filename, replace(part.filename, content) if replace else content)
        for name, content in add:
            target.writestr(name, content)
    return file.getvalue()


GOOD = workbook(["姓名", "手机"], ["王小明", 13800138000])


def test_a_good_workbook_passes():
    guard(GOOD)
    with sheet_rows(GOOD) as (names, name, rows):
        assert (names, name, list(rows)) == (
            ["Sheet1"],
            "Sheet1",
            [["姓名", "手机"], ["王小明", "13800138000"]],
        )


def test_a_link_a_person_clicks_is_no_danger():
    import xlsxwriter

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_url(0, 0, "mailto:wang@example.com")
    sheet.write_comment(1, 0, "请填写")
    book.close()
    guard(file.getvalue())
    with sheet_rows(file.getvalue()) as (_names, _name, rows):
        assert next(rows) == ["wang@example.com"]


@pytest.mark.parametrize(
    ("add", "error"),
    [
        ([("xl/media/zeros.xml", b"\x20" * 60_000_000)], refusals.UnpackedTooLarge),
        ([(f"xl/media/{n}.png", b"x") for n in range(200)], refusals.TooManyParts),
        ([("../../etc/passwd", b"x")], refusals.UnsafeParts),
        ([("/etc/passwd", b"x")], refusals.UnsafeParts),
        ([("xl\\..\\..\\x", b"x")], refusals.UnsafeParts),
        ([("xl/vbaProject.bin", b"x")], refusals.HasMacros),
        ([("xl/macrosheets/sheet1.xml", b"<x/>")], refusals.HasMacros),
        ([("xl/externalLinks/externalLink1.xml", b"<x/>")], refusals.HasExternalLinks),
        ([("xl/connections.xml", b"<x/>")], refusals.HasExternalLinks),
        ([("xl/evil.xml", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')], refusals.UnsafeParts),
        ([("xl/late.xml", b"<!--" + b"x" * 70_000 + b"--><!DOCTYPE x><x/>")], refusals.UnsafeParts),
        ([("xl/wide.xml", "<!DOCTYPE x><x/>".encode("utf-16"))], refusals.UnsafeParts),
        (
            [
                (
                    "xl/_rels/x.xml.rels",
                    b'<Relationships><Relationship Id="r" Type="http://x/oleObject" Target="http://evil/x" '
                    b'TargetMode="External"/></Relationships>',
                )
            ],
            refusals.HasExternalLinks,
        ),
    ],
)
def test_dangerous_parts_are_refused(add, error):
    with pytest.raises(error):
        guard(rebuilt(GOOD, add=add))


def test_many_parts_that_are_large_together_are_refused():
    import random

    noise = random.Random(1)
    parts = [(f"xl/{n}.bin", noise.randbytes(20_000) * 50) for n in range(120)]
    with pytest.raises(refusals.UnpackedTooLarge):
        guard(rebuilt(GOOD, add=parts))


def test_a_directory_that_lies_about_sizes_is_no_way_around_the_limit(monkeypatch):
    data = bytearray(rebuilt(GOOD, add=[("xl/big.xml", b" " * 50_000_000)]))
    at = data.rfind(b"xl/big.xml") - 46  # the entry of the central directory
    assert data[at : at + 4] == b"PK\x01\x02"
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    with pytest.raises((refusals.UnpackedTooLarge, refusals.WorkbookDamaged)):
        guard(bytes(data))


def test_a_part_that_is_there_twice_is_refused():
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = rebuilt(GOOD, add=[("xl/workbook.xml", b"<x/>")])
    with pytest.raises(refusals.UnsafeParts):
        guard(data)


def test_a_packed_file_that_is_no_workbook_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("word/document.xml", "<x/>")
    with pytest.raises(refusals.NotAWorkbook):
        guard(file.getvalue())


def test_a_workbook_beyond_ten_megabytes_is_refused():
    with pytest.raises(refusals.WorkbookTooLarge):
        guard(b"PK\x03\x04" + b"x" * workbooks.PACKED_BYTES)


@pytest.mark.parametrize("kept", [0.006, 0.04, 0.5, 0.998])
def test_a_damaged_workbook_is_told(kept):
    cut = int(len(GOOD) * kept)  # the size of the file depends on the second it is made in
    with pytest.raises(refusals.FileRefused):
        guard(GOOD[:cut])


def test_a_sheet_that_claims_to_be_endless_dies_alone():
    def far(name, content):
        if name == "xl/worksheets/sheet1.xml":
            return content.replace(
                b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
            )
        return content

    data = rebuilt(GOOD, replace=far)
    guard(data)
    with pytest.raises(refusals.FileRefused), sheet_rows(data) as (_names, _name, rows):
        list(rows)


def test_what_only_begins_like_an_old_workbook_is_told():
    with (
        pytest.raises(refusals.FileRefused),
        sheet_rows(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 5000),
    ):
        pass


def test_the_process_of_a_reader_that_stops_early_ends():
    import psutil

    data = workbook(["姓名"], *(["王小明"] for _n in range(30_000)))
    before = {child.pid for child in psutil.Process().children()}
    with sheet_rows(data) as (_names, _name, rows):
        next(rows)
    assert {child.pid for child in psutil.Process().children()} <= before
