"""What the engine compares: one record of a person or firm, with its values already normalised.

A record carries values, never rows: the room that keeps customers fills it from wherever a record came from,
and hears verdicts about numbers it gave itself. Nothing here touches a database.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Calendar(StrEnum):
    SOLAR = "SOLAR"
    LUNAR = "LUNAR"


@dataclass(frozen=True, slots=True)
class Birth:
    """A birthday as it was given. `year` is the year of its calendar, None where it was not told."""

    month: int
    day: int
    year: int | None = None
    calendar: Calendar = Calendar.SOLAR
    is_leap: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """One record to compare, normalised. Empty values are "" / () / None.

    `phones` in E.164, `emails` folded, `unionid`, `member_number` and `document` verified identities (for the
    document a keyed hash does as well as the number). Address pieces and `company` are plain text.
    """

    id: int
    name: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    unionid: str = ""
    member_number: str = ""
    document: str = ""
    gender: str = ""
    birth: Birth | None = None
    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    postcode: str = ""
    company: str = ""
    is_company: bool = False
