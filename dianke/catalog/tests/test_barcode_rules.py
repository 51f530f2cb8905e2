"""Codes as scanners send them: kinds, check digits, our own, labels of scales."""

from __future__ import annotations

from decimal import Decimal

import pytest
from stdnum import ean

from dianke.catalog.rules.barcodes import (
    BarcodeKindWrong,
    BarcodeMissing,
    BarcodeMistyped,
    BarcodeWrongCharacter,
    Pattern,
    own_code,
    parse,
    read_weighed,
    spellings,
    weighed_label,
)


@pytest.mark.parametrize(
    ("typed", "value", "kind"),
    [
        ("6901234567892", "6901234567892", "EAN13"),
        (" 6901 2345 6789 2 ", "6901234567892", "EAN13"),
        ("６９０１２３４５６７８９２", "6901234567892", "EAN13"),
        ("012345678905", "0012345678905", "UPC"),
        ("0012345678905", "0012345678905", "UPC"),
        ("96385074", "96385074", "EAN8"),
        ("16901234567899", "16901234567899", "ITF14"),
        ("2000000000015", "2000000000015", "OWN"),
        ("JD-778/A", "JD-778/A", "SUPPLIER"),
        ("12345678", "12345678", "SUPPLIER"),
        ("123", "123", "SUPPLIER"),
    ],
)
def test_the_kind_of_a_code_follows_from_its_digits(typed, value, kind):
    assert (parse(typed).value, parse(typed).kind) == (value, kind)


@pytest.mark.parametrize("typed", ["6901234567891", "16901234567890", "2000000000016"])
def test_a_wrong_check_digit_is_a_slip_and_refused(typed):
    with pytest.raises(BarcodeMistyped):
        parse(typed)


def test_what_is_no_code_is_refused():
    with pytest.raises(BarcodeMissing):
        parse("  ")
    with pytest.raises(BarcodeWrongCharacter):
        parse("条码")
    with pytest.raises(BarcodeWrongCharacter):
        parse("9" * 49)
    with pytest.raises(BarcodeKindWrong):
        parse("96385074", kind="EAN13")
    assert parse("6901234567892", kind="SUPPLIER").kind == "SUPPLIER"


def test_a_upc_is_found_with_and_without_its_zero():
    assert spellings("012345678905") == ("0012345678905", "012345678905")
    assert spellings("0012345678905") == ("0012345678905",)
    assert spellings("羊毛") == ()


def test_own_codes_are_valid_and_never_look_like_labels_of_a_scale():
    codes = [own_code(number) for number in (1, 99, 10**10 - 1)]
    assert all(ean.is_valid(code) and code.startswith("20") and len(code) == 13 for code in codes)
    assert len(set(codes)) == 3
    with pytest.raises(ValueError, match="ten digits"):
        own_code(10**10)


def test_a_label_of_a_scale_says_item_and_weight_or_price():
    weight = Pattern("22", 5, 5, "WEIGHT", 1000)
    price = Pattern("23", 5, 5, "PRICE", 100)
    patterns = [weight, price]
    found = read_weighed(weighed_label(weight, "123", 1255), patterns)
    assert found is not None
    assert (found.item, found.quantity, found.amount) == ("00123", Decimal("1.255"), None)
    found = read_weighed(weighed_label(price, "00123", 1888), patterns)
    assert found is not None
    assert (found.quantity, found.amount) == (None, Decimal("18.88"))
    label = weighed_label(weight, "123", 1255)
    wrong = label[:-1] + str((int(label[-1]) + 1) % 10)
    assert read_weighed(wrong, patterns) is None
    assert read_weighed("6901234567892", patterns) is None
