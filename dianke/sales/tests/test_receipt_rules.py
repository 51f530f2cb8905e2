"""Receipts on paper: what fits where, and the bytes a printer gets: known ones, and read back as a printer would."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from dianke.sales.rules.receipts.columns import COLUMNS, pair, printable, width_of, wrapped
from dianke.sales.rules.receipts.content import Discount, Item, Member, Paid, Receipt
from dianke.sales.rules.receipts.escpos import DOTS, Printer, drawer_kick, encoded
from dianke.sales.rules.receipts.layout import Align, FeedRow, QrRow, TextRow, as_text, rows_of
from dianke.sales.tests.paper import printed

LONG = "意大利进口头层牛皮三人位电动功能沙发带储物脚踏可拆洗羽绒靠包现代简约客厅大户型组合" * 2
LINK = "https://shop.example/m/receipts/0193e6a1b2c3d4e5f60718293a4b5c6d~Abc-def_123/"
RECEIPT = Receipt(
    title="云裳美业西湖店",
    header=("浙江省杭州市西湖区龙井路1号", "0571-8888 6666"),
    number="XS-HZ01-261121-0001",
    sold_at="2026-11-21 14:30",
    register="1号收银台",
    staff="李想",
    currency="CNY",
    items=(
        Item("羊绒围巾", "2", 10_000, 20_000, 18_000, (Discount("满200减20", 2_000),)),
        Item(LONG[:80], "1", 1_299_900, 1_299_900, 1_299_900),
        Item("Hand Cream 75ml", "0.5 kg", 999, 500, 0, (Discount("优惠券", 500),), note="赠品"),
    ),
    list_amount=1_320_400,
    total_amount=1_317_900,
    tax_amount=151_617,
    member=Member("王＊明", "金卡", 1317, 200, 5_320, 88_000),
    paid=(Paid("现金", 317_900, 320_000, 2_100), Paid("微信支付", 1_000_000)),
    link=LINK,
    footer=("谢谢惠顾，欢迎再来",),
)


# --- text in columns -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "shown", "width"),
    [
        ("羊绒围巾", "羊绒围巾", 8),
        ("Scarf 羊", "Scarf 羊", 8),
        ("¥12", "￥12", 4),
        ("Crème Brûlée", "Crème Brulée", 14),  # è and é stand in GBK, û does not
        ("Señor", "Senor", 5),
        ("满“200”减…", "满“200”减…", 13),
        ("😀好", "□好", 4),
        ("a\tb\nc", "a b c", 5),
        ("𠮷野家", "𠮷野家", 6),
        ("\x1bp\x00\x19\xfa钱", "pú钱", 5),
    ],
)
def test_text_becomes_what_the_printer_knows(text, shown, width):
    assert (printable(text), width_of(printable(text))) == (shown, width)


@given(st.text(max_size=60))
def test_no_text_of_people_is_a_command(text):
    """Whatever a product is called, its bytes are letters: nothing below a blank, every character of a known width."""
    shown = printable(text)
    shown.encode("gb18030")
    assert all(unicodedata.category(char)[0] != "C" for char in shown)
    assert b"\x1b" not in shown.encode("gb18030")
    assert b"\n" not in shown.encode("gb18030")
    assert width_of(shown) == sum(1 if len(char.encode("gb18030")) == 1 else 2 for char in shown)


@given(st.text(alphabet="羊绒，。（ab 1-é“", max_size=80), st.sampled_from([8, 16, 32, 48]))
def test_wrapping_loses_nothing_and_fits(text, width):
    lines = wrapped(printable(text), width)
    assert all(width_of(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == printable(text).replace(" ", "")


def test_a_chinese_name_of_eighty_characters_fills_its_lines():
    name = "意大利进口头层牛皮三人位电动功能沙发带储物脚踏可拆洗羽绒靠包现代简约客厅大户型组合" * 2
    lines = wrapped(name[:80], 32)
    assert [len(line) for line in lines] == [16, 16, 16, 16, 16]


def test_words_stay_whole_and_closing_marks_do_not_begin_a_line():
    assert wrapped("Hand Cream with Honey", 12) == ["Hand Cream", "with Honey"]
    assert wrapped("一二三四五六。七", 12) == ["一二三四五", "六。七"]
    assert wrapped("Supercalifragilistic", 8) == ["Supercal", "ifragili", "stic"]


def test_a_pair_takes_a_second_line_when_it_does_not_fit():
    assert pair("合计", "88.00", 16) == ["合计       88.00"]
    assert pair("满二百减二十活动", "-20.00", 20) == ["满二百减二十活动", "              -20.00"]


# --- bytes -----------------------------------------------------------------------------------------------------------
def test_known_bytes():
    rows = [
        TextRow("云裳", Align.CENTER, is_bold=True, is_big=True),
        TextRow("合计 8.00"),
        FeedRow(3),
    ]
    assert encoded(rows, Printer(58), opens_drawer=True).hex(" ") == (
        "1b 40 1c 26 "  # set up, Chinese
        "1b 70 00 19 fa "  # drawer
        "1b 61 01 1b 45 01 1d 21 11 d4 c6 c9 d1 0a 1d 21 00 1b 45 00 1b 61 00 "
        "ba cf bc c6 20 38 2e 30 30 0a "
        "1b 64 03 "
        "1d 56 42 00"  # feed and cut
    )
    assert drawer_kick().hex(" ") == "1b 40 1b 70 00 19 fa"


def test_known_bytes_of_a_qr_code():
    drawn = encoded([QrRow("http://a/")], Printer(80), cuts=False)
    assert drawn.hex(" ") == (
        "1b 40 1c 26 1b 61 01 "
        "1d 28 6b 04 00 31 41 32 00 "  # model 2
        "1d 28 6b 03 00 31 43 06 "  # six dots
        "1d 28 6b 03 00 31 45 31 "  # error correction M
        "1d 28 6b 0c 00 31 50 30 68 74 74 70 3a 2f 2f 61 2f "
        "1d 28 6b 03 00 31 51 30 "
        "1b 61 00"
    )


def test_a_printer_without_a_drawer_gets_no_kick():
    assert printed(encoded([], Printer(has_drawer=False), opens_drawer=True)).kicks == 0
    assert printed(encoded([], Printer(), opens_drawer=False)).kicks == 0


@pytest.mark.parametrize("paper", [58, 80])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_receipt_read_back_stands_in_its_columns(paper, language):
    with override(language):
        sheet = printed(encoded(rows_of(RECEIPT, paper=paper), Printer(paper), opens_drawer=True))
        plain = as_text(RECEIPT, paper=paper)
    assert (sheet.is_chinese, sheet.cuts, sheet.kicks, sheet.links) == (True, 1, 1, [LINK])
    assert max(line.columns for line in sheet.lines) == COLUMNS[paper]
    assert sheet.lines[0].is_big
    assert sheet.lines[0].align == 1
    assert sheet.text.replace("\n", "").count("意大利进口头层牛皮") == 2
    figures = [line.text.split()[-1] for line in sheet.lines if line.text.strip()]
    for amount in ("200.00", "-20.00", "12,999.00", "13,204.00", "-25.00", "13,179.00", "1,516.17"):
        assert amount in figures
    for amount in ("3,179.00", "3,200.00", "21.00", "10,000.00", "1,317", "200", "5,320", "880.00"):
        assert amount in figures
    assert [line.text for line in sheet.lines if line.is_bold and "13,179.00" in line.text]
    assert "13,179.00" in plain
    assert LINK in plain


def test_right_edges_are_straight():
    with override("en"):
        sheet = printed(encoded(rows_of(RECEIPT, paper=80), Printer(80)))
    sums = [
        line for line in sheet.lines if line.text.endswith(("13,179.00", "1,516.17", "3,179.00", "21.00"))
    ]
    assert len(sums) == 4
    assert {line.columns for line in sums} == {48}


def test_a_copy_says_so_and_the_receipt_does_not():
    with override("zh-hans"):
        assert "副本" in as_text(replace(RECEIPT, is_copy=True), paper=58)
        assert "副本" not in as_text(RECEIPT, paper=58)


def test_a_printer_that_cannot_draw_codes_gets_a_picture_of_the_same_code():
    for paper in (58, 80):
        sheet = printed(encoded([QrRow(LINK)], Printer(paper, has_qr=False)))
        ((row_bytes, height, content),) = sheet.pictures
        assert sheet.links == []
        assert len(content) == row_bytes * height
        assert row_bytes * 8 <= DOTS[paper]
        dots = [
            f"{int.from_bytes(content[n : n + row_bytes], 'big'):0{row_bytes * 8}b}"
            for n in range(0, len(content), row_bytes)
        ]
        assert _modules(dots, height) == _code(LINK)


def _modules(dots: list[str], size: int) -> list[str]:
    """The picture taken back to one character per module, border cut off."""
    scale = next(n for n in range(1, 9) if size % n == 0 and size // n == len(_code(LINK)) + 4)
    rows = [line[:size][::scale] for line in dots[::scale]]
    return [row[2:-2] for row in rows[2:-2]]


def _code(link: str) -> list[str]:
    import segno

    code = segno.make_qr(link.encode(), error="m", boost_error=False)
    return ["".join("1" if module else "0" for module in row) for row in code.matrix]


@given(
    st.lists(
        st.builds(
            Item,
            st.text(min_size=1, max_size=80),
            st.sampled_from(["1", "12", "0.125 kg", "1000"]),
            st.integers(0, 10**9),
            st.integers(0, 10**11),
            st.integers(0, 10**9),
            st.just(()),
        ),
        min_size=1,
        max_size=3,
    ),
    st.text(max_size=40),
    st.sampled_from([58, 80]),
)
def test_nothing_ever_runs_over_the_edge(items, title, paper):
    receipt = replace(RECEIPT, items=tuple(items), title=title)
    with override("zh-hans"):
        sheet = printed(encoded(rows_of(receipt, paper=paper), Printer(paper)))
    assert all(line.columns <= COLUMNS[paper] for line in sheet.lines)
