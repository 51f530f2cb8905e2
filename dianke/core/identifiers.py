"""Official numbers of firms and people in China: checked when entered, masked when shown.

The unified social credit code (统一社会信用代码, GB 32100) names a firm; the resident identity number
(公民身份号码, GB 11643) names a person and tells birthday and sex. Both end in a check character that
catches every single mistyped place; the methods are those of python-stdnum.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _
from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength, ValidationError

from dianke.core.errors import InvalidInput


class CreditCodeWrongLength(InvalidInput):
    code = "credit_code_wrong_length"
    message = _(
        "A unified social credit code has 18 characters, this has %(length)s. Copy it from the licence."
    )


class CreditCodeWrongCharacter(InvalidInput):
    code = "credit_code_wrong_character"
    message = _(
        "A unified social credit code has digits and capitals without I, O, S, V and Z. Check %(wrong)s."
    )


class CreditCodeMistyped(InvalidInput):
    code = "credit_code_mistyped"
    message = _("One character of this unified social credit code is wrong. Compare it with the licence.")


class ResidentIdWrongLength(InvalidInput):
    code = "resident_id_wrong_length"
    message = _("An identity number has 18 characters, this has %(length)s. Copy it from the card.")


class ResidentIdWrongCharacter(InvalidInput):
    code = "resident_id_wrong_character"
    message = _("An identity number has 17 digits and then a digit or X. Compare it with the card.")


class ResidentIdWrongBirthday(InvalidInput):
    code = "resident_id_wrong_birthday"
    message = _("The birthday in this identity number (%(birthday)s) does not exist. Check places 7 to 14.")


class ResidentIdMistyped(InvalidInput):
    code = "resident_id_mistyped"
    message = _("One character of this identity number is wrong. Compare it with the card.")


@dataclass(frozen=True, slots=True)
class ResidentId:
    """`number` of 18 characters, X as capital; `area_code` six digits of the place of first registration."""

    number: str
    area_code: str
    birth_date: date
    is_female: bool

    def masked(self) -> str:
        """Without birthday: "110***********0071"."""
        return mask_resident_id(self.number)


def parse_credit_code(text: str, *, field: str | None = None) -> str:
    """The unified social credit code in its one form: 18 characters, capitals, no spaces."""
    number = _compact(text)
    if len(number) != 18:
        raise CreditCodeWrongLength(length=len(number), field=field)
    if wrong := sorted({char for char in number if not re.fullmatch(r"[0-9A-HJ-NP-RT-UW-Y]", char)}):
        raise CreditCodeWrongCharacter(wrong=" ".join(wrong), field=field)
    try:
        return uscc.validate(number)
    except InvalidChecksum:
        raise CreditCodeMistyped(field=field) from None
    except (InvalidFormat, InvalidLength, ValidationError):
        # Letters where the form wants digits (places 1 to 8): the same advice helps.
        raise CreditCodeMistyped(field=field) from None


def parse_resident_id(text: str, *, field: str | None = None) -> ResidentId:
    """The identity number and what it tells.

    The area code is not compared with today's list: it is that of the first registration and stays when the
    county is long renamed. Whether the birthday lies in the past is for the caller, who knows the date.
    """
    number = _compact(text)
    if len(number) != 18:
        raise ResidentIdWrongLength(length=len(number), field=field)
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        raise ResidentIdWrongCharacter(field=field)
    try:
        birth_date = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise ResidentIdWrongBirthday(birthday=number[6:14], field=field) from None
    if ric.calc_check_digit(number) != number[17]:
        raise ResidentIdMistyped(field=field)
    return ResidentId(number, number[:6], birth_date, int(number[16]) % 2 == 0)


def mask_resident_id(number: str) -> str:
    """ "110***********0071": enough to compare with a card in the hand, the birthday hidden."""
    return _masked(number, 3, 4)


def mask_credit_code(number: str) -> str:
    """ "9111**********341L"."""
    return _masked(number, 4, 4)


def _masked(number: str, first: int, last: int) -> str:
    if len(number) <= first + last:  # too short to hide a middle: hide all
        return "*" * len(number)
    return f"{number[:first]}{'*' * (len(number) - first - last)}{number[-last:]}"


def _compact(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"[\s\-‐‑–—.·]+", "", "".join(char for char in plain if unicodedata.category(char) != "Cf"))
