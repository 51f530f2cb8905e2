"""Phone numbers in one form.

People write 138 1234 5678, +86-138-1234-5678, １３８…, (0755) 2650 1234 转 8001. `parse` brings all of them
to E.164 ("+8613812345678") with the extension apart, or says exactly what is wrong with the number, so
that a customer is found again however the number was typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from django.utils.translation import gettext_lazy as _
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from dianke.core.errors import InvalidInput


class PhoneMissing(InvalidInput):
    code = "phone_missing"
    message = _("The phone number is missing. Please enter it.")


class NotAPhoneNumber(InvalidInput):
    code = "not_a_phone_number"
    message = _("“%(text)s” is not a phone number. Enter digits only, with area or country code.")


class NoSuchPhoneNumber(InvalidInput):
    code = "no_such_phone_number"
    message = _("There is no phone number like “%(text)s”. Please check the area code and the digits.")


class SeveralPhoneNumbers(InvalidInput):
    code = "several_phone_numbers"
    message = _("These are several phone numbers. Enter one here and add the others separately.")


class MobileTooShort(InvalidInput):
    code = "mobile_too_short"
    message = _("Digits missing from this mobile number: %(missing)s. Please complete it.")


class MobileTooLong(InvalidInput):
    code = "mobile_too_long"
    message = _("Digits too many in this mobile number: %(extra)s. Please check it.")


class MobileBeginsWrong(InvalidInput):
    code = "mobile_begins_wrong"
    message = _("No mobile number begins with %(beginning)s. Please check the first three digits.")


class LandlineTooShort(InvalidInput):
    code = "landline_too_short"
    message = _(
        "Digits missing from this landline number: %(missing)s. Please complete it, with the area code."
    )


class LandlineTooLong(InvalidInput):
    code = "landline_too_long"
    message = _("Digits too many in this landline number: %(extra)s. Please check it.")


class AreaCodeMissing(InvalidInput):
    code = "area_code_missing"
    message = _("A landline number needs its area code. Write it like 0755-26501234.")


class ServiceShortNumber(InvalidInput):
    code = "service_short_number"
    message = _("%(text)s is a short service number and reaches no person. Enter a full phone number.")


class PhoneTooShort(InvalidInput):
    code = "phone_too_short"
    message = _("Digits missing from this number (%(region)s): %(missing)s. Please complete it.")


class PhoneTooLong(InvalidInput):
    code = "phone_too_long"
    message = _("Digits too many in this number (%(region)s): %(extra)s. Please check it.")


class UnknownCountryCode(InvalidInput):
    code = "unknown_country_code"
    message = _("The country code of %(text)s does not exist. Begin with + and the code, like +852.")


class PhoneKind(StrEnum):
    MOBILE = "MOBILE"
    LANDLINE = "LANDLINE"
    MOBILE_OR_LANDLINE = "MOBILE_OR_LANDLINE"  # North America does not tell them apart
    SERVICE = "SERVICE"  # 400, 800 and the like: a firm, never a person
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Phone:
    """`e164` "+8613812345678"; `extension` digits or ""; `region` ISO 3166 ("CN", "HK"), "001" without
    country.
    """

    e164: str
    extension: str
    kind: PhoneKind
    region: str

    def masked(self) -> str:
        """With the middle hidden: "138****5678", "0755****1234", "+852****4567". The extension is not
        shown.
        """
        beginning, hidden = self._head()
        return f"{beginning}{'*' * max(hidden, 3)}{self.tail(4)}"

    def tail(self, digits: int = 4) -> str:
        """The last digits of the number, without the extension."""
        return self.e164.removeprefix("+")[-digits:]

    def format(self) -> str:
        """For people: "138 1234 5678", "0755 2650 1234 转 8001"; numbers from abroad with their country
        code.
        """
        number = phonenumbers.parse(self.e164)
        style = PhoneNumberFormat.NATIONAL if self.region == "CN" else PhoneNumberFormat.INTERNATIONAL
        shown = phonenumbers.format_number(number, style)
        return f"{shown} 转 {self.extension}" if self.extension else shown

    def is_placeholder(self, blocked: Collection[str] = ()) -> bool:
        """Whether the number stands for "none given" (13800000000) and may therefore match nobody.

        `blocked` holds further numbers in E.164, such as the merchant's own.
        """
        if self.e164 in blocked or self.e164 in _KNOWN_PLACEHOLDERS:
            return True
        if self.region == "CN" and self.kind is PhoneKind.LANDLINE:
            return set(self.e164[-7:]) == {"0"}  # hotels do have 8888 8888
        # A prefix and one digit over and over: 13800000000, 13888888888; abroad as many digits as there are.
        repeated = 8 if self.region == "CN" else 7
        return len(set(self.e164[-repeated:])) == 1

    def _head(self) -> tuple[str, int]:
        """What stays readable in front of the mask, and how many digits the mask covers."""
        national = self.e164.removeprefix("+86")
        if self.region != "CN":
            country = str(phonenumbers.parse(self.e164).country_code)
            return f"+{country}", len(self.e164) - 1 - len(country) - 4
        if self.kind is PhoneKind.LANDLINE:
            area = _area_code_length(national)
            return f"0{national[:area]}", len(national) - area - 4
        return national[:3], len(national) - 3 - 4


_KNOWN_PLACEHOLDERS = frozenset(
    {
        "+8613800138000",  # the carrier's own recharge line, in every sample form
        "+8613000000001",
        "+8613800000001",
        "+8613012345678",
    }
)
_EXTENSION = re.compile(r"(?:转接?|轉接?|分机号?|分機號?|内线|extension|ext\.?|x|#)[:.]?(\d{1,8})$")
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−.·•()\[\]]+")
_SEVERAL = re.compile(r"[,、;/|或和]+")
_LABEL = re.compile(r"^(?:手机号?|電話|电话|手機|联系方式|tel|phone|mobile|mob)[:.]?")
_PLAIN_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_CHINESE_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
# Greater China's codes are often written without a plus; 11 digits in all, or 12 for a mobile in Taiwan.
_NEIGHBOUR = re.compile(r"(?:852[2-9]\d{7}|853[268]\d{7}|8869\d{8})")
_MOBILE_WITH_COUNTRY = re.compile(r"861\d{7,12}")
_KINDS = {
    PhoneNumberType.MOBILE: PhoneKind.MOBILE,
    PhoneNumberType.FIXED_LINE: PhoneKind.LANDLINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: PhoneKind.MOBILE_OR_LANDLINE,
    PhoneNumberType.TOLL_FREE: PhoneKind.SERVICE,
    PhoneNumberType.SHARED_COST: PhoneKind.SERVICE,
    PhoneNumberType.PREMIUM_RATE: PhoneKind.SERVICE,
    PhoneNumberType.UAN: PhoneKind.SERVICE,
}


def parse(text: str, region: str = "CN", *, field: str | None = None) -> Phone:
    """One phone number as typed, in one form. `region` is where a number without country code belongs.

    Raises PhoneMissing, NotAPhoneNumber, SeveralPhoneNumbers, MobileTooShort, MobileTooLong,
    MobileBeginsWrong, LandlineTooShort, LandlineTooLong, AreaCodeMissing, ServiceShortNumber,
    PhoneTooShort, PhoneTooLong, NoSuchPhoneNumber or
    UnknownCountryCode.
    """
    if region == "CN" and _PLAIN_MOBILE.fullmatch(text):  # nearly every number of a file
        return Phone(f"+86{text}", "", PhoneKind.MOBILE, "CN")
    shown = text.strip()[:40]
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = "".join(char for char in plain if unicodedata.category(char) != "Cf")
    plain = _SEPARATORS.sub("", _LABEL.sub("", plain.strip()))
    if not plain:
        raise PhoneMissing(field=field)
    pieces = [piece for piece in _SEVERAL.split(plain) if len(re.sub(r"\D", "", piece)) >= 7]
    if len(pieces) > 1:
        raise SeveralPhoneNumbers(field=field)
    extension = ""
    if found := _EXTENSION.search(plain):
        extension, plain = found[1], plain[: found.start()]
    if not re.fullmatch(r"\+?\d+", plain):
        raise NotAPhoneNumber(text=shown, field=field)
    try:
        return _read(plain, extension, region, shown)
    except InvalidInput as error:
        error.field = field
        raise


def _read(digits: str, extension: str, region: str, shown: str) -> Phone:
    mobile = _CHINESE_MOBILE.fullmatch(digits)
    if mobile and (region == "CN" or not digits.startswith("1")):
        # Any 13 to 19: carriers are given new ranges faster than the number plan in the library learns them.
        return Phone(f"+86{mobile[1]}", extension, PhoneKind.MOBILE, "CN")
    if region == "CN" and (_NEIGHBOUR.fullmatch(digits) or _MOBILE_WITH_COUNTRY.fullmatch(digits)):
        digits = f"+{digits}"
    try:
        number = phonenumbers.parse(digits, region)
    except NumberParseException as problem:
        if problem.error_type == NumberParseException.INVALID_COUNTRY_CODE:
            raise UnknownCountryCode(text=shown) from None
        raise NotAPhoneNumber(text=shown) from None
    if number.country_code == 86:
        _check_chinese(number, digits, shown)
    if not phonenumbers.is_valid_number(number):
        raise _why_invalid(number, shown)
    kind = _KINDS.get(phonenumbers.number_type(number), PhoneKind.OTHER)
    found_region = phonenumbers.region_code_for_number(number) or "001"
    return Phone(phonenumbers.format_number(number, PhoneNumberFormat.E164), extension, kind, found_region)


#: 110, 12315, 10086, 95588, 96110: the short numbers of the national numbering plan.
_SERVICE_SHORT = re.compile(r"11\d|12\d|12\d{3}|10\d{3}|9[56]\d{3,4}")
_MOBILE_BEGUN = re.compile(r"1[3-9]\d{1,4}")


def _check_chinese(number: PhoneNumber, digits: str, shown: str) -> None:
    """Say precisely what is wrong with a number of mainland China; silent when nothing is to be said."""
    bare = digits.removeprefix("+").removeprefix("00").removeprefix("86") if len(digits) > 11 else digits
    national = str(number.national_number)
    if len(bare) <= 6:
        if _SERVICE_SHORT.fullmatch(bare):
            raise ServiceShortNumber(text=shown)
        if _MOBILE_BEGUN.fullmatch(bare):
            raise MobileTooShort(missing=11 - len(bare))
        raise NotAPhoneNumber(text=shown)
    if bare.startswith("1") and national.startswith("1"):
        if len(national) < 11:
            raise MobileTooShort(missing=11 - len(national))
        if len(national) > 11:
            raise MobileTooLong(extra=len(national) - 11)
        if not "3" <= national[1] <= "9":
            raise MobileBeginsWrong(beginning=national[:3])
        return
    if national.startswith(("400", "800")) and not bare.startswith("0"):
        if len(national) != 10:
            raise (
                PhoneTooShort(region=national[:3], missing=10 - len(national))
                if len(national) < 10
                else PhoneTooLong(region=national[:3], extra=len(national) - 10)
            )
        return
    if not bare.startswith("0") and len(national) in (7, 8) and not digits.startswith(("+", "00")):
        raise AreaCodeMissing()
    area = _area_code_length(national)
    shortest, longest = (area + 8, area + 8) if area == 2 else (area + 7, area + 8)
    if len(national) < shortest and national[area : area + 2] not in ("95", "96"):
        raise LandlineTooShort(missing=shortest - len(national))
    if len(national) > longest:
        raise LandlineTooLong(extra=len(national) - longest)


def _area_code_length(national: str) -> int:
    """Digits of a mainland area code without its zero: 10 and 2x have two, all others three."""
    return 2 if national.startswith(("10", "2")) else 3


def _why_invalid(number: PhoneNumber, shown: str) -> InvalidInput:
    """The best that can be said of a number that its country's plan does not know."""
    region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    metadata = PhoneMetadata.metadata_for_region(region, None)
    lengths = metadata.mobile.possible_length if metadata and metadata.mobile else ()
    size = len(phonenumbers.national_significant_number(number))
    if number.country_code != 86 and lengths and size < min(lengths):
        return PhoneTooShort(region=region, missing=min(lengths) - size)
    if number.country_code != 86 and lengths and size > max(lengths):
        return PhoneTooLong(region=region, extra=size - max(lengths))
    return NoSuchPhoneNumber(text=shown)
