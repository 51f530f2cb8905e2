"""Codes that people read out, write down and type in: member numbers, vouchers, recovery codes.

Crockford's base 32 with his check symbol (crockford.com/base32.html): no letter that looks like a digit,
either case, hyphens where one likes, and a final symbol (the number modulo 37) that catches every single
mistake and every pair of swapped neighbours before anything is looked up.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK_ALPHABET = f"{ALPHABET}*~$=U"
_LOOKALIKES = str.maketrans("OIL", "011")


class CodeMissing(InvalidInput):
    code = "code_missing"
    message = _("The code is missing. Please enter it.")


class CodeHasWrongCharacter(InvalidInput):
    code = "code_has_wrong_character"
    message = _("“%(character)s” does not occur in such codes. Please compare the code with the original.")


class CodeMistyped(InvalidInput):
    code = "code_mistyped"
    message = _("This code has a typing error. Please compare it with the original.")


def encode(number: int, *, length: int = 0) -> str:
    """The code of a number >= 0: base 32, zeros in front up to `length` symbols, then the check symbol.

    `encode(1234)` is "16JD". The check symbol can be one of `* ~ $ = U`; codes from `random_code` avoid that.
    """
    if number < 0:
        raise ValueError("only numbers from zero up have a code")
    symbols = ""
    left = number
    while left:
        left, digit = divmod(left, 32)
        symbols = ALPHABET[digit] + symbols
    return symbols.rjust(max(length, 1), "0") + CHECK_ALPHABET[number % 37]


def decode(text: str, *, field: str | None = None) -> int:
    """The number of a code as typed: any case, O for 0, I and L for 1, hyphens and spaces ignored."""
    canonical = _canonical(text, field)
    number = 0
    for symbol in canonical[:-1]:
        number = number * 32 + ALPHABET.index(symbol)
    if len(canonical) < 2 or CHECK_ALPHABET[number % 37] != canonical[-1]:
        raise CodeMistyped(field=field)
    return number


def canonical(text: str, *, field: str | None = None) -> str:
    """A typed code in the form in which it was given out (for look-up); raises like `decode`."""
    decode(text, field=field)
    return _canonical(text, field)


def random_code(length: int, draw: Callable[[int], int] = secrets.randbits) -> str:
    """A fresh code of `length` symbols (5 bits each, at 32/37 of them) and a check symbol, all letters or
    digits.

    `draw(bits)` yields a random number of so many bits; the default cannot be guessed. Eight symbols are
    enough for a member number among others, sixteen for a secret.
    """
    if length < 1:
        raise ValueError("a code has at least one symbol")
    while True:
        code = encode(draw(5 * length), length=length)
        # The five further check symbols cannot be said aloud or stand in an address; draw again (5 of 37).
        if code[-1] in ALPHABET:
            return code


def grouped(code: str, size: int = 4) -> str:
    """For paper and screen: "7KQ2-M9XD-A"."""
    return "-".join(code[start : start + size] for start in range(0, len(code), size))


def _canonical(text: str, field: str | None) -> str:
    plain = re.sub(r"[\s\-‐‑–—−]+", "", unicodedata.normalize("NFKC", text).upper())
    plain = plain.translate(_LOOKALIKES)
    if not plain:
        raise CodeMissing(field=field)
    for character in plain[:-1]:
        if character not in ALPHABET:
            raise CodeHasWrongCharacter(character=character, field=field)
    if plain[-1] not in CHECK_ALPHABET:
        raise CodeHasWrongCharacter(character=plain[-1], field=field)
    return plain
