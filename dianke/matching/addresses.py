"""A street line taken apart for comparing: the road, and the numbers of house, building and room.

南京西路1038号5幢301室, 南京西路 1038-5-301 and 南京西路一千零三十八号 … are written differently by everybody; what
stays is the road and the order of the numbers.
"""

from __future__ import annotations

import re
from functools import lru_cache

from dianke.matching.spelling import folded

_NUMBER = re.compile(r"\d+")
_CHINESE_NUMBER = re.compile(r"[零〇一二三四五六七八九十百千]+(?=[号弄栋幢座楼层室房单])")
_DIGIT = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_AFTER_ROAD = re.compile(r"(?:号楼|号院|号|弄|栋|幢|座|楼|层|单元|室|房|门)")
_REGION = re.compile(r"^(?:.{2,8}?(?:省|自治区))?(?:.{2,7}?市)?(?:.{1,5}?[区县])?(?=..)")
_ADMINISTRATIVE = re.compile(
    r"(?:特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|省|市|新区|区|县|州|盟)$"
)


@lru_cache(maxsize=50_000)
def place(name: str) -> str | None:
    """A province, city or district by its bare name: 广东省, 广东 and 廣東 are one. None when empty."""
    whole = folded(name)
    bare = _ADMINISTRATIVE.sub("", whole)
    return (bare if len(bare) > 1 else whole) or None


def street_parts(street: str) -> tuple[str | None, str | None]:
    """(road, numbers) of a street line: ("南京西路", "1038-5-301"). Either is None when the line has none.

    Lines in letters keep their words in the road: "8 Stanley Street" is ("stanleystreet", "8").
    """
    if not street:
        return None, None
    text = _CHINESE_NUMBER.sub(_as_digits, street)
    numbers = [found.lstrip("0") or "0" for found in _NUMBER.findall(text)]
    road = _AFTER_ROAD.sub("", _REGION.sub("", folded(_NUMBER.sub(" ", text))))
    return road or None, "-".join(numbers) or None


def _as_digits(found: re.Match[str]) -> str:
    """一百零三 is 103, 二十 is 20, 一〇三 is 103."""
    text = found[0]
    if not any(char in _TENS for char in text):
        return "".join(str(_DIGIT[char]) for char in text)
    total, digit = 0, 0
    for char in text:
        if char in _TENS:
            total += (digit or 1) * _TENS[char]
            digit = 0
        else:
            digit = _DIGIT[char]
    return str(total + digit)
