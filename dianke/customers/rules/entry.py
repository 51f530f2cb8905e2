"""What comes in about one customer, as typed, and the same in the one form in which it is kept.

Every channel fills an `Entry` (each field optional) and `normalise` brings phones to E.164, folds emails, reads dates
and addresses, checks what the merchant asks for, and drops or refuses what stands for nothing (13800000000, “女士”,
the shop's own number). Nothing here looks anything up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from dianke.core.custom_fields import FieldSpec, clean_values
from dianke.core.errors import InvalidInput
from dianke.core.identifiers import parse_credit_code, parse_resident_id
from dianke.core.phone import Phone
from dianke.core.phone import parse as parse_phone
from dianke.customers.rules.addresses import AddressEntry
from dianke.customers.rules.dates import DateEntry
from dianke.customers.rules.placeholders import GENDERS, name_is_empty, name_is_titled
from dianke.customers.rules.problems import (
    ConsentUnknown,
    EntryProblems,
    FieldMissing,
    FieldNotInPattern,
    FieldTooLong,
    FieldTooShort,
    GenderUnknown,
    GuardianMissing,
    KindUnknown,
    NameSaysNothing,
    NotAName,
    NotAnEmail,
    NotAnIdentifier,
    NothingEntered,
    PhoneIsOurs,
    PhoneSaysNothing,
    SensitiveNotAgreed,
    TooMuch,
)
from dianke.customers.rules.shapes import (
    KEY_KINDS,
    MOST_CONTACTS,
    MOST_TAGS,
    RULED,
    VERIFIED_KINDS,
    ConsentEntry,
    Contact,
    Entry,
    FieldRule,
    Normalised,
    PhoneEntry,
)

__all__ = [
    "KEY_KINDS",
    "RULED",
    "VERIFIED_KINDS",
    "AddressEntry",
    "ConsentEntry",
    "Contact",
    "DateEntry",
    "Entry",
    "EntryProblems",
    "FieldRule",
    "Normalised",
    "PhoneEntry",
    "name_is_empty",
    "name_is_titled",
    "normalise",
]

MOST_NAME, MOST_ALIASES, MOST_SHORT, MOST_NOTE = 80, 160, 40, 2000


_PURPOSES = frozenset({"MEMBERSHIP", "MARKETING", "CARE", "PROFILING", "SHARING", "SENSITIVE"})
_CHANNELS = frozenset({"ANY", "SMS", "CALL", "EMAIL", "WECHAT"})


# --- normalising ---------------------------------------------------------------------------------------------
def _clean_text(
    text: Any, most: int, field: str, errors: dict[str, InvalidInput], *, lines: bool = False
) -> str:
    plain = str(text)
    if not plain:
        return plain
    if not plain.isprintable():
        plain = "".join(c for c in plain if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Co"))
    plain = plain.strip() if lines else " ".join(plain.split())
    if len(plain) > most:
        errors.setdefault(field, FieldTooLong(limit=most, field=field))
    return plain


_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"]{1,64}@(?:[^\s@.<>()\[\],;:\"]{1,63}\.)+[^\W\d_]{2,24}")
_IDENTIFIER = re.compile(r"[\w\-.@+:]{1,80}")
_SENSITIVE_KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")


def parse_email(text: str, *, field: str | None = "email") -> str:
    """An email folded for comparison. Raises `NotAnEmail`."""
    plain = unicodedata.normalize("NFKC", text).strip().strip("<>").casefold().removeprefix("mailto:")
    if len(plain) > 120 or not _EMAIL.fullmatch(plain):
        raise NotAnEmail(text=text.strip()[:60], field=field)
    return plain


def parse_document(text: str, *, field: str | None = "document") -> str:
    """An identity number (with its check character verified) or another document's number in capitals."""
    plain = re.sub(r"[\s\-]+", "", unicodedata.normalize("NFKC", text)).upper()
    if re.fullmatch(r"\d{17}[\dX]", plain):
        return parse_resident_id(plain, field=field).number
    if not re.fullmatch(r"[0-9A-Z()]{5,24}", plain):
        raise NotAnIdentifier(text=text.strip()[:40], field=field)
    return plain


def normalise(
    entry: Entry,
    *,
    today: date,
    rules: Sequence[FieldRule] = (),
    specs: Sequence[FieldSpec] = (),
    blocked_phones: Collection[str] = (),
    is_strict: bool = True,
    has_agreed: bool = False,
) -> Normalised:
    """The entry in the form in which it is kept.

    `rules` are what the merchant asks (required ones only count when `is_strict`), `specs` the custom fields,
    `blocked_phones` numbers in E.164 that are the merchant's own. `is_strict` is for people who can correct what they
    typed: placeholders are refused; otherwise (imports, interfaces) they are dropped and told in `dropped`.
    Sensitive details are refused, whatever the channel, without the consent to them in the same entry; `has_agreed`
    says that it was given before. Raises `EntryProblems`.
    """
    errors: dict[str, InvalidInput] = {}
    dropped: dict[str, InvalidInput] = {}
    aside = errors if is_strict else dropped
    if entry.kind not in ("PERSON", "COMPANY"):
        errors["kind"] = KindUnknown()
    name = _name_of(entry, errors, aside)
    contacts = _contacts_of(entry, blocked_phones, errors, aside)
    days = _days_of(entry, today, errors, aside)
    addresses = _addresses_of(entry, errors)
    custom = _custom_of(entry, specs, errors, is_strict)
    sensitive = _sensitive_of(entry, errors, has_agreed) if entry.sensitive else {}
    credit_code = ""
    if entry.credit_code.strip():
        try:
            credit_code = parse_credit_code(entry.credit_code, field="credit_code")
        except InvalidInput as error:
            aside.setdefault("credit_code", error)
    found = Normalised(
        kind=entry.kind,
        name=name,
        aliases=_clean_text(entry.aliases, MOST_ALIASES, "aliases", errors),
        gender=_gender_of(entry, errors, aside),
        occupation=_clean_text(entry.occupation, MOST_SHORT, "occupation", errors),
        company=_clean_text(entry.company, MOST_NAME, "company", errors),
        credit_code=credit_code,
        contacts=contacts,
        member_number=_member_number_of(entry, aside),
        dates=days,
        addresses=addresses,
        note=_clean_text(entry.note, MOST_NOTE, "note", errors, lines=True),
        tags=_tags_of(entry, errors),
        custom=custom,
        sensitive=sensitive,
        consents=_consents_of(entry, errors),
        guardian=_clean_text(entry.guardian, MOST_SHORT, "guardian", errors),
        raw=entry.raw,
    )
    if found.is_minor_on(today) and not found.guardian:
        aside.setdefault("guardian", GuardianMissing())
        found = replace(
            found,
            consents=tuple(c for c in found.consents if not c.is_given),
            sensitive={},
        )
    _apply_rules(found, rules, errors, is_strict)
    if not errors and not (found.name or found.contacts or found.member_number):
        errors["name"] = next(iter(dropped.values()), None) or NothingEntered()
    if errors:
        raise EntryProblems(errors)
    return replace(found, dropped=dropped) if dropped else found


def _name_of(entry: Entry, errors: dict[str, InvalidInput], aside: dict[str, InvalidInput]) -> str:
    name = _clean_text(entry.name, MOST_NAME, "name", errors)
    if not name:
        return ""
    if name_is_empty(name):
        aside["name"] = NameSaysNothing(name=name)
        return ""
    if name.isalpha():  # neither digits nor an “@”
        return name
    digits = sum(char.isdigit() for char in name)
    if "@" in name or (digits >= 6 and entry.kind == "PERSON"):
        aside["name"] = NotAName(name=name)
        return ""
    return name


def _gender_of(entry: Entry, errors: dict[str, InvalidInput], aside: dict[str, InvalidInput]) -> str:
    gender = GENDERS.get(entry.gender)
    if gender is None:
        gender = GENDERS.get(unicodedata.normalize("NFKC", entry.gender).strip().casefold())
    if gender is None:
        aside["gender"] = GenderUnknown(text=entry.gender.strip()[:20])
        return ""
    return gender


def _member_number_of(entry: Entry, aside: dict[str, InvalidInput]) -> str:
    if not entry.member_number:
        return ""
    number = re.sub(r"\s+", "", unicodedata.normalize("NFKC", entry.member_number)).upper()
    if number and not re.fullmatch(r"[0-9A-Z\-_.]{1,24}", number):
        aside["member_number"] = NotAnIdentifier(text=number[:40], field="member_number")
        return ""
    return number


def _phone_of(
    one: PhoneEntry, blocked: Collection[str], errors: dict[str, InvalidInput], aside: dict[str, InvalidInput]
) -> Phone | None:
    try:
        phone = parse_phone(one.text, field="phone")
    except InvalidInput as error:
        errors.setdefault("phone", error)
        return None
    if phone.e164 in blocked:
        aside.setdefault("phone", PhoneIsOurs(phone=phone.format()))
        return None
    if phone.is_placeholder():
        aside.setdefault("phone", PhoneSaysNothing(phone=phone.format()))
        return None
    return phone


def _contacts_of(
    entry: Entry, blocked: Collection[str], errors: dict[str, InvalidInput], aside: dict[str, InvalidInput]
) -> tuple[Contact, ...]:
    found: dict[tuple[str, str], Contact] = {}

    def add(contact: Contact) -> None:
        found.setdefault((contact.kind, contact.value), contact)

    typed = [one for one in entry.phones if one.text.strip()]
    if len(typed) > MOST_CONTACTS or len(entry.emails) > MOST_CONTACTS:
        errors["phone"] = TooMuch(limit=MOST_CONTACTS, field="phone")
        return ()
    preferred = next((n for n, one in enumerate(typed) if one.is_preferred), 0)
    for number, one in enumerate(typed):
        phone = _phone_of(one, blocked, errors, aside)
        if phone:
            add(
                Contact(
                    kind="PHONE",
                    value=phone.e164,
                    use=one.use,
                    extension=phone.extension[:8],
                    is_preferred=number == preferred,
                    is_shared=one.is_shared,
                    verified_at=one.verified_at,
                )
            )
    for number, text in enumerate(email for email in entry.emails if email.strip()):
        try:
            value = parse_email(text)
        except InvalidInput as error:
            errors.setdefault("email", error)
            continue
        verified_at = entry.email_verified_at if number == 0 else None
        add(Contact(kind="EMAIL", value=value, is_preferred=number == 0, verified_at=verified_at))
    for kind in ("wechat", "unionid", "openid", "wecom"):
        written = getattr(entry, kind)
        if not written:
            continue
        value = unicodedata.normalize("NFKC", written).strip()
        if value and not _IDENTIFIER.fullmatch(value):
            errors[kind] = NotAnIdentifier(text=value[:40], field=kind)
        elif value:
            add(Contact(kind=kind.upper(), value=value, is_preferred=True))
    if entry.document.strip():
        try:
            add(Contact(kind="DOCUMENT", value=parse_document(entry.document), is_preferred=True))
        except InvalidInput as error:
            errors["document"] = error
    return tuple(found.values())


def _days_of(
    entry: Entry, today: date, errors: dict[str, InvalidInput], aside: dict[str, InvalidInput]
) -> tuple[DateEntry, ...]:
    found: list[DateEntry] = []
    typed = list(entry.dates)
    if (birthday := entry.birthday) is not None:
        typed.insert(0, birthday if birthday.kind == "BIRTHDAY" else replace(birthday, kind="BIRTHDAY"))
    for day in typed:
        name = "birthday" if day.kind == "BIRTHDAY" else "dates"
        try:
            checked = _checked(day, today, name)
            if len(day.label) > 40 or len(day.text) > 40:
                checked = replace(checked, label=day.label[:40], text=day.text[:40])
            found.append(checked)
        except InvalidInput as error:
            aside.setdefault(name, error)
    return tuple(found)


@lru_cache(maxsize=65_536)  # a file names the same days again and again
def _checked(day: DateEntry, today: date, field: str) -> DateEntry:
    return day.checked(today=today, field=field)


def _addresses_of(entry: Entry, errors: dict[str, InvalidInput]) -> tuple[AddressEntry, ...]:
    found = []
    for address in entry.addresses:
        if address.is_empty:
            continue
        try:
            whole = address.split(field="address")
            if whole.phone.strip():
                whole = replace(whole, phone=parse_phone(whole.phone, field="address").e164)
            found.append(whole)
        except InvalidInput as error:
            errors.setdefault("address", error)
    return tuple(found)


def _custom_of(
    entry: Entry, specs: Sequence[FieldSpec], errors: dict[str, InvalidInput], is_strict: bool
) -> dict[str, Any]:
    if not specs and not entry.custom:
        return {}
    wanted = specs
    if not is_strict and any(spec.is_required for spec in specs):
        wanted = [replace(spec, is_required=False) for spec in specs]
    try:
        return clean_values(wanted, entry.custom)
    except InvalidInput as error:
        errors[error.field or "custom"] = error
        return {}


def _sensitive_of(entry: Entry, errors: dict[str, InvalidInput], has_agreed: bool) -> dict[str, Any]:
    found = {
        key: _clean_text(value, MOST_NOTE, f"sensitive_{key}", errors, lines=True)
        if isinstance(value, str)
        else value
        for key, value in entry.sensitive.items()
        if _SENSITIVE_KEY.fullmatch(key) and value not in (None, "", [])
    }
    said = [each.is_given for each in entry.consents if (each.purpose, each.channel) == ("SENSITIVE", "ANY")]
    if found and not (all(said) if said else has_agreed):
        name = f"sensitive_{next(iter(found))}"
        errors.setdefault(name, SensitiveNotAgreed(field=name))
    return found


def _tags_of(entry: Entry, errors: dict[str, InvalidInput]) -> tuple[str, ...]:
    if not entry.tags:
        return ()
    tags = tuple(dict.fromkeys(_clean_text(tag, 24, "tags", errors) for tag in entry.tags if tag.strip()))
    if len(tags) > MOST_TAGS:
        errors["tags"] = TooMuch(limit=MOST_TAGS, field="tags")
    return tags


def _consents_of(entry: Entry, errors: dict[str, InvalidInput]) -> tuple[ConsentEntry, ...]:
    for consent in entry.consents:
        if consent.purpose not in _PURPOSES or consent.channel not in _CHANNELS:
            errors["consents"] = ConsentUnknown(what=f"{consent.purpose} {consent.channel}")
    return entry.consents


def _apply_rules(
    found: Normalised, rules: Sequence[FieldRule], errors: dict[str, InvalidInput], is_strict: bool
) -> None:
    if not rules:
        return
    shown: dict[str, str] = {
        "name": found.name,
        "phone": next((c.value for c in found.of_kind("PHONE")), ""),
        "email": next((c.value for c in found.of_kind("EMAIL")), ""),
        "wechat": next((c.value for c in found.of_kind("WECHAT")), ""),
        "gender": found.gender,
        "birthday": found.birthday.text or "-" if found.birthday else "",
        "address": found.addresses[0].street or found.addresses[0].city if found.addresses else "",
        "occupation": found.occupation,
        "company": found.company,
        "note": found.note,
        **{f"custom_{key}": str(value) for key, value in found.custom.items()},
    }
    for rule in rules:
        value = shown.get(rule.field, "")
        if rule.field in errors:
            continue
        if not value:
            if rule.is_required and is_strict and (rule.field in shown or rule.field.startswith("custom_")):
                errors[rule.field] = FieldMissing(field=rule.field)
        elif rule.shortest and len(value) < rule.shortest:
            errors[rule.field] = FieldTooShort(limit=rule.shortest, field=rule.field)
        elif rule.longest and len(value) > rule.longest:
            errors[rule.field] = FieldTooLong(limit=rule.longest, field=rule.field)
        elif rule.pattern and not _fits(rule.pattern, value):
            errors[rule.field] = FieldNotInPattern(hint=getattr(rule, "hint", ""), field=rule.field)


def _fits(pattern: str, value: str) -> bool:
    """A pattern that is no regular expression asks nothing (settings check it when it is set)."""
    try:
        return re.fullmatch(pattern, value[:200]) is not None
    except re.error:
        return True
