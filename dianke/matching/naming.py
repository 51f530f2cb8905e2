"""A name taken apart for comparing: surname and given name, in characters and in sound, without titles.

People of one shop are 王小明, 王曉明, Wang Xiaoming, xiaoming wang, WXM, 小王, 王女士, 明哥 and 华为技术有限公司. Each
comes to the same few columns, so that any of them can be held against any other.
"""

from __future__ import annotations

import re
from functools import lru_cache

from dianke.core.name_readings import COMPOUND_SURNAMES
from dianke.matching.conditions import Value
from dianke.matching.spelling import folded, plain, readings, sound, spelled, surname_reading, syllables
from dianke.matching.surnames import SURNAME_CHARACTERS, SURNAME_SPELLINGS

#: What a name gives; every column is a text or None.
COLUMNS = (
    "kind",  # PERSON or COMPANY
    "script",  # HAN characters, PINYIN, LATIN (another name in letters), INITIALS
    "full",  # the whole name, folded, without titles
    "turned",  # given name before surname
    "surname",
    "given",
    "surname_spelled",
    "given_spelled",
    "spelled",  # surname and given name in pinyin
    "spelled_otherwise",  # with the second reading of a character, or the other order of the words
    "sound",  # what is heard: 张 and 臧 are one
    "syllables",  # the syllables in alphabetical order: the same for every order of writing
    "nick",  # what is left of the given name in 阿明, 小明, 明哥
    "initials",
    "core",  # of a firm: without place and legal form
)
_NONE: dict[str, Value] = dict.fromkeys(COLUMNS)
_HAN = "〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN_RUN = re.compile(rf"[{_HAN}]+")
_WORDS = re.compile(r"[^\W\d_]+")
_REMARK = re.compile(r"[(（\[【].*?(?:[)）\]】]|$)")
_MIDDLE_DOT = re.compile(r"[·•・‧∙⋅．]")
_TITLE = re.compile(
    r"(?:先生|女士|小姐|太太|夫人|老师|同学|阿姨|叔叔|大姐|大哥|大叔|大爷|大妈|师傅|经理|老板|老板娘|医生|主任|客户|顾客|会员|总)$"
)
_PARENT_OF = re.compile(r"(?:妈妈?|爸爸?|奶奶|爷爷|外婆|外公|姥姥|姥爷|家长)$")
_KIND_WORD = re.compile(r"[哥姐嫂弟妹]$")
_SMALL = frozenset("小老大阿")
_ENGLISH_TITLES = frozenset(("mr", "mrs", "ms", "miss", "dr", "prof", "sir", "madam"))
_FIRM = re.compile(
    r"(?:公司|集团|商行|工作室|事务所|商店|超市|酒店|宾馆|学校|医院|工厂|合作社|经营部|门市部|co\.?,?\s*ltd\.?|limited|"
    r"inc\.?|gmbh|llc|corp\.?)\s*$",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"[(（].*?[)）]")
_LEGAL_FORM = re.compile(
    r"(?:股份有限|有限责任|有限|集团|控股|股份|责任|公司|商行|分公司|总公司|coltd|limited|inc|gmbh|llc|corp)"
)
_PLACE = re.compile(r"^(?:中国)?(?:[^省市区县]{2,3}省)?(?:[^省市区县]{2,3}市)?(?:[^省市区县]{1,3}[区县])?")
_CITIES = re.compile(
    r"^(?:中国)?(?:北京|上海|天津|重庆|广州|深圳|杭州|南京|苏州|成都|武汉|西安|长沙|青岛|宁波|厦门|福州|济南|郑州|合肥|沈阳|大连|东莞|"
    r"佛山|无锡|昆明|浙江|江苏|广东|山东|四川|湖北|湖南|福建|安徽|河南|河北)(?=..)"
)


@lru_cache(maxsize=2_000)
def name_parts(name: str, is_company: bool) -> dict[str, Value]:
    """The columns of a name. Shared between calls: not to be changed."""
    text = _REMARK.sub("", name).strip()
    if not text:
        return _NONE | {"kind": "COMPANY" if is_company else "PERSON"}
    if is_company or _FIRM.search(text):
        return _firm(text)
    han = "".join(_HAN_RUN.findall(text))
    words: list[str] = []
    if len(han) < len(text):
        words = [folded(word) for word in _WORDS.findall(_HAN_RUN.sub(" ", text))]
        words = [word for word in words if word and word not in _ENGLISH_TITLES]
    if han and (len(han) > 1 or not words):
        found = _characters(folded(han), has_dot=bool(_MIDDLE_DOT.search(text)))
    elif han:
        found = _surname_alone(folded(han))
    else:
        found = _letters(words)
    return _NONE | {"kind": "PERSON"} | found


def _firm(text: str) -> dict[str, Value]:
    core = firm_core(text)
    return _NONE | {"kind": "COMPANY", "full": folded(text), "core": core, "spelled": spelled(core)}


@lru_cache(maxsize=50_000)
def firm_core(name: str) -> str:
    """What a firm is called by: 上海晨光文具股份有限公司 is 晨光文具. The whole name when nothing else is left."""
    whole = folded(_IN_BRACKETS.sub("", name)) or folded(name)
    core = _LEGAL_FORM.sub("", whole)
    if "省" in core or "市" in core or "区" in core or "县" in core:
        core = _PLACE.sub("", core)
    core = _CITIES.sub("", core)
    return core or whole


def _characters(text: str, *, has_dot: bool) -> dict[str, Value]:
    if _PARENT_OF.search(text) and len(text) > 1:
        return {}  # 小宝妈妈 names the child, not her
    text = _TITLE.sub("", text) or text
    if len(text) == 2 and _KIND_WORD.search(text):
        return _called(text[0])
    if len(text) == 2 and text[0] in _SMALL:
        return _nickname(text[1]) if text[0] == "阿" else _called(text[1])
    if len(text) == 1:
        return _surname_alone(text)
    if len(text) == 2 and text[0] == text[1] and text[0] not in SURNAME_CHARACTERS:
        return _nickname(text[0])
    if has_dot or len(text) > 4 or (text[0] not in SURNAME_CHARACTERS and len(text) == 2):
        return _chinese("", text)
    if _is_compound(text):
        return _chinese(text[:2], text[2:])
    if len(text) == 3 and text[0] not in SURNAME_CHARACTERS and text[-1] in SURNAME_CHARACTERS:
        return _chinese(text[-1], text[:-1])  # 小明王
    return _chinese(text[0], text[1:])


def _is_compound(text: str) -> bool:
    return len(text) > 2 and text[:2] in COMPOUND_SURNAMES


def _called(char: str) -> dict[str, Value]:
    """小王 is a surname, 小明 a given name."""
    return _surname_alone(char) if char in SURNAME_CHARACTERS else _nickname(char)


def _nickname(char: str) -> dict[str, Value]:
    return {"script": "HAN", "nick": char}


def _surname_alone(surname: str) -> dict[str, Value]:
    return {"script": "HAN", "surname": surname, "surname_spelled": surname_reading(surname) or None}


def _chinese(surname: str, given: str) -> dict[str, Value]:
    parts = [(readings(char) or (char,)) for char in given]
    given_syllables = [part[0] for part in parts]
    surname_spelled = surname_reading(surname) if surname else ""
    surname_syllables = list(syllables(surname_spelled)) if len(surname) > 1 else [surname_spelled]
    # One character read otherwise is enough: names with two such characters are rare.
    otherwise = None
    for place, part in enumerate(parts):
        if len(part) > 1:
            changed = [*given_syllables[:place], part[1], *given_syllables[place + 1 :]]
            otherwise = surname_spelled + "".join(changed)
            break
    every = [part for part in (*surname_syllables, *given_syllables) if part]
    return {
        "script": "HAN",
        "full": surname + given,
        "turned": given + surname,
        "surname": surname or None,
        "given": given,
        "surname_spelled": surname_spelled or None,
        "given_spelled": "".join(given_syllables),
        "spelled": "".join(every),
        "spelled_otherwise": otherwise,
        "sound": "".join(map(sound, every)),
        "syllables": " ".join(sorted(every)),
        "nick": given[-2:] if not surname else None,
        "initials": "".join(part[0] for part in every),
    }


def _letters(words: list[str]) -> dict[str, Value]:
    words = [plain(word) for word in words if word.isascii()] or words
    if not words:
        return {}
    read = [syllables(word) for word in words]
    if all(read):
        return _pinyin(words, read)
    if len(words) > 1 and words[0] in SURNAME_SPELLINGS and all(len(word) <= 2 for word in words[1:]):
        initials = words[0][0] + "".join(words[1:])
        return {"script": "INITIALS", "surname_spelled": words[0], "initials": initials}
    whole = "".join(words)
    if len(whole) <= 4 and not set(whole) & set("aeiou"):
        return {"script": "INITIALS", "initials": whole}
    return {
        "script": "LATIN",
        "full": " ".join(words),
        "turned": " ".join([words[-1], *words[:-1]]),
        "surname_spelled": words[-1],
        "given_spelled": " ".join(words[:-1]) or None,
        "spelled": " ".join(words),
        "syllables": " ".join(sorted(words)),
        "initials": "".join(word[0] for word in words),
    }


def _pinyin(words: list[str], read: list[tuple[str, ...]]) -> dict[str, Value]:
    if len(words) == 1:
        first, rest = _split_run(read[0])
        other = None
    elif len(read[0]) > 1 and len(read[-1]) == 1 and words[-1] in SURNAME_SPELLINGS:
        first, rest = read[-1], tuple(part for word in read[:-1] for part in word)
        other = None
    else:
        first, rest = read[0], tuple(part for word in read[1:] for part in word)
        last, before = read[-1], tuple(part for word in read[:-1] for part in word)
        other = "".join(last) + "".join(before)
    surname, given = "".join(first), "".join(rest)
    if not given:
        return {"script": "PINYIN", "surname_spelled": surname}
    every = (*first, *rest)
    return {
        "script": "PINYIN",
        "full": f"{surname} {given}",
        "turned": f"{given} {surname}",
        "surname_spelled": surname,
        "given_spelled": given,
        "spelled": surname + given,
        "spelled_otherwise": other,
        "sound": "".join(map(sound, every)),
        "syllables": " ".join(sorted(every)),
        "initials": "".join(part[0] for part in every),
    }


def _split_run(parts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """wangxiaoming written together: where the surname ends."""
    if len(parts) > 2 and "".join(parts[:2]) in _COMPOUND_SPELLINGS:
        return parts[:2], parts[2:]
    if parts[0] not in SURNAME_SPELLINGS and parts[-1] in SURNAME_SPELLINGS and len(parts) > 2:
        return parts[-1:], parts[:-1]
    return parts[:1], parts[1:]


_COMPOUND_SPELLINGS = frozenset(surname_reading(surname) for surname in COMPOUND_SURNAMES)
