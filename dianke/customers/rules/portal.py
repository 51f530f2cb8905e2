"""What the customer's own phone may be told: when a proven number is enough, when a second fact is asked for, who needs
a guardian. Numbers are given to new people after a while, so a number alone never opens somebody's profile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dianke.core.names import fold
from dianke.customers.rules.dates import DateEntry
from dianke.customers.rules.placeholders import name_is_empty, name_is_titled

#: What a message with a code is about, as carriers know it.
CODE_OCCASION = "customers.code"
CODE_DIGITS = 6
CODE_LIFE = timedelta(minutes=5)
CODE_TRIES = 5
CODE_AGAIN = timedelta(seconds=60)
#: Carriers keep a number off the market for about this long before somebody else gets it.
NUMBER_RESTS = timedelta(days=90)
SESSION_LIFE = timedelta(days=180)
SESSION_IDLE = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Known:
    """What one profile knows that its owner would know too. `proven_at` is when its owner last proved the number."""

    customer_id: int
    names: tuple[str, ...] = ()
    birthdays: tuple[DateEntry, ...] = ()
    proven_at: datetime | None = None

    def was_proven_lately(self, now: datetime) -> bool:
        """Within the time a number rests: it cannot have gone to somebody else."""
        return self.proven_at is not None and now - self.proven_at < NUMBER_RESTS


def names_agree(given: str, known: Iterable[str]) -> bool:
    """Whether the name is one the profile is known by, in whatever script. Titles ("王女士") agree with nothing."""
    plain = fold(given)
    if len(plain) < 2 or _is_called(given) or name_is_empty(given):
        return False
    return any(fold(name) == plain for name in known)


def names_clash(given: str, known: Iterable[str]) -> bool:
    """Whether the profile carries another person's name. A profile without a name, or with a title of the same
    surname, contradicts nobody."""
    plain = fold(given)
    others = [name for name in known if fold(name) and not name_is_empty(name)]
    if not plain or not others:
        return False
    return not any(
        fold(name) == plain or (_is_called(name) and _surname_called(name) in plain[:2]) for name in others
    )


def _is_called(name: str) -> bool:
    """王女士, 李总, 小王, 老张: how a shop calls people whose name it does not know."""
    plain = fold(name)
    return name_is_titled(name) or (len(plain) == 2 and plain[0] in "小老阿")


def _surname_called(title: str) -> str:
    """The surname in 王女士 or 小王."""
    return fold(title).lstrip("小老阿")[:1]


def birthdays_agree(given: DateEntry | None, known: Iterable[DateEntry]) -> bool:
    """Same calendar, month and day (leap month told apart), and the same year where both say one."""
    return given is not None and any(
        (given.calendar, given.month, given.day, given.is_leap)
        == (each.calendar, each.month, each.day, each.is_leap)
        and (given.year is None or each.year is None or given.year == each.year)
        for each in known
    )


def whose(
    known: Sequence[Known], *, name: str = "", birthday: DateEntry | None = None, now: datetime
) -> int | None:
    """The one profile behind a proven number that may be opened; None when it is not certain.

    Without facts: the only profile, if its owner proved the number lately. With facts: the only one whose name or
    birthday agrees. Two that agree are nobody's business to choose from here.
    """
    if not name and birthday is None:
        lately = [each for each in known if each.was_proven_lately(now)]
        return lately[0].customer_id if len(known) == 1 and lately else None
    agreeing = [
        each.customer_id
        for each in known
        if names_agree(name, each.names) or birthdays_agree(birthday, each.birthdays)
    ]
    return agreeing[0] if len(agreeing) == 1 else None


def whose_registration(
    known: Sequence[Known], *, name: str, birthday: DateEntry | None, now: datetime
) -> int | None:
    """The profile a registration with a proven number joins; None makes a record of its own, for review.

    Joins where name or birthday agree, and where the owner proved the number lately and no name contradicts.
    """
    found = whose(known, name=name, birthday=birthday, now=now)
    if found is not None or len(known) != 1:
        return found
    (only,) = known
    return only.customer_id if only.was_proven_lately(now) and not names_clash(name, only.names) else None


def needs_guardian(birthday: DateEntry | None, today: date) -> bool:
    """Under fourteen all data is sensitive and a guardian consents (PIPL article 31)."""
    return birthday is not None and birthday.is_guarded_on(today)
