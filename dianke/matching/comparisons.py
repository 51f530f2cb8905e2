"""The sides of a record that are compared, and the levels of agreement of each, made for Chinese customers.

A comparison is a list of levels from "the same" to "different"; a pair is at the first level whose condition holds.
What a level is worth is not said here: that is learnt from data (training.py) and kept in the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.matching.conditions import (
    Alike,
    All,
    BeginsWith,
    Both,
    Condition,
    Crossed,
    Differ,
    Edits,
    Longer,
    Near,
    OneIs,
    OneLacks,
    Otherwise,
    Prepared,
    Same,
    Shared,
    Some,
    Within,
)

MISSING = "MISSING"


class State(StrEnum):
    """What a level says to a person at a glance."""

    AGREES = "AGREES"
    CLOSE = "CLOSE"
    DIFFERS = "DIFFERS"
    MISSING = "MISSING"


@dataclass(frozen=True, slots=True)
class Level:
    """`by_rarity`: worth more for a rare value. `by_holders`: worth more the fewer records hold the value."""

    code: str
    detail: Promise | str
    state: State
    condition: Condition
    by_rarity: bool = False
    by_holders: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """`given` are the columns that make a value: a record without any of them has none. `shown` is displayed."""

    code: str
    label: Promise | str
    given: tuple[str, ...]
    shown: tuple[str, ...]
    levels: tuple[Level, ...]

    def level_of(self, left: Prepared, right: Prepared) -> Level | None:
        """The level of a pair; None when either side has no value."""
        if not (self.is_given(left) and self.is_given(right)):
            return None
        return next(level for level in self.levels if level.condition.holds(left, right))

    def is_given(self, record: Prepared) -> bool:
        return any(record[column] is not None for column in self.given)

    def level(self, code: str) -> Level:
        return next(level for level in self.levels if level.code == code)

    def missing_sql(self, side: str) -> str:
        return f"coalesce({', '.join(f'{side}.{column}::VARCHAR' for column in self.given)}) IS NULL"


NAME = Comparison(
    "name",
    _("Name"),
    given=("full", "surname_spelled", "nick", "initials"),
    shown=("name",),
    levels=(
        Level(
            "DIFFERENT_KIND",
            _("one is a person, the other a company"),
            State.DIFFERS,
            Differ("kind"),
        ),
        Level(
            "EXACT",
            _("the same name"),
            State.AGREES,
            All(Same("full"), Some(Longer("given_spelled", 1), Both("kind", "COMPANY"))),
            by_rarity=True,
        ),
        Level("FIRM", _("the same company, written differently"), State.AGREES, Same("core"), by_rarity=True),
        Level(
            "FIRM_SHORT",
            _("a short form of the company’s name"),
            State.CLOSE,
            All(
                Longer("core", 2),
                Some(Within("core", "core"), Alike("spelled", 0.94)),
                Both("kind", "COMPANY"),
            ),
        ),
        Level(
            "FIRM_DIFFERENT",
            _("different companies"),
            State.DIFFERS,
            Both("kind", "COMPANY"),
        ),
        Level(
            "PINYIN",
            _("the same name, once in pinyin"),
            State.AGREES,
            All(
                OneIs("script", "PINYIN"),
                Longer("given_spelled", 1),
                Some(Same("spelled"), Crossed("spelled", "spelled_otherwise"), Same("spelled_otherwise")),
            ),
            by_rarity=True,
        ),
        Level(
            "SOUNDS_SAME",
            _("sounds the same, other characters"),
            State.CLOSE,
            All(
                Longer("given_spelled", 1),
                Some(Same("spelled"), Crossed("spelled", "spelled_otherwise")),
            ),
            by_rarity=True,
        ),
        Level(
            "TURNED",
            _("surname and given name the other way round"),
            State.AGREES,
            All(Longer("given_spelled", 1), Some(Crossed("full", "turned"), Same("syllables"))),
            by_rarity=True,
        ),
        Level(
            "SOUNDS_ALIKE",
            _("sounds nearly the same"),
            State.CLOSE,
            All(
                Longer("given_spelled", 1),
                Some(
                    Same("sound"),
                    All(
                        Longer("spelled", 6),
                        Some(OneIs("script", "PINYIN"), OneIs("script", "LATIN")),
                        Edits("spelled", 1),
                    ),
                    All(Both("script", "LATIN"), Alike("spelled", 0.92)),
                ),
            ),
        ),
        Level(
            "INITIALS",
            _("the initials fit"),
            State.CLOSE,
            All(OneIs("script", "INITIALS"), Same("initials")),
        ),
        Level(
            "NICKNAME",
            _("the nickname fits the name"),
            State.CLOSE,
            Some(Within("nick", "given"), Same("nick")),
        ),
        Level(
            "SURNAME_ONLY",
            _("the same surname; only one gives a given name"),
            State.CLOSE,
            # A name in another language, Tom Wang, says nothing of the Chinese given name.
            All(
                Same("surname_spelled"),
                Some(OneLacks("initials"), All(OneIs("script", "LATIN"), Differ("script"))),
            ),
        ),
        Level(
            "ONE_CHARACTER",
            _("one character differs"),
            State.DIFFERS,
            All(
                Same("surname"),
                Both("script", "HAN"),
                Longer("given", 2),
                # Three bytes are one character.
                Edits("given", 3),
            ),
        ),
        Level(
            "GIVEN_ONLY",
            _("the same given name, another surname"),
            State.DIFFERS,
            All(Longer("given_spelled", 4), Same("given_spelled")),
        ),
        Level("SURNAME", _("the same surname, another given name"), State.DIFFERS, Same("surname_spelled")),
        Level("DIFFERENT", _("different names"), State.DIFFERS, Otherwise()),
    ),
)

PHONE = Comparison(
    "phone",
    _("Phone"),
    given=("phone",),
    shown=("phones",),
    levels=(
        Level("SAME", _("the same number"), State.AGREES, Shared("phones"), by_holders=True),
        Level(
            "SLIP",
            _("one digit differs, or two are swapped"),
            State.CLOSE,
            Some(Edits("phone", 1), Edits("phone", 1, "phone_second")),
        ),
        Level("DIFFERENT", _("different numbers"), State.DIFFERS, Otherwise()),
    ),
)

EMAIL = Comparison(
    "email",
    _("Email"),
    given=("email",),
    shown=("emails",),
    levels=(
        Level("SAME", _("the same address"), State.AGREES, Shared("emails"), by_holders=True),
        Level(
            "SLIP",
            _("the same mailbox at another provider, or a slip of typing"),
            State.CLOSE,
            Some(All(Longer("mailbox", 5), Same("mailbox")), All(Longer("mailbox", 5), Edits("email", 1))),
        ),
        Level("DIFFERENT", _("different addresses"), State.DIFFERS, Otherwise()),
    ),
)

BIRTHDAY = Comparison(
    "birthday",
    _("Birthday"),
    given=("birth_day",),
    shown=("birth",),
    levels=(
        Level(
            "EXACT",
            _("the same day"),
            State.AGREES,
            Some(
                All(Same("birth_day"), Same("birth_year"), Same("birth_calendar")),
                All(
                    Differ("birth_calendar"),
                    Crossed("birth_day", "birth_day_converted"),
                    Crossed("birth_year", "birth_year_converted"),
                ),
            ),
        ),
        Level(
            "WITHOUT_YEAR",
            _("the same day; one without the year"),
            State.AGREES,
            All(
                OneLacks("birth_year"),
                Some(
                    All(Same("birth_day"), Same("birth_calendar")),
                    All(Differ("birth_calendar"), Crossed("birth_day", "birth_day_converted")),
                ),
            ),
        ),
        Level(
            "MIXED_CALENDARS",
            _("the same day, once by the solar and once by the lunar calendar"),
            State.CLOSE,
            All(
                Some(OneLacks("birth_year"), Near("birth_year", 1)),
                Some(
                    Crossed("birth_day", "birth_day_converted"),
                    All(Same("birth_day"), Differ("birth_calendar")),
                ),
            ),
        ),
        Level(
            "TURNED",
            _("day and month swapped"),
            State.CLOSE,
            All(Crossed("birth_text", "birth_turned")),
        ),
        Level(
            "SLIP",
            _("one digit differs, or the year by one"),
            State.CLOSE,
            Some(
                All(Same("birth_day"), Near("birth_year", 1)),
                All(
                    Longer("birth_text", 8),
                    Edits("birth_text", 1),
                    Some(Same("birth_day"), Same("birth_year")),
                ),
            ),
        ),
        Level("DIFFERENT", _("different days"), State.DIFFERS, Otherwise()),
    ),
)

GENDER = Comparison(
    "gender",
    _("Gender"),
    given=("gender",),
    shown=("gender",),
    levels=(
        Level("SAME", _("the same"), State.AGREES, Same("gender")),
        Level("DIFFERENT", _("different"), State.DIFFERS, Otherwise()),
    ),
)

ADDRESS = Comparison(
    "address",
    _("Address"),
    given=("road", "district", "city"),
    shown=("province", "city", "district", "street"),
    levels=(
        Level("SAME_DOOR", _("the same door"), State.AGREES, All(Same("road"), Same("door"))),
        Level(
            "SAME_BUILDING",
            _("the same road and building"),
            State.AGREES,
            All(BeginsWith("door"), Some(Same("road"), Alike("road", 0.88))),
        ),
        Level(
            "ROAD", _("the same road, another number"), State.CLOSE, Some(Same("road"), Alike("road", 0.95))
        ),
        Level(
            "DISTRICT",
            _("the same district"),
            State.CLOSE,
            All(Same("district"), OneLacks("road")),
        ),
        Level(
            "OTHER_ROAD",
            _("the same city, another road"),
            State.DIFFERS,
            All(Same("city"), Longer("road", 1)),
        ),
        Level("CITY", _("the same city"), State.CLOSE, Same("city")),
        Level("DIFFERENT", _("different places"), State.DIFFERS, Otherwise()),
    ),
)

EMPLOYER = Comparison(
    "company",
    _("Company"),
    given=("company",),
    shown=("company",),
    levels=(
        Level("SAME", _("the same company"), State.AGREES, Same("company")),
        Level(
            "SHORT",
            _("a short form of the company’s name"),
            State.CLOSE,
            All(Longer("company", 2), Within("company", "company")),
        ),
        Level("DIFFERENT", _("different companies"), State.DIFFERS, Otherwise()),
    ),
)


def identity(code: str, label: Promise | str) -> Comparison:
    """An identity somebody has verified: it agrees, or the two are not one person."""
    return Comparison(
        code,
        label,
        given=(code,),
        shown=(code,),
        levels=(
            Level("SAME", _("the same, verified"), State.AGREES, Same(code)),
            Level("DIFFERENT", _("different, verified"), State.DIFFERS, Otherwise()),
        ),
    )


UNIONID = identity("unionid", _("WeChat"))
MEMBER_NUMBER = identity("member_number", _("Member number"))
DOCUMENT = identity("document", _("Identity document"))

#: In the order in which they are explained.
CUSTOMERS: tuple[Comparison, ...] = (
    UNIONID,
    DOCUMENT,
    MEMBER_NUMBER,
    NAME,
    PHONE,
    EMAIL,
    BIRTHDAY,
    GENDER,
    ADDRESS,
    EMPLOYER,
)


def comparison(code: str, among: Sequence[Comparison] = CUSTOMERS) -> Comparison:
    return next(found for found in among if found.code == code)
