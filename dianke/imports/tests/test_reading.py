"""Every way people's files come: encodings, separators, titles above the heading, spoilt numbers, broken bytes."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.core.crypto import OpenKey, SealBroken
from dianke.core.errors import DiankeError
from dianke.core.ids import uuid7
from dianke.imports.batches import Batch, Columns, batches
from dianke.imports.importers import Kind, Row, Target
from dianke.imports.reading import refusals
from dianke.imports.reading.inspection import Inspection
from dianke.imports.reading.sealed_files import PIECE, open_sealed, write_sealed
from dianke.imports.reading.tables import Shape, look_again, look_first, numbered_rows
from dianke.imports.rules import delimiters, encodings, headers
from dianke.imports.rules.headers import KnownSystem, Vocabulary, folded
from dianke.imports.rules.values import day, digits, plain
from dianke.imports.tests.conftest import csv_of, workbook

WORDS = Vocabulary(
    {
        folded(header): code
        for code, known in {
            "name": ("姓名", "客户姓名", "name", "full name"),
            "phone": ("手机", "手机号", "手机号码", "电话", "phone"),
            "city": ("城市", "city"),
            "note": ("备注", "note"),
        }.items()
        for header in known
    }
)
SIMPLIFIED = [
    ("姓名", "手机号", "城市", "备注"),
    ("王小明", "13800138000", "上海市静安区", "老客户，常来"),
    ("欧阳娜娜", "13900139000", "北京市", "喜欢喝茶"),
    ("阿卜杜热西提·买买提艾力", "13700137000", "乌鲁木齐", ""),
]
TRADITIONAL = [
    ("姓名", "電話", "城市", "備註"),
    ("陳美麗", "0912345678", "臺北市", "喜歡喝茶"),
    ("張國榮", "0922345678", "高雄市", "老顧客"),
    ("劉德華", "0932345678", "臺中市", ""),
]


def read(data, words=WORDS, chunk=1 << 20):
    """What is made of an upload: the guess and all rows."""
    found = Inspection()
    held = b"".join(found.through(data[start : start + chunk] for start in range(0, len(data), chunk)))
    look = look_first(found, words)
    with numbered_rows(io.BytesIO(held), look.shape) as rows:
        return look, list(rows)


def quoted(rows, encoding, delimiter=","):
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    return buffer.getvalue().encode(encoding)


@pytest.mark.parametrize(
    ("encoding", "rows", "guess"),
    [
        ("utf-8", SIMPLIFIED, "utf-8"),
        ("utf-8-sig", SIMPLIFIED, "utf-8"),
        ("gbk", SIMPLIFIED, "gb18030"),
        ("gb18030", [*SIMPLIFIED, ("𠮷野家", "13600136000", "上海", "㐂")], "gb18030"),
        ("big5", TRADITIONAL, "big5hkscs"),
        ("big5hkscs", [*TRADITIONAL, ("鰂魚涌", "0942345678", "香港", "嘅")], "big5hkscs"),
        ("utf-16", SIMPLIFIED, "utf-16-le"),
        ("utf-16-le", SIMPLIFIED, "utf-16-le"),
        ("utf-16-be", SIMPLIFIED, "utf-16-be"),
        ("utf-8", TRADITIONAL, "utf-8"),
        ("gbk", TRADITIONAL, "gb18030"),
        ("ascii", [("name", "phone"), ("Ann", "13800138000")], "utf-8"),
    ],
)
def test_a_file_is_read_in_its_encoding(encoding, rows, guess):
    look, found = read(quoted(rows, encoding))
    assert look.shape.encoding == guess
    assert list(look.names) == list(rows[0])
    assert [tuple(cells) for _number, cells in found] == rows[1:]


def test_a_mark_of_utf_16_be_is_no_part_of_the_first_header():
    look, found = read(b"\xfe\xff" + quoted(SIMPLIFIED, "utf-16-be"))
    assert (look.names[0], look.shape.encoding, len(found)) == ("姓名", "utf-16-be", 3)


def test_chinese_that_begins_late_decides_the_encoding_too():
    rows = [("name", "phone"), *((f"customer {n}", "13800138000") for n in range(20_000)), *SIMPLIFIED[1:]]
    look, found = read(quoted(rows, "gbk"))
    assert look.shape.encoding == "gb18030"
    assert found[-1][1][0] == SIMPLIFIED[-1][0]


@pytest.mark.parametrize("delimiter", delimiters.CANDIDATES)
def test_every_separator_is_found(delimiter):
    rows = [[cell.replace("，", " ") for cell in row] for row in SIMPLIFIED]
    look, found = read(quoted(rows, "utf-8", delimiter))
    assert look.shape.delimiter == delimiter
    assert [cells for _number, cells in found] == rows[1:]


def test_commas_in_quoted_texts_do_not_hide_the_semicolons():
    rows = [("姓名", "备注"), ("王小明", "红，绿, 蓝"), ("李红", "a, b, c, d"), ("赵刚", "x,y")]
    assert read(quoted(rows, "utf-8", ";"))[0].shape.delimiter == ";"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_ends_a_line(end):
    _look, found = read(csv_of(*SIMPLIFIED, end=end))
    assert [tuple(cells) for _number, cells in found] == SIMPLIFIED[1:]


def test_quotes_and_line_breaks_within_cells_stay_in_their_cell():
    rows = [("姓名", "备注"), ('王"小明"', "第一行\n第二行"), ("李,红", 'a""b')]
    _look, found = read(quoted(rows, "gb18030"))
    assert [tuple(cells) for _number, cells in found] == rows[1:]
    assert [number for number, _cells in found] == [2, 3]


def test_titles_and_empty_rows_above_the_heading_are_passed_over():
    data = csv_of(("云裳美业 客户资料 2026年11月",), ("",), ("导出人：王建国",), *SIMPLIFIED)
    look, found = read(data)
    assert (look.shape.header_row, look.names) == (4, SIMPLIFIED[0])
    assert [number for number, _cells in found] == [5, 6, 7]


def test_a_heading_of_two_rows_is_read_as_one():
    upper = ("姓名", "联系方式", "", "备注")
    lower = ("", "手机", "城市", "")
    look, found = read(csv_of(upper, lower, ("王小明", "13800138000", "上海", "")))
    assert look.names == ("姓名", "手机", "城市", "备注")
    assert found == [(3, ["王小明", "13800138000", "上海", ""])]


def test_a_heading_nobody_knows_is_the_first_row_as_wide_as_most():
    look, _found = read(csv_of(("报表",), ("甲", "乙", "丙"), ("1", "2", "3"), ("4", "5", "6")))
    assert (look.shape.header_row, look.names) == (2, ("甲", "乙", "丙"))


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("手机号", "phone"),
        ("＊手机号码（必填）", "phone"),
        ("手機號碼", "phone"),
        ("PHONE", "phone"),
        ("Ｐｈｏｎｅ", "phone"),
        ("Full  Name", "name"),
        ("客户姓名:", "name"),
        ("颜色", ""),
    ],
)
def test_headers_are_known_however_they_are_written(header, code):
    assert WORDS.target_of(header) == code


def test_a_known_system_decides_what_its_columns_are():
    words = Vocabulary(
        WORDS.targets, [KnownSystem("x", {"phone": "", "mobil": "phone"}, frozenset({"mobil", "tags"}))]
    )
    assert headers.suggest(("Phone", "Mobil", "Tags", "姓名"), words).mapping == {1: "phone", 3: "name"}
    assert headers.suggest(("Phone", "Mobil"), words).profile == ""


def test_headers_are_stored_without_marks_nobody_sees():
    look, _found = read(csv_of(("\ufeff姓\x00名 ", "'+电话", "x" * 300), ("王小明", "1", "2")))
    assert look.names == ("姓名", "+电话", "x" * 200)


def test_the_leftmost_of_two_columns_for_one_field_has_it():
    assert headers.suggest(("手机", "电话"), WORDS).mapping == {0: "phone"}


# --- values ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("13800138000", ("13800138000", "")),
        ("13800138000.0", ("13800138000", "")),
        ("１３８００１３８０００", ("13800138000", "")),
        ("1.38E+10", ("1.38E+10", "digits_lost")),
        ("1.3800138E+10", ("1.3800138E+10", "digits_lost")),
        ("1.3800138001E+10", ("13800138001", "")),
        ("138 0013 8000", ("138 0013 8000", "")),
        ("+86 138-0013-8000", ("+86 138-0013-8000", "")),
        ("A0012", ("A0012", "")),
    ],
)
def test_numbers_that_a_spreadsheet_spoilt_come_back_or_are_refused(text, wanted):
    assert digits(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("45250", "2023-11-20"),
        ("32874", "1990-01-01"),
        ("2026-03-05 00:00:00", "2026-03-05"),
        ("2026/3/5 0:00", "2026/3/5"),
        ("2024.3.5", "2024.3.5"),
        ("农历八月十五", "农历八月十五"),
        ("1990", "1990"),
        ("0305", "0305"),
        ("19900305", "19900305"),
    ],
)
def test_day_numbers_of_spreadsheets_become_dates(text, wanted):
    assert day(text) == (wanted, "")


def test_a_date_the_column_was_too_narrow_for_is_told():
    assert day("########")[1] == "day_unknown"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("\u3000王小明 \u200b", "王小明"),
        ("'+8613800138000", "+8613800138000"),
        ("'=1+1", "=1+1"),
        ("'t Hooft", "'t Hooft"),
        ('="013800138000"', "013800138000"),
        ("a\x00b", "ab"),
        ("\ufeff姓名", "姓名"),
    ],
)
def test_blanks_and_shields_against_formulas_go(text, wanted):
    assert plain(text) == wanted


def test_rows_are_cut_into_batches_with_their_numbers():
    columns = Columns(
        {0: "name", 2: "phone"},
        [Target("name", "姓名", is_required=True), Target("phone", "手机", kind=Kind.PHONE)],
    )
    rows = [
        (2, ["甲", "x", "13800138000.0"]),
        (3, ["", "", ""]),
        (4, ["", "", "1"]),
        (5, ["乙"]),
        (6, ["丙", "", "1.3E+10"]),
    ]
    found = list(batches(iter(rows), columns, size=3))
    assert [batch.last for batch in found] == [5, 6]
    assert found[0].rows == [{"name": "甲", "phone": "13800138000"}, {"name": "乙", "phone": ""}]
    assert [row.number for row in found[0].rows] == [2, 5]
    assert [(number, problem.code) for number, _cells, problem in found[0].refused] == [(4, "value_missing")]
    assert found[1].refused[0][2].code == "digits_lost"
    again = list(batches(iter(rows), columns, size=3, after=found[0].last))
    assert [batch.last for batch in again] == [6]
    assert isinstance(found[0], Batch)
    assert isinstance(found[0].rows[0], Row)


def test_a_row_with_broken_bytes_is_an_error_and_the_others_go_on():
    data = csv_of(("姓名", "手机"), ("王小明", "1"), ("李红", "2"), ("赵刚", "3"), encoding="gb18030")
    data = data.replace("李红".encode("gb18030"), b"\xc0\xff\xff")
    look, rows = read(data)
    columns = Columns({0: "name"}, [Target("name", "姓名")])
    batch = next(batches(iter(rows), columns, size=10))
    assert look.shape.encoding == "gb18030"
    assert [row["name"] for row in batch.rows] == ["王小明", "赵刚"]
    assert [problem.code for _number, _cells, problem in batch.refused] == ["unreadable"]


# --- what is refused -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", refusals.FileEmpty),
        (b"\r\n\r\n,,,\r\n", refusals.FileEmpty),
        (b"%PDF-1.7 ...", refusals.NotATable),
        (b"\x89PNG\r\n\x1a\n", refusals.NotATable),
        (b"MZ\x00\x00", refusals.NotATable),
        (b"<html><table><tr><td>1</td></tr></table>", refusals.WebPage),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', refusals.WebPage),
        (b",".join(b"c%d" % n for n in range(201)), refusals.TooManyColumns),
    ],
)
def test_what_is_no_list_is_refused_with_a_remedy(data, error):
    with pytest.raises(error):
        read(data)


def test_a_line_without_end_is_refused_before_it_fills_the_memory():
    with pytest.raises(refusals.LineTooLong):
        for _chunk in Inspection().through(b"a" * (1 << 20) for _n in range(20)):
            pass


def test_a_text_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr("dianke.imports.reading.inspection.TEXT_BYTES", 1000)
    with pytest.raises(refusals.TextTooLarge):
        read(b"a,b\r\n" * 300)


def test_more_rows_than_allowed_are_refused(monkeypatch):
    monkeypatch.setattr("dianke.imports.reading.tables.MOST_ROWS", 10)
    with pytest.raises(refusals.TooManyRows):
        read(csv_of(("姓名", "手机"), *(("甲", "1"),) * 11))


def test_a_quotation_mark_that_is_never_closed_is_told_with_its_row():
    data = csv_of(("姓名", "手机"), ("甲", "1"), *((f"乙{n}", "2") for n in range(30_000)))
    data = data.replace("乙7,".encode(), '"乙7,'.encode())
    with pytest.raises(refusals.QuoteNotClosed) as caught:
        read(data)
    assert caught.value.params == {"row": 10}


# --- fuzz ------------------------------------------------------------------------------------------------------------
CELLS = st.text(
    alphabet=st.characters(
        codec="gb18030",
        exclude_characters="\x00\r\ufeff\ufffd\x1c\x1d\x1e\x85\x0b\x0c\u2028\u2029",
        exclude_categories=("Cs", "Co", "Cn"),
    ),
    max_size=12,
)


@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=12),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-16"]),
    delimiter=st.sampled_from([",", "\t", ";", "|"]),
)
def test_whatever_is_written_is_read_back(rows, encoding, delimiter):
    data = quoted([("姓名", "手机号", "城市"), *rows], encoding, delimiter)
    shape = Shape("text", {"utf-16": "utf-16-le"}.get(encoding, encoding), delimiter, "", 1)
    with numbered_rows(io.BytesIO(data), shape) as found:
        assert [tuple(cells) for _number, cells in found if cells] == [
            tuple(cell for cell in row) for row in rows
        ]


@given(data=st.binary(max_size=3000))
def test_no_bytes_break_the_reading(data):
    try:
        look, rows = read(data)
    except DiankeError:
        return
    assert look.shape.header_row >= 1
    assert all(isinstance(cell, str) for _number, cells in rows for cell in cells)


@given(
    rows=st.lists(st.lists(st.text(max_size=6), min_size=1, max_size=5), max_size=8),
    delimiter=st.sampled_from(delimiters.CANDIDATES),
)
def test_no_text_breaks_the_guesses(rows, delimiter):
    text = "\n".join(delimiter.join(row) for row in rows)
    assert delimiters.guess(text) in delimiters.CANDIDATES
    heading = headers.find_heading(rows, WORDS)
    assert heading.row < max(len(rows), 1)
    headers.suggest(heading.names, WORDS)


@given(sample=st.binary(max_size=400), is_utf_8=st.booleans())
def test_a_guess_is_always_an_encoding_that_can_be_chosen(sample, is_utf_8):
    assert encodings.guess(sample, is_utf_8=is_utf_8) in dict(encodings.CHOICES)


# --- sealed files ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_a_sealed_file_is_read_as_it_was_written(tmp_path, size):
    key, owner, path = OpenKey(uuid7(), b"k" * 32), uuid7(), tmp_path / "x.sealed"
    data = bytes(range(256)) * (size // 256 + 1)
    assert write_sealed(path, key, owner, [data[:size]]) == size
    with open_sealed(path, key, owner) as file:
        assert file.read() == data[:size]


@pytest.mark.parametrize("harm", ["cut", "changed", "swapped", "other run"])
def test_a_sealed_file_that_was_tampered_with_does_not_open(tmp_path, harm):
    key, owner, path = OpenKey(uuid7(), b"k" * 32), uuid7(), tmp_path / "x.sealed"
    write_sealed(path, key, owner, [b"x" * (3 * PIECE)])
    data = path.read_bytes()
    part = len(data) // 3
    if harm == "cut":
        path.write_bytes(data[: 2 * part])
    elif harm == "changed":
        path.write_bytes(data[:100] + bytes([data[100] ^ 1]) + data[101:])
    elif harm == "swapped":
        path.write_bytes(data[part : 2 * part] + data[:part] + data[2 * part :])
    else:
        owner = uuid7()
    with pytest.raises(SealBroken), open_sealed(path, key, owner) as file:
        file.read()


# --- workbooks -------------------------------------------------------------------------------------------------------
def test_a_workbook_is_read_as_people_see_it():
    data = workbook(
        ["客户资料"],
        ["姓名", "手机", "生日", "余额", "会员"],
        ["王小明", 13800138000, date(1990, 3, 5), 12.5, True],
        [],
        ["李红", "013900139000", "农历八月十五", 100, ""],
    )
    look, found = read(data)
    assert (look.shape.sheet, look.shape.header_row) == ("Sheet1", 2)
    assert look.names == ("姓名", "手机", "生日", "余额", "会员")
    assert found[0] == (3, ["王小明", "13800138000", "1990-03-05", "12.5", "TRUE"])
    assert found[2] == (5, ["李红", "013900139000", "农历八月十五", "100", ""])
    assert look.samples()[0][0] == "王小明"


def test_a_table_that_begins_in_the_middle_of_a_sheet_keeps_its_columns():
    look, found = read(workbook([], ["", "", "姓名", "手机"], ["", "", "王小明", 1]))
    assert look.names == ("", "", "姓名", "手机")
    assert found == [(3, ["", "", "王小明", "1"])]


def test_another_sheet_can_be_chosen():
    import xlsxwriter

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.add_worksheet("说明")
    first, second = book.add_worksheet("一店"), book.add_worksheet("二店")
    first.write_column(0, 0, ["姓名", "甲"])
    second.write_column(0, 0, ["姓名", "乙"])
    book.close()
    look, found = read(file.getvalue())
    assert (look.shape.sheet, look.sheets) == ("一店", ("说明", "一店", "二店"))
    assert found == [(2, ["甲"])]
    again = look_again(io.BytesIO(file.getvalue()), Shape("xlsx", sheet="二店"), WORDS, find_header=True)
    assert (again.shape.sheet, again.samples()) == ("二店", [["乙"]])
