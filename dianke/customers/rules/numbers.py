"""Member numbers: what a customer is called by on a card and over the phone.

Nine digits: a serial number that never begins with a zero (spreadsheets drop those) and the check digit of Luhn
(ISO/IEC 7812-1, as python-stdnum computes it), which catches every mistyped digit and nearly every swap of two.
"""

from __future__ import annotations

from stdnum import luhn

from dianke.core.search_words import words_of

_FIRST = 10_000_000


def member_number_of(serial: int) -> str:
    """The member number of a serial number (from the sequence `customers_member_number`)."""
    digits = str(_FIRST + serial)
    # From the right every other digit counts twice (and 9 less from 10 on), so that the sum with the check digit
    # ends in 0. `luhn` says the same in four times the time, and an import makes a million of them.
    doubled = sum(map(_DOUBLED.__getitem__, digits[::-2]))
    return f"{digits}{-(doubled + sum(map(int, digits[-2::-2]))) % 10}"


_DOUBLED = {str(digit): sum(divmod(2 * digit, 10)) for digit in range(10)}


def is_member_number(text: str) -> bool:
    """Whether the text has the form of a number given out here and a right check digit."""
    return len(text) >= 9 and text.isascii() and text.isdecimal() and luhn.is_valid(text)


def search_words(name: str, aliases: str, member_number: str) -> str:
    """What a customer is found by besides contact points; the value of `Customer.search_words`."""
    return words_of([name, *aliases.replace("、", ",").replace("，", ",").split(","), member_number])
