"""Official numbers are checked to the last character and masked when shown."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.core import identifiers
from dianke.core.errors import InvalidInput


@pytest.mark.parametrize(
    "typed", ["91110000600037341L", "9111 0000 6000 3734 1L", "９１１１００００６０００３７３４１ｌ"]
)
def test_a_credit_code_has_one_form(typed: str) -> None:
    assert identifiers.parse_credit_code(typed) == "91110000600037341L"
    assert identifiers.mask_credit_code("91110000600037341L") == "9111**********341L"


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("9111000060003734", identifiers.CreditCodeWrongLength),
        ("", identifiers.CreditCodeWrongLength),
        ("91110000600037341I", identifiers.CreditCodeWrongCharacter),
        ("91110000600037342L", identifiers.CreditCodeMistyped),
        ("9111000060003734L1", identifiers.CreditCodeMistyped),
        ("91A10000600037341L", identifiers.CreditCodeMistyped),
    ],
)
def test_a_wrong_credit_code_is_refused_by_name(typed: str, error: type[InvalidInput]) -> None:
    with pytest.raises(error) as refused:
        identifiers.parse_credit_code(typed, field="credit_code")
    assert type(refused.value) is error
    assert refused.value.field == "credit_code"
    assert str(refused.value)


def test_an_identity_number_tells_birthday_and_sex() -> None:
    # The example of the national standard GB 11643-1999.
    found = identifiers.parse_resident_id("11010519491231002x")
    assert found.number == "11010519491231002X"
    assert (found.area_code, found.birth_date, found.is_female) == ("110105", date(1949, 12, 31), True)
    assert found.masked() == "110***********002X"
    assert identifiers.parse_resident_id("440524 1880 0101 0014").is_female is False


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("110105491231002", identifiers.ResidentIdWrongLength),
        ("1101051949123100XX", identifiers.ResidentIdWrongCharacter),
        ("11010519491331002X", identifiers.ResidentIdWrongBirthday),
        ("110105194902290024", identifiers.ResidentIdWrongBirthday),
        ("110105194912310021", identifiers.ResidentIdMistyped),
        ("11010519491231001X", identifiers.ResidentIdMistyped),
    ],
)
def test_a_wrong_identity_number_is_refused(typed: str, error: type[InvalidInput]) -> None:
    with pytest.raises(error) as refused:
        identifiers.parse_resident_id(typed, field="id_number")
    assert type(refused.value) is error
    assert refused.value.field == "id_number"
    assert "110105" not in str(refused.value)


@given(st.integers(0, 17), st.sampled_from("0123456789"))
def test_every_single_wrong_digit_is_noticed(place: int, digit: str) -> None:
    right = "11010519491231002X"
    wrong = right[:place] + digit + right[place + 1 :]
    if wrong != right:
        with pytest.raises(InvalidInput):
            identifiers.parse_resident_id(wrong)


@pytest.mark.parametrize(("number", "masked"), [("123", "***"), ("", ""), ("12345678", "123*5678")])
def test_a_mask_never_shows_a_whole_number(number: str, masked: str) -> None:
    assert identifiers.mask_resident_id(number) == masked
