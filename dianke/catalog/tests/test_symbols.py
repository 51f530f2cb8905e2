"""Bars on labels, read back by the tables of the standards: what is drawn is what is scanned."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean

from dianke.catalog.rules.barcodes import own_code
from dianke.catalog.rules.symbols import bars_image, bars_of

#: The left-hand odd set of GS1's General Specifications; the even set is its mirror image inverted, the right-hand set
#: the inverse. The parities of the left half spell the first digit.
ODD = [
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
]
RIGHT = ["".join("10"[int(bit)] for bit in each) for each in ODD]
EVEN = [each[::-1] for each in RIGHT]
FIRST = ["OOOOOO", "OOEOEE", "OOEEOE", "OOEEEO", "OEOOEE", "OEEOOE", "OEEEOO", "OEOEOE", "OEOEEO", "OEEOEO"]


def read_ean(modules: str) -> str:
    """The digits of an EAN-13 or EAN-8 symbol."""
    half = (len(modules) - 11) // 2
    left, right = modules[3 : 3 + half], modules[8 + half : -3]
    assert (modules[:3], modules[3 + half : 8 + half], modules[-3:]) == ("101", "01010", "101")
    digits, parity = "", ""
    for at in range(0, half, 7):
        code = left[at : at + 7]
        parity += "O" if code in ODD else "E"
        digits += str((ODD if code in ODD else EVEN).index(code))
    digits += "".join(str(RIGHT.index(right[at : at + 7])) for at in range(0, half, 7))
    return digits if half == 28 else str(FIRST.index(parity)) + digits


def test_the_pattern_of_the_standard():
    # GS1 General Specifications: 4006381333931 begins with the guard and 0001101 of a zero in the odd set.
    bars = bars_of("4006381333931")
    assert bars.kind == "EAN13"
    assert bars.modules == (
        "101" "0001101" "0100111" "0101111" "0111101" "0001001" "0110011"
        "01010" "1000010" "1000010" "1000010" "1110100" "1000010" "1100110" "101"
    )  # fmt: skip


@given(st.integers(1, 10**12 - 1))
def test_every_ean_13_is_read_back(number):
    body = f"{number:012}"
    code = body + ean.calc_check_digit(body)
    assert read_ean(bars_of(code).modules) == code


@given(st.integers(0, 10**7 - 1))
def test_every_ean_8_is_read_back(number):
    body = f"{number:07}"
    code = body + ean.calc_check_digit(body)
    bars = bars_of(code)
    assert (bars.kind, read_ean(bars.modules)) == ("EAN8", code)


def test_a_upc_has_the_bars_of_its_ean():
    assert bars_of("012345678905").modules == bars_of("0012345678905").modules
    assert read_ean(bars_of("012345678905").modules) == "0012345678905"


#: The widths of Code 128 (ISO/IEC 15417), symbols 0 to 105; 103 to 105 begin, the stop has seven.
_ALL = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222"
    "123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321"
    "232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121"
    "313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224"
    "111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111"
    "111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113"
    "114311411113411311113141114131311141411131211412211214211232"
)
WIDTHS = [_ALL[at : at + 6] for at in range(0, len(_ALL), 6)]


def read_code_128(modules: str) -> str:
    """The text of a Code 128 symbol, its check sum verified."""
    assert modules.endswith("1100011101011")
    runs = [str(len(each[0])) for each in re.finditer(r"1+|0+", modules[:-13])]
    values = [WIDTHS.index("".join(runs[at : at + 6])) for at in range(0, len(runs), 6)]
    *body, check = values
    assert check == (body[0] + sum(at * value for at, value in enumerate(body[1:], 1))) % 103
    charset, text = "ABC"[body[0] - 103], ""
    for value in body[1:]:
        if value >= 99 and (charset, value) in {
            ("C", 100),
            ("A", 100),
            ("B", 101),
            ("C", 101),
            ("A", 99),
            ("B", 99),
        }:
            charset = {99: "C", 100: "B", 101: "A"}[value]
        elif charset == "C":
            text += f"{value:02}"
        else:
            assert value < 96
            text += chr(value + 32)
    return text


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40))
def test_every_code_128_is_read_back(code):
    bars = bars_of(code)
    if bars.kind == "CODE128":
        assert read_code_128(bars.modules) == code


@pytest.mark.parametrize("code", ["T100001", "SHIRT-红-L", "KS01-R-L", ""])
def test_what_code_128_has_no_sign_for_gets_no_bars(code):
    assert (bars_of(code) is None) == (not code.isascii() or not code)


def test_bars_are_only_drawn_where_scanners_can_read_them():
    assert bars_of(own_code(1)).fits(30)
    assert not bars_of(own_code(1)).fits(27)
    assert bars_of("T100001").fits(27)
    assert not bars_of("SUPPLIER-WITH-A-LONG-CODE-0001").fits(36)


def test_the_image_holds_every_module_and_the_white_around():
    bars = bars_of("6901234567892")
    svg = unquote(bars_image(bars))
    black = {
        at + step
        for at, width in ((int(a), int(b)) for a, b in re.findall(r"M(\d+) 0h(\d+)v1h-", svg))
        for step in range(width)
    }
    drawn = "".join(str(int(at in black)) for at in range(bars.width))
    assert drawn == "0" * 11 + bars.modules + "0" * 7
    assert f"viewBox='0 0 {bars.width} 1'" in svg
