"""Codes survive being read aloud, written down and typed in."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.core import codes
from dianke.core.errors import InvalidInput

NUMBERS = st.integers(0, 2**80)


@pytest.mark.parametrize(
    ("number", "length", "code"),
    [
        (0, 0, "00"),
        (1234, 0, "16JD"),  # 1234 = 1·1024 + 6·32 + 18; 1234 mod 37 = 13
        (1234, 6, "00016JD"),
        (32, 0, "10*"),  # 32 mod 37 = 32, the first of the five further check symbols
        (36, 0, "14U"),
    ],
)
def test_a_number_has_one_code(number: int, length: int, code: str) -> None:
    assert codes.encode(number, length=length) == code
    assert codes.decode(code) == number


@pytest.mark.parametrize("typed", ["16jd", "I6JD", "l6jd", "16-JD", " 1 6 J D ", "１６ＪＤ", "O016JD"])
def test_a_code_may_be_typed_carelessly(typed: str) -> None:
    assert codes.decode(typed) == 1234


def test_the_form_for_look_up_is_the_one_given_out() -> None:
    assert codes.canonical("i6-jd") == "16JD"
    assert codes.grouped("7KQ2M9XDA") == "7KQ2-M9XD-A"
    assert codes.canonical(codes.grouped("00016JD")) == "00016JD"


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", codes.CodeMissing),
        (" - ", codes.CodeMissing),
        ("16J!", codes.CodeHasWrongCharacter),
        ("1U6JD", codes.CodeHasWrongCharacter),
        ("店16JD", codes.CodeHasWrongCharacter),
        ("16JE", codes.CodeMistyped),
        ("61JD", codes.CodeMistyped),
        ("D", codes.CodeMistyped),
        ("0", codes.CodeMistyped),
    ],
)
def test_a_wrong_code_is_refused_by_name(typed: str, error: type[InvalidInput]) -> None:
    with pytest.raises(error) as refused:
        codes.decode(typed, field="code")
    assert type(refused.value) is error
    assert refused.value.field == "code"


@given(NUMBERS, st.integers(0, 20))
def test_a_code_gives_its_number_back(number: int, length: int) -> None:
    code = codes.encode(number, length=length)
    assert codes.decode(code) == number
    assert codes.decode(codes.grouped(code.lower())) == number
    assert codes.canonical(code) == code


@given(NUMBERS, st.data())
def test_one_wrong_symbol_is_always_noticed(number: int, data: st.DataObject) -> None:
    code = codes.encode(number, length=8)
    place = data.draw(st.integers(0, len(code) - 2))
    symbol = data.draw(st.sampled_from(codes.ALPHABET).filter(lambda symbol: symbol != code[place]))
    with pytest.raises(codes.CodeMistyped):
        codes.decode(code[:place] + symbol + code[place + 1 :])


@given(NUMBERS, st.data())
def test_two_swapped_neighbours_are_always_noticed(number: int, data: st.DataObject) -> None:
    code = codes.encode(number, length=8)
    place = data.draw(st.integers(0, len(code) - 3))
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        with pytest.raises(codes.CodeMistyped):
            codes.decode(swapped)


@given(st.integers(1, 26), st.lists(NUMBERS, min_size=1))
def test_a_random_code_is_letters_and_digits_only(length: int, drawn: list[int]) -> None:
    # 0 last: its check symbol is ordinary, so the drawing ends.
    numbers = iter([*drawn, 0])
    code = codes.random_code(length, draw=lambda bits: next(numbers) % 2**bits)
    assert len(code) == length + 1
    assert set(code) <= set(codes.ALPHABET)
    assert codes.canonical(code) == code


def test_random_codes_differ() -> None:
    assert len({codes.random_code(16) for _ in range(1000)}) == 1000


def test_what_has_no_code_is_a_fault_of_the_program() -> None:
    with pytest.raises(ValueError, match="zero"):
        codes.encode(-1)
    with pytest.raises(ValueError, match="symbol"):
        codes.random_code(0)


@given(st.text(max_size=12))
def test_any_text_is_a_code_or_refused_by_name(typed: str) -> None:
    with suppress(InvalidInput):
        assert codes.decode(typed) >= 0
