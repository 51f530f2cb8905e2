"""Checks a password against the rules and says in one sentence what to do; also plugged into Django's own hook."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth import password_validation
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.access.rules import MAX_LENGTH, MIN_LENGTH, PasswordProblem, password_problem
from dianke.core.errors import InvalidInput


class PasswordRefused(InvalidInput):
    default_field = "password"


class PasswordTooShort(PasswordRefused):
    code = "password_too_short"
    message = _(
        "The password has fewer than %(shortest)s characters. Use a short sentence; 15 characters are better."
    )


class PasswordTooLong(PasswordRefused):
    code = "password_too_long"
    message = _("The password has more than %(longest)s characters. Please shorten it.")


class PasswordCommon(PasswordRefused):
    code = "password_common"
    message = _("This password is on the list attackers try first. Choose one that only you would think of.")


class PasswordPattern(PasswordRefused):
    code = "password_pattern"
    message = _(
        "This password is a row of keys, a date or a repetition. Add words that do not follow from each other."
    )


class PasswordAboutYou(PasswordRefused):
    code = "password_about_you"
    message = _(
        "This password consists of your name, your sign-in name or the shop's name. Choose other words."
    )


class PasswordSame(PasswordRefused):
    code = "password_same"
    message = _("This is the password you have now. Choose another one.")


_REFUSALS: dict[PasswordProblem, type[PasswordRefused]] = {
    PasswordProblem.TOO_SHORT: PasswordTooShort,
    PasswordProblem.TOO_LONG: PasswordTooLong,
    PasswordProblem.COMMON: PasswordCommon,
    PasswordProblem.PATTERN: PasswordPattern,
    PasswordProblem.ABOUT_YOU: PasswordAboutYou,
    PasswordProblem.SAME: PasswordSame,
}


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """The 20,000 most common passwords, lower case; the list comes with Django."""
    path = Path(password_validation.__file__).parent / "common-passwords.txt.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return frozenset(line.strip() for line in lines)


def context_words(user: User) -> set[str]:
    """Words an attacker would try first for this person: name (also in pinyin), sign-in name, email, the merchant."""
    words = {
        user.username,
        user.name,
        user.email.partition("@")[0],
        *user.name.split(),
        *user.username.split("."),
    }
    words |= _romanised(user.name)
    if settings.DIANKE_CONTEXT_WORDS:
        for word in import_string(settings.DIANKE_CONTEXT_WORDS)():
            words |= {word, *_romanised(word)}
    return {word for word in words if word}


def _romanised(name: str) -> set[str]:
    from pypinyin import lazy_pinyin

    if not any(character > "\u2e80" for character in name):
        return set()
    syllables = lazy_pinyin(name)
    return {"".join(syllables), "".join(s[:1] for s in syllables), "".join(syllables[1:]), syllables[0]}


def check_password_rules(password: str, user: User) -> None:
    """Raise the `PasswordRefused` that fits; nothing when the password will do."""
    problem = password_problem(password, context=context_words(user), common=common_passwords())
    if problem is None and user.has_usable_password() and check_password(password, user.password):
        problem = PasswordProblem.SAME
    if problem is not None:
        raise _REFUSALS[problem](shortest=MIN_LENGTH, longest=MAX_LENGTH)


class HouseRules:
    """For `AUTH_PASSWORD_VALIDATORS`: whoever goes through Django's hook meets the same rules."""

    def validate(self, password: str, user: User | None = None) -> None:
        try:
            check_password_rules(password, user or User())
        except PasswordRefused as error:
            raise ValidationError(str(error), code=error.code) from error

    def get_help_text(self) -> str:
        return str(
            _("At least 8 characters, better 15: a short sentence is easy to remember and hard to guess.")
        )
