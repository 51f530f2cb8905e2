"""What makes a password or PIN too easy to guess, and how time-based codes are computed."""

from __future__ import annotations

import enum
import hashlib
import hmac
import itertools
import re
from collections.abc import Container, Iterable
from datetime import date

# --- time-based one-time codes (RFC 6238 over RFC 4226) -------------------------------------------------
TOTP_PERIOD_SECONDS = 30
TOTP_DIGITS = 6


def totp_counter(timestamp: float) -> int:
    """The time step a Unix time lies in (RFC 6238 §4.2, T0 = 0, X = 30 s)."""
    return int(timestamp // TOTP_PERIOD_SECONDS)


def hotp_code(secret: bytes, counter: int, digits: int = TOTP_DIGITS) -> str:
    """HMAC-SHA-1 of the counter, dynamically truncated (RFC 4226 §5.3). Authenticator apps know only SHA-1."""
    mac = hmac.digest(secret, counter.to_bytes(8, "big"), hashlib.sha1)
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}}"


def matching_counter(secret: bytes, code: str, timestamp: float, *, after: int = -1) -> int | None:
    """The time step `code` belongs to, if it is the present one or the one before and later than `after`.

    One step back allows for the time of typing (RFC 6238 §5.2); `after` is the step of the last accepted
    code, so each is good once. None when nothing matches. Both candidates are always compared.
    """
    now = totp_counter(timestamp)
    found = None
    for counter in (now - 1, now):
        if hmac.compare_digest(hotp_code(secret, counter).encode(), code.encode()) and counter > after:
            found = counter
    return found


# --- passwords -------------------------------------------------------------------------------------------
MIN_LENGTH = 8
ADVISED_LENGTH = 15
MAX_LENGTH = 128


class PasswordProblem(enum.StrEnum):
    """Why a password is refused (ASVS 5.0 V6.2)."""

    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    COMMON = "COMMON"
    PATTERN = "PATTERN"
    ABOUT_YOU = "ABOUT_YOU"
    SAME = "SAME"


_ROWS = (
    "`1234567890-=",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "!@#$%^&*()_+",
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    # Diagonals of the keyboard, as in 1qaz2wsx3edc.
    *("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/"),
    *("zaq1", "xsw2", "cde3", "vfr4", "bgt5", "nhy6", "mju7"),
)
_WALKS = tuple(row + "\0" + row[::-1] for row in _ROWS)

#: What Chinese shops and families write first: love, luck, welcome, and words for password and shop.
SHOP_WORDS = (
    *(
        "dianke",
        "店客",
        "woaini",
        "wodemima",
        "mima",
        "mimashi",
        "huanying",
        "gongxi",
        "facai",
        "gongxifacai",
    ),
    *("zhaocai", "wangpu", "dianpu", "dianzhang", "laoban", "laobanniang", "shouyin", "kuaile", "xingfu"),
    *("admin", "administrator", "root", "password", "passw0rd", "p@ssw0rd", "welcome", "letmein", "iloveyou"),
    *(
        "guanliyuan",
        "nihao",
        "baobao",
        "baobei",
        "jintian",
        "zhongguo",
        "beijing",
        "shanghai",
        "taobao",
        "weixin",
    ),
)
_LUCKY = ("5201314", "1314520", "520", "521", "1314", "168", "888", "666", "518", "8888", "6666", "147258369")
_DATE = re.compile(r"(?:19[4-9]\d|20[0-4]\d)(?:0?[1-9]|1[0-2])(?:0?[1-9]|[12]\d|3[01])")
_YEAR = re.compile(r"(?:19[4-9]\d|20[0-4]\d)")


def password_problem(
    password: str, *, context: Iterable[str] = (), common: Container[str] = frozenset()
) -> PasswordProblem | None:
    """The first reason to refuse `password`, or None.

    Length counts characters as typed (nothing is trimmed or normalised, ASVS 6.2.8); there is no rule about kinds
    of characters (6.2.5). `context` are words an attacker would try first for this person: names, sign-in name,
    the merchant. `common` is a list in lower case. A guessable piece is refused only when what is left beside it
    is shorter than four characters: 「我在dianke卖沙发」 is fine, `dianke888` is not.
    """
    if len(password) < MIN_LENGTH:
        return PasswordProblem.TOO_SHORT
    if len(password) > MAX_LENGTH:
        return PasswordProblem.TOO_LONG
    lowered = password.lower()
    if lowered in common or re.sub(r"\W+|_", "", lowered) in common:
        return PasswordProblem.COMMON
    for word in sorted({w.lower().strip() for w in context}, key=len, reverse=True):
        if len(word) >= 3 or (len(word) == 2 and word > "\u2e80"):
            rest = lowered.replace(word, "").replace(word[::-1], "")
            if rest != lowered and len(_without_filler(rest)) < 4:
                return PasswordProblem.ABOUT_YOU
    rest = lowered
    for word in sorted(SHOP_WORDS, key=len, reverse=True):
        rest = rest.replace(word, "")
    if rest != lowered and len(_without_filler(rest)) < 4:
        return PasswordProblem.COMMON
    if len(_without_filler(lowered)) < 4:
        return PasswordProblem.PATTERN
    return None


def _without_filler(text: str) -> str:
    """`text` without dates, years, lucky numbers, keyboard walks and repetitions; separators do not count."""
    text = re.sub(r"[\s._\-@#!?*+]+", "", text)
    text = _DATE.sub("", text)
    for lucky in sorted(_LUCKY, key=len, reverse=True):
        text = text.replace(lucky, "")
    text = _YEAR.sub("", text)
    text = _without_walks(text)
    # abcabcabc, aaaa: what repeats counts once.
    return re.sub(r"(.{1,6}?)\1{1,}", r"\1", text)


def _without_walks(text: str) -> str:
    kept = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and any(text[start : end + 1] in walk for walk in _WALKS):
            end += 1
        # Two neighbours on the keyboard happen in any word; four in a row do not.
        kept.append("" if end - start >= 4 else text[start:end])
        start = end
    return "".join(kept)


def password_strength(password: str) -> int:
    """0 to 4 for the meter beside the field: how far it is from the advised length, filler not counted."""
    worth = len(_without_filler(password.lower())) + len(set(password)) / 2
    return min(4, int(worth * 4 / (ADVISED_LENGTH + 6)))


# --- PINs ------------------------------------------------------------------------------------------------
class PinProblem(enum.StrEnum):
    """Why a till PIN is refused."""

    FORM = "FORM"
    REPEATED = "REPEATED"
    SEQUENCE = "SEQUENCE"
    DATE = "DATE"
    COMMON = "COMMON"


_COMMON_PINS = frozenset(
    (
        "2580",
        "0852",
        "1314",
        "0520",
        "5201",
        "1357",
        "2468",
        "7410",
        "0147",
        "1470",
        "147258",
        "258369",
        "369258",
        "147369",
        "159357",
        "789456",
        "456789",
        "520131",
        "131452",
        "520520",
        "131420",
        "168168",
        "518518",
        "888666",
        "666888",
        "112233",
        "332211",
        "123123",
        "321321",
        "101010",
    )
)


def pin_problem(pin: str) -> PinProblem | None:
    """The first reason to refuse `pin`, or None.

    Any date is refused, not only the person's own birthday: this room does not know birthdays, and family
    dates are what colleagues try first.
    """
    if not re.fullmatch(r"[0-9]{4,6}", pin):
        return PinProblem.FORM
    if len(set(pin)) == 1 or any(pin == pin[:size] * (len(pin) // size) for size in (1, 2, 3)):
        return PinProblem.REPEATED
    steps = {(int(b) - int(a)) % 10 for a, b in itertools.pairwise(pin)}
    if steps in ({1}, {9}):
        return PinProblem.SEQUENCE
    if _is_date(pin):
        return PinProblem.DATE
    if pin in _COMMON_PINS or (len(set(pin)) == 2 and len(pin) > 4):
        return PinProblem.COMMON
    return None


def _is_date(pin: str) -> bool:
    """MMDD, a year; YYMMD, YYMDD; YYMMDD, YYYYMM."""
    if len(pin) == 4:
        return _is_day(pin[:2], pin[2:]) or 1940 <= int(pin) <= 2049
    if len(pin) == 6:
        is_month = 1940 <= int(pin[:4]) <= 2049 and 1 <= int(pin[4:]) <= 12
        return _is_day(pin[2:4], pin[4:]) or is_month
    return False


def _is_day(month: str, day: str) -> bool:
    try:
        date(2000, int(month), int(day))
    except ValueError:
        return False
    return True
