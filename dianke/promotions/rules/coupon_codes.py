"""Codes of coupons: what is printed, shown as a QR code, read out and typed in.

Thirty-one symbols, none that looks like another (no 0 and O, no 1, I and L), eleven of them random (54 bits: nobody
finds one by trying) and one that checks. Thirty-one is a prime, so a sum weighted by the place finds every wrong symbol
and every two that changed places.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 12
_BASE = len(ALPHABET)
_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}
_BETWEEN = re.compile(r"[\s\-‐‑–—−·.]+")


class CouponCodeWrong(InvalidInput):
    """Said before anything is looked up: a slip of the finger, or no code of ours at all."""

    code = "coupon_code_wrong"
    message = _("This is no code of a coupon: twelve letters and digits. Compare it with the original.")
    default_field = "code"


def check_symbol(body: str) -> str:
    """The twelfth symbol of eleven: the sum of values times places, modulo 31."""
    return ALPHABET[sum(place * _VALUES[symbol] for place, symbol in enumerate(body, 1)) % _BASE]


def new_code(below: Callable[[int], int]) -> str:
    """A fresh code; `below(n)` draws from 0 up to n and must not be guessable (`secrets.randbelow`)."""
    number, body = below(_BASE ** (LENGTH - 1)), ""
    for _place in range(LENGTH - 1):
        number, value = divmod(number, _BASE)
        body += ALPHABET[value]
    return body + check_symbol(body)


def read_code(text: str, *, field: str = "code") -> str:
    """A code as typed or scanned (any case, blanks and hyphens) in the form it is kept in. Raises `CouponCodeWrong`."""
    plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper()
    if len(plain) != LENGTH or not set(plain) <= _VALUES.keys() or check_symbol(plain[:-1]) != plain[-1]:
        raise CouponCodeWrong(field=field)
    return plain


def looks_like_code(text: str) -> bool:
    """Whether a scanned text could be one of ours."""
    try:
        read_code(text)
    except CouponCodeWrong:
        return False
    return True


def grouped(code: str) -> str:
    """For paper and screen: "7KQ2-M9XD-ABCD"."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
