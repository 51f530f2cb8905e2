"""What scanners read, judged without asking anybody: the kind of a code, its check digit, labels of scales.

Check digits are those of GS1 (python-stdnum). A UPC is kept with its leading zero: scanners send it with or without.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from stdnum import ean

from dianke.core.errors import InvalidInput

OWN_PREFIX = "20"
MOST_OWN = 10**10 - 1


class BarcodeMissing(InvalidInput):
    code = "barcode_missing"
    message = _("The barcode is empty. Scan it or type it in.")
    default_field = "value"


class BarcodeWrongCharacter(InvalidInput):
    code = "barcode_wrong_character"
    message = _("A barcode has letters, digits and signs without blanks, at most 48. Scan it once more.")
    default_field = "value"


class BarcodeMistyped(InvalidInput):
    code = "barcode_mistyped"
    message = _(
        "The last digit of %(value)s does not fit the others. Scan it once more or compare each digit."
    )
    default_field = "value"


class BarcodeKindWrong(InvalidInput):
    code = "barcode_kind_wrong"
    message = _("%(value)s is not a code of this kind. Leave the kind open and it is found by itself.")
    default_field = "kind"


class BarcodeIsOfScale(InvalidInput):
    code = "barcode_is_of_scale"
    message = _(
        "Codes that begin with %(prefix)s are labels of the scale. Give the product a number on the scale."
    )
    default_field = "value"


@dataclass(frozen=True, slots=True)
class Code:
    """`value` in the form it is kept and looked up in; `kind` as in `Barcode.Kind`."""

    value: str
    kind: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """How a scale writes labels (`WeighedPattern`)."""

    prefix: str
    item_digits: int
    value_digits: int
    holds: str
    divisor: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a label of a scale says: the number of the item, and a quantity in its unit or an amount in yuan."""

    item: str
    quantity: Decimal | None = None
    amount: Decimal | None = None


def compact(text: str) -> str:
    """As scanned or pasted, without blanks and in plain signs: "６９０ 123" gives "690123"."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(char for char in plain if not char.isspace() and unicodedata.category(char) != "Cf")


def parse(text: str, *, kind: str = "", field: str = "value") -> Code:
    """The code of what was entered. Without a kind it follows from the digits: thirteen, eight, twelve, fourteen with a
    right check digit; twenty and on at the front is our own; anything else is a supplier's.

    Raises `BarcodeMissing`, `BarcodeWrongCharacter`, `BarcodeMistyped`, `BarcodeKindWrong`. Thirteen digits of which
    the last is wrong are refused, not taken for a supplier's code: that is nearly always a slip.
    """
    value = compact(text)
    if not value:
        raise BarcodeMissing(field=field)
    if len(value) > 48 or not re.fullmatch(r"[!-~]+", value):
        raise BarcodeWrongCharacter(field=field)
    if kind == "SUPPLIER":
        return Code(value, "SUPPLIER")
    found = _of_digits(value, field) if value.isdecimal() else Code(value, "SUPPLIER")
    if kind and found.kind != kind:
        raise BarcodeKindWrong(value=value, field="kind")
    return found


def _of_digits(value: str, field: str) -> Code:
    if len(value) not in (8, 12, 13, 14):
        return Code(value, "SUPPLIER")
    if not ean.is_valid(value):
        # Twelve and eight digits are also what suppliers number their goods with.
        if len(value) in (8, 12):
            return Code(value, "SUPPLIER")
        raise BarcodeMistyped(value=value, field=field)
    if len(value) == 12:
        return Code("0" + value, "UPC")
    if len(value) == 13:
        kind = "UPC" if value[0] == "0" else "OWN" if value[0] == "2" else "EAN13"
        return Code(value, kind)
    return Code(value, "EAN8" if len(value) == 8 else "ITF14")


def spellings(text: str) -> tuple[str, ...]:
    """The values a scan may be kept under, likeliest first; empty for what cannot be a code."""
    value = compact(text)
    if not value or len(value) > 48 or not re.fullmatch(r"[!-~]+", value):
        return ()
    if value.isdecimal() and len(value) == 12:
        return ("0" + value, value)
    return (value,)


def own_code(number: int) -> str:
    """Our own EAN-13 of a serial number: 20, ten digits, check digit. The prefixes 20 to 29 are free for use within a
    company (GS1 General Specifications, restricted circulation numbers)."""
    if not 0 < number <= MOST_OWN:
        raise ValueError("own codes have ten digits")
    body = f"{OWN_PREFIX}{number:010}"
    return body + str(ean.calc_check_digit(body))


def read_weighed(text: str, patterns: Iterable[Pattern]) -> Weighed | None:
    """What a label of a scale says; None when no pattern fits or the check digit is wrong."""
    value = compact(text)
    if len(value) != 13 or not value.isdecimal() or not ean.is_valid(value):
        return None
    for pattern in patterns:
        if not value.startswith(pattern.prefix):
            continue
        start = len(pattern.prefix)
        item = value[start : start + pattern.item_digits]
        number = Decimal(value[start + pattern.item_digits : 12]) / pattern.divisor
        return Weighed(item, number) if pattern.holds == "WEIGHT" else Weighed(item, amount=number)
    return None


def weighed_label(pattern: Pattern, item: str, number: int) -> str:
    """The label a scale prints: `number` is the value already multiplied (grams, for kilograms and 1000)."""
    body = f"{pattern.prefix}{item.rjust(pattern.item_digits, '0')}{number:0{pattern.value_digits}}"
    if len(body) != 12 or not body.isdecimal():
        raise ValueError("a label of a scale has thirteen digits")
    return body + str(ean.calc_check_digit(body))
