"""From a record to what is compared of it. One at entry; a million by the same functions, see bulk.py."""

from __future__ import annotations

from collections.abc import Sequence

from dianke.core.errors import InvalidInput
from dianke.core.names import fold
from dianke.core.phone import parse
from dianke.matching import birthdays, naming
from dianke.matching.addresses import place, street_parts
from dianke.matching.conditions import Prepared, Value
from dianke.matching.record import Record

#: Columns that are lists of text, and the one that is a number beside the numbers of the birthday.
LISTS = ("phones", "emails")
NUMBERS = ("birth_year", "birth_day", "birth_day_converted", "birth_year_converted")
CONTACT_COLUMNS = ("phones", "phone", "phone_second", "emails", "email", "mailbox", "mail_host")
ID_COLUMNS = ("unionid", "member_number", "document")
ADDRESS_COLUMNS = ("province", "city", "district", "road", "door", "postcode")
COLUMNS = (
    *naming.COLUMNS,
    *CONTACT_COLUMNS,
    *ID_COLUMNS,
    "gender",
    *birthdays.COLUMNS,
    *ADDRESS_COLUMNS,
    "company",
)
_NO_BIRTH: dict[str, Value] = dict.fromkeys(birthdays.COLUMNS)
_EXTRA_PLACEHOLDERS = frozenset(("", "+86"))


def is_placeholder(phone: str) -> bool:
    """Whether a number in E.164 stands for "none given" and so may not count."""
    # The last eight digits decide; reading the number with its plan is slow and only needed for those.
    if len(set(phone[-7:])) > 1 and not phone.endswith(("13800138000", "0000001", "13012345678")):
        return phone in _EXTRA_PLACEHOLDERS
    try:
        return parse(phone).is_placeholder()
    except InvalidInput:  # a number that cannot be read matches nobody
        return True


def contact_parts(phones: Sequence[str], emails: Sequence[str]) -> dict[str, Value]:
    """Phones without placeholders, and the emails taken apart."""
    real = tuple(dict.fromkeys(phone for phone in phones if not is_placeholder(phone)))
    given = tuple(dict.fromkeys(email for email in emails if "@" in email))
    mailbox, _at, host = given[0].partition("@") if given else ("", "", "")
    return {
        "phones": real or None,
        "phone": real[0] if real else None,
        "phone_second": real[1] if len(real) > 1 else None,
        "emails": given or None,
        "email": given[0] if given else None,
        "mailbox": mailbox or None,
        "mail_host": host or None,
    }


def company_part(company: str) -> str | None:
    return naming.firm_core(company) if company else None


def prepare(record: Record) -> Prepared:
    """Every column of COLUMNS; None where the record has no value."""
    birth = record.birth
    road, door = street_parts(record.street)
    return {
        **naming.name_parts(record.name, record.is_company),
        **contact_parts(record.phones, record.emails),
        "unionid": record.unionid or None,
        "member_number": record.member_number or None,
        "document": record.document or None,
        "gender": record.gender or None,
        **(
            birthdays.birth_parts(birth.year, birth.month, birth.day, birth.calendar.value, birth.is_leap)
            if birth
            else _NO_BIRTH
        ),
        "province": place(record.province),
        "city": place(record.city),
        "district": place(record.district),
        "road": road,
        "door": door,
        "postcode": fold(record.postcode) or None,
        "company": company_part(record.company),
    }
