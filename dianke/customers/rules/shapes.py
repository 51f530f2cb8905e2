"""What comes in about one customer as typed (`Entry`), and the same in the form in which it is kept (`Normalised`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Protocol

from dianke.core.errors import InvalidInput
from dianke.core.json_bytes import encoded
from dianke.customers.rules.addresses import AddressEntry
from dianke.customers.rules.dates import DateEntry

MOST_CONTACTS, MOST_TAGS = 20, 30


# --- what comes in --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class PhoneEntry:
    """A number as typed. `is_shared`: a family's or firm's, which never joins profiles."""

    text: str
    use: str = "MOBILE"
    is_preferred: bool = False
    is_shared: bool = False
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConsentEntry:
    """`purpose` and `channel` as the models name them; `text_id` the ConsentText that was shown."""

    purpose: str
    channel: str = "ANY"
    is_given: bool = True
    text_id: int | None = None


@dataclass(slots=True, kw_only=True)
class Entry:
    """What came about one customer, as typed; every field optional. `guardian` says which parent or guardian agreed,
    for people under 14. `email_verified_at` belongs to the first email. It is not to be changed, but not frozen
    either: that would take three times as long to make, and a file brings very many."""

    kind: str = "PERSON"
    name: str = ""
    aliases: str = ""
    gender: str = ""
    occupation: str = ""
    company: str = ""
    credit_code: str = ""
    phones: tuple[PhoneEntry, ...] = ()
    emails: tuple[str, ...] = ()
    email_verified_at: datetime | None = None
    wechat: str = ""
    unionid: str = ""
    openid: str = ""
    wecom: str = ""
    document: str = ""
    member_number: str = ""
    birthday: DateEntry | None = None
    dates: tuple[DateEntry, ...] = ()
    addresses: tuple[AddressEntry, ...] = ()
    note: str = ""
    tags: tuple[str, ...] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)
    sensitive: Mapping[str, Any] = field(default_factory=dict)
    consents: tuple[ConsentEntry, ...] = ()
    guardian: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)


class FieldRule(Protocol):
    """What the merchant asks of one field (the model EntryRule has this shape)."""

    @property
    def field(self) -> str: ...
    @property
    def is_required(self) -> bool: ...
    @property
    def pattern(self) -> str: ...
    @property
    def shortest(self) -> int | None: ...
    @property
    def longest(self) -> int | None: ...


#: Fields a rule can be made for, beside `custom_<key>`; the names forms use.
RULED = ("name", "phone", "gender", "birthday", "email", "wechat", "address", "occupation", "company", "note")


# --- what is kept ---------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Contact:
    """A contact point in its one form: phones in E.164, emails folded."""

    kind: str
    value: str
    use: str = ""
    extension: str = ""
    is_preferred: bool = False
    is_shared: bool = False
    verified_at: datetime | None = None

    @property
    def is_key(self) -> bool:
        """Whether the same person is found by it; numbers shared on purpose are none."""
        return self.kind in KEY_KINDS and not self.is_shared


#: Kinds that may tell that two entries are one person. WeChat names are typed wrongly too often.
KEY_KINDS = ("PHONE", "EMAIL", "UNIONID", "OPENID", "WECOM", "DOCUMENT")
#: Of these the ones a third party or a document vouches for.
VERIFIED_KINDS = ("UNIONID", "OPENID", "WECOM", "DOCUMENT")


#: The fields of an entry that are fields of the profile as they are.
_WORDS = (
    "name",
    "aliases",
    "gender",
    "occupation",
    "company",
    "credit_code",
    "note",
    "guardian",
)
_PLAIN = ("kind", *_WORDS, "member_number")
_plain_of = attrgetter(*_PLAIN)

#: The contact points that are shown as fields of the profile.
_SHOWN_KINDS = {"PHONE": "phone", "EMAIL": "email", "WECHAT": "wechat"}


@dataclass(slots=True, kw_only=True)
class Normalised:
    """An entry in the one form in which it is kept. `dropped` says per field why something was left out."""

    kind: str = "PERSON"
    name: str = ""
    aliases: str = ""
    gender: str = ""
    occupation: str = ""
    company: str = ""
    credit_code: str = ""
    contacts: tuple[Contact, ...] = ()
    member_number: str = ""
    dates: tuple[DateEntry, ...] = ()
    addresses: tuple[AddressEntry, ...] = ()
    note: str = ""
    tags: tuple[str, ...] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)
    sensitive: Mapping[str, Any] = field(default_factory=dict)
    consents: tuple[ConsentEntry, ...] = ()
    guardian: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)
    dropped: Mapping[str, InvalidInput] = field(default_factory=dict)

    def of_kind(self, kind: str) -> tuple[Contact, ...]:
        return tuple(contact for contact in self.contacts if contact.kind == kind)

    @property
    def keys(self) -> tuple[Contact, ...]:
        """The contact points by which the same person is found."""
        return tuple(contact for contact in self.contacts if contact.is_key)

    @property
    def birthday(self) -> DateEntry | None:
        for day in self.dates:
            if day.kind == "BIRTHDAY":
                return day
        return None

    def is_minor_on(self, today: date) -> bool:
        """Whether the birthday tells of somebody under 14."""
        birthday = self.birthday
        return birthday is not None and birthday.is_guarded_on(today)

    def fields(self) -> dict[str, Any]:
        """The profile fields the entry speaks about, as `SourceRecord.payload["fields"]` keeps them and
        `rules/survivorship.py` reads them. Only what is there; `custom` and `sensitive` one entry per key."""
        found: dict[str, Any] = {
            name: value for name, value in zip(_PLAIN, _plain_of(self), strict=True) if value
        }
        preferred: set[str] = set()
        for contact in self.contacts:
            name = _SHOWN_KINDS.get(contact.kind)
            if name and name not in preferred and (contact.is_preferred or name not in found):
                found[name] = contact.value
                if contact.is_preferred:
                    preferred.add(name)
        if birthday := self.birthday:
            found["birthday"] = birthday.to_json()
        if self.addresses:
            found["address"] = self.addresses[0].to_json()
        if self.custom:
            found |= {f"custom.{key}": value for key, value in self.custom.items()}
        if self.sensitive:
            found |= {f"sensitive.{key}": value for key, value in self.sensitive.items()}
        return found

    def parts(self) -> dict[str, Any]:
        """Everything that is not a profile field, as JSON: what waits in a record until it has been looked through."""
        return {
            "contacts": [
                {
                    "kind": c.kind,
                    "value": c.value,
                    "use": c.use,
                    "extension": c.extension,
                    "is_preferred": c.is_preferred,
                    "is_shared": c.is_shared,
                    "verified_at": c.verified_at.isoformat() if c.verified_at else None,
                }
                for c in self.contacts
            ],
            "dates": [day.to_json() for day in self.dates],
            "addresses": [address.to_json() for address in self.addresses],
            "tags": list(self.tags),
            "consents": [
                {"purpose": c.purpose, "channel": c.channel, "is_given": c.is_given, "text_id": c.text_id}
                for c in self.consents
            ],
        }

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Normalised:
        """What a record says, from its payload with `fields` and `parts`."""
        fields, parts = dict(payload.get("fields", {})), payload.get("parts", {})
        plain: dict[str, Any] = {name: fields.get(name) or "" for name in _WORDS}
        return cls(
            kind=fields.get("kind") or "PERSON",
            **plain,
            contacts=tuple(
                Contact(
                    **{
                        **one,
                        "verified_at": datetime.fromisoformat(one["verified_at"])
                        if one["verified_at"]
                        else None,
                    }
                )
                for one in parts.get("contacts", ())
            ),
            dates=tuple(DateEntry.from_json(one) for one in parts.get("dates", ())),
            addresses=tuple(AddressEntry.from_json(one) for one in parts.get("addresses", ())),
            tags=tuple(parts.get("tags", ())),
            consents=tuple(ConsentEntry(**one) for one in parts.get("consents", ())),
            custom={key[7:]: value for key, value in fields.items() if key.startswith("custom.")},
            sensitive={key[10:]: value for key, value in fields.items() if key.startswith("sensitive.")},
            raw=payload.get("raw", {}),
        )

    def fingerprint_text(self, fields: Mapping[str, Any] | None = None) -> str:
        """One text for one content, to be hashed with a key: the same row of the same file gives the same text.
        `fields` are those of `fields()`, where they are known already."""
        said = [
            self.fields() if fields is None else fields,
            [(c.kind, c.value, c.use, c.extension, c.is_preferred, c.is_shared) for c in self.contacts],
            [(day.kind, day.label, *day.key) for day in self.dates],
            [address.to_json() for address in self.addresses],
            self.tags,
            [(c.purpose, c.channel, c.is_given, c.text_id) for c in self.consents],
        ]
        return encoded(said, default=str).decode()
