"""Finding a name however it is typed: characters, traditional or simplified, pinyin or initials.

A name is stored with the search words of `search_text`; what a person types is cut into `query_terms`;
the name is found when every term begins one of its words. That single rule is the whole semantic: a
database index of prefixes over those words and `matches` in Python give the same answer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from opencc import OpenCC

from dianke.core.name_readings import COMPOUND_SURNAMES, SEVERAL_READINGS, SURNAMES

# Bounds that keep a stored row small. A term is cut to the same length as a word, so a longer query still
# finds.
MAX_SPELLINGS = 12
MAX_SPELLINGS_OF_LONG_NAMES = 4
MAX_UNITS = 40
WORD_LENGTH = 24
MAX_TERMS = 8
_LONGEST_GIVEN_NAME = 2

_TO_SIMPLIFIED = OpenCC("t2s")
_HAN = "〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNIT = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]+")
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN = re.compile(rf"[{_HAN}]")
# Inside a word these join (O'Brien, Xi'an); everything else that is no letter or digit separates.
_JOINERS = str.maketrans("", "", "'’‘`´ʼ＇")
_JOINER = re.compile("['’‘`´ʼ＇]")
_MIDDLE_DOT = re.compile(r"[·•・‧∙⋅．]")


class SearchTokens(NamedTuple):
    """Readings of a whole name, likeliest first: full spellings ("shanxiaoyu") and initials ("sxy")."""

    full: tuple[str, ...]
    initials: tuple[str, ...]


class _Unit(NamedTuple):
    """One Chinese character or one word in letters, folded; with its readings in plain letters."""

    text: str
    readings: tuple[str, ...]


def _lazy_pinyin(text: str, *, errors: str = "default") -> list[str]:
    """Plain syllables. The tables are loaded on first use: 58 MB that an idle process need not hold."""
    from pypinyin import Style, lazy_pinyin

    found: list[str] = lazy_pinyin(text, style=Style.NORMAL, errors=errors)
    return found


def fold(text: str) -> str:
    """The form in which names are compared: half-width, lower case, simplified, no accents, spaces or marks.

    Conversion to simplified goes character by character, so that a piece of a name folds as it does
    within it.
    """
    return "".join(_folded_units(text))


def pinyin_tokens(name: str) -> SearchTokens:
    """Every reading of the whole name that is worth finding, at most MAX_SPELLINGS.

    A surname has its surname reading first (单 shan, 查 zha, 尉迟 yuchi), the everyday one after it for
    those who do not know; a character of a given name with several readings yields all the common ones. ü is
    written v, and also u and yu as input methods and passports have it.
    """
    full: dict[str, None] = {}
    initials: dict[str, None] = {}
    for reading in _spellings(_units(name), name):
        full["".join(reading)] = None
        initials["".join(syllable[:1] for syllable in reading)] = None
    full.pop("", None)
    initials.pop("", None)
    return SearchTokens(tuple(full), tuple(initials))


def search_text(name: str) -> str:
    """The search words of a name, separated by spaces, for a column: each word a beginning is looked up in.

    Words are: the folded name from each of its characters on (so that any fragment begins a word), each
    spelling from each syllable on, the initials from each syllable on, and the surname spelled out with the
    initials of the given name ("wangxm"). About 150 bytes for a Chinese name.
    """
    return " ".join(_words(name))


def query_terms(query: str) -> list[str]:
    """What to look for: the runs of characters and of letters in a query, folded; all must be found.

    "王 xm" and "王xm" give ["王", "xm"]. At most MAX_TERMS.
    """
    runs = _RUN.findall(_plain(query))
    terms = dict.fromkeys(_fold_run(run)[:WORD_LENGTH] for run in runs)
    return [term for term in terms if term][:MAX_TERMS]


def matches(query: str, name: str) -> bool:
    """Whether a query finds a name. A query without letters or digits asks nothing and finds nothing."""
    terms = query_terms(query)
    words = _words(name)
    return bool(terms) and all(any(word.startswith(term) for word in words) for term in terms)


def _words(name: str) -> list[str]:
    return _words_of_plain_name(name) or _words_of_units(name)


def _words_of_plain_name(name: str) -> list[str]:
    """What `_words_of_units` gives for two or three characters with one reading each, at a quarter of its cost: most
    names of a file are such. Nothing for every other name."""
    if not 2 <= len(name) <= 3:
        return []
    alone = [_read_alone(char) for char in name]
    surname = alone[0][0]
    if not all(reading for _char, reading in alone) or surname in SURNAMES:
        return []
    if len(name) == 2:
        (a, x), (b, y) = alone
        words = [a + b, b, x + y, y, x[0] + y[0], y[0], x + y[0]]
    else:
        (a, x), (b, y), (c, z) = alone
        if a + b in COMPOUND_SURNAMES:
            return []
        given = y[0] + z[0]
        words = [a + b + c, b + c, c, x + y + z, y + z, z, x[0] + given, given, z[0], x + given]
    return list(dict.fromkeys(words))


@lru_cache(maxsize=40_000)
def _read_alone(char: str) -> tuple[str, str]:
    """The character in its simplified form, and its reading if it is a Chinese one that has but one; else ""."""
    readings = _readings(char) if "\u4e00" <= char <= "\u9fff" else ()
    return (_simplified(char), readings[0] if len(readings) == 1 else "")


def _words_of_units(name: str) -> list[str]:
    units = _units(name)[:MAX_UNITS]
    words: dict[str, None] = dict.fromkeys(_tails([unit.text for unit in units]))
    surname = _surname_length(name, units)
    for reading in _spellings(units, name):
        words |= dict.fromkeys(_tails(reading))
        initials = [syllable[:1] for syllable in reading]
        words |= dict.fromkeys(_tails(initials))
        if surname and len(reading) > surname:
            words["".join([*reading[:surname], *initials[surname:]])[:WORD_LENGTH]] = None
    words.pop("", None)
    return list(words)


def _tails(parts: Sequence[str]) -> Iterator[str]:
    for start in range(len(parts)):
        yield "".join(parts[start : start + WORD_LENGTH])[:WORD_LENGTH]


def _plain(text: str) -> str:
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    return text if _JOINER.search(text) is None else text.translate(_JOINERS)


def _folded_units(text: str) -> list[str]:
    if text and min(text) >= "\u4e00" and max(text) <= "\u9fff":  # Chinese characters alone, as in most names
        return list(map(_simplified, text))
    return [_fold_run(unit) for unit in _UNIT.findall(_plain(text))]


def _fold_run(run: str) -> str:
    if _IS_HAN.match(run):
        return "".join(map(_simplified, run))
    # Casefold can bring new accents ("İ"), so the accents go after it.
    apart = unicodedata.normalize("NFKD", run.casefold())
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    return unicodedata.normalize("NFKC", bare)


@lru_cache(maxsize=40_000)
def _simplified(char: str) -> str:
    return str(_TO_SIMPLIFIED.convert(char))


def _units(name: str) -> list[_Unit]:
    """The name cut up, each character with its readings, those of the surname settled."""
    found = _UNIT.findall(_plain(name))
    units = [
        _Unit(_simplified(part), _readings(part))
        if _IS_HAN.match(part)
        else _Unit(folded := _fold_run(part), (folded,))
        for part in found
    ]
    length = _surname_length(name, units)
    settled = SURNAMES.get("".join(unit.text for unit in units[:length]), ())
    for position, syllable in enumerate(settled):
        others = [reading for reading in units[position].readings if reading != syllable]
        units[position] = units[position]._replace(readings=(syllable, *others))
    return units


def _surname_length(name: str, units: Sequence[_Unit]) -> int:
    """How many leading characters are a Chinese surname; 0 for transliterated names (a middle dot) and
    others.
    """
    if len(units) < 2 or not _IS_HAN.match(units[0].text) or _MIDDLE_DOT.search(name):
        # A lone surname, as in "单女士" with the title cut off, still has its surname reading.
        return 1 if len(units) == 1 and units[0].text in SURNAMES else 0
    if len(units) > 2 and "".join(unit.text for unit in units[:2]) in COMPOUND_SURNAMES:
        return 2
    return 1


def _spellings(units: Sequence[_Unit], name: str) -> list[tuple[str, ...]]:
    """Combinations of readings, likeliest first, bounded."""
    units = units[:MAX_UNITS]
    choices = [unit.readings for unit in units if unit.readings]
    if not choices:
        return []
    spellings: dict[tuple[str, ...], None] = {}
    limit = MAX_SPELLINGS
    if len(units) > _surname_length(name, units) + _LONGEST_GIVEN_NAME:
        # Firms and goods are made of words (重庆, 银行), whose reading the dictionary of phrases knows.
        limit = MAX_SPELLINGS_OF_LONG_NAMES
        if phrase := _phrase_reading(units, name):
            spellings[phrase] = None
    for spelling in _likeliest(_bounded(choices)):
        if len(spellings) >= limit:
            break
        spellings[spelling] = None
    return list(spellings)


def _bounded(choices: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Keep only the first reading from where the combinations would become too many."""
    bounded: list[tuple[str, ...]] = []
    size = 1
    for readings in choices:
        kept = readings if size * len(readings) <= 4 * MAX_SPELLINGS else readings[:1]
        size *= len(kept)
        bounded.append(kept)
    return bounded


def _likeliest(choices: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """All combinations, those with the fewest rare readings first."""
    ranked = product(*(tuple(enumerate(readings)) for readings in choices))
    in_order = sorted(ranked, key=lambda picked: sum(rank for rank, _reading in picked))
    return [tuple(reading for _rank, reading in picked) for picked in in_order]


def _phrase_reading(units: Sequence[_Unit], name: str) -> tuple[str, ...] | None:
    reading: list[str] = []
    for run in _RUN.findall(_plain(name)):
        if _IS_HAN.match(run):
            reading += _lazy_pinyin(_fold_run(run[:MAX_UNITS]), errors="ignore")
        else:
            reading.append(_fold_run(run))
    # Characters unknown to the dictionary would shift the syllables; then the single readings must do.
    same_length = len(reading[:MAX_UNITS]) == len(units) and all(reading)
    return tuple(reading[:MAX_UNITS]) if same_length else None


@lru_cache(maxsize=40_000)
def _readings(char: str) -> tuple[str, ...]:
    """The living readings of one character, without tones, commonest first; none if it has no pinyin."""
    readings = SEVERAL_READINGS.get(_simplified(char)) or _lazy_pinyin(char, errors="ignore")
    spelled = dict.fromkeys(spelling for reading in readings for spelling in _umlaut_spellings(reading))
    return tuple(spelled)


def _umlaut_spellings(reading: str) -> list[str]:
    if "v" not in reading:
        return [reading]
    return [reading, reading.replace("v", "u"), reading.replace("v", "yu")]
