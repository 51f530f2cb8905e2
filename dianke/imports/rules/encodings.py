"""Which encoding a text file is in, weighed over a sample of its bytes.

Chinese systems write UTF-8 with or without mark, GBK or its superset GB18030, Big5, and UTF-16. A mark or bytes
that are valid UTF-8 decide; between GB18030 and Big5 nearly every byte pair is valid in both, so the text itself is
weighed: headers that are known, and how many characters are everyday ones.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

UTF_8, UTF_8_MARK, UTF_16_LE, UTF_16_BE = "utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"
GB18030, BIG5 = "gb18030", "big5hkscs"
#: What a person may choose instead, with what people call it.
CHOICES = (
    (UTF_8, "UTF-8"),
    (GB18030, "GBK / GB18030"),
    (BIG5, "Big5"),
    (UTF_16_LE, "UTF-16 LE"),
    (UTF_16_BE, "UTF-16 BE"),
)
MARKS = (
    (b"\xef\xbb\xbf", UTF_8),
    (b"\xff\xfe", UTF_16_LE),
    (b"\xfe\xff", UTF_16_BE),
)

#: Both standards put the characters of daily life first, in rows of their own; what was decoded wrongly falls all over
#: the table. The lead bytes of those rows:
_EVERYDAY_ROWS = (("gb2312", range(0xB0, 0xD8)), ("big5", range(0xA4, 0xC7)))
_PUNCTUATION = range(0x3000, 0x3020), range(0xFF00, 0xFF66)


def marked(data: bytes) -> tuple[str, int] | None:
    """The encoding a byte-order mark says and the length of the mark; None without one."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return encoding, len(mark)
    return None


def guess(sample: bytes, *, is_utf_8: bool, words: Collection[str] = ()) -> str:
    """The likeliest encoding. `sample` is the beginning of the file and lines with bytes beyond ASCII; `is_utf_8` says
    whether the whole file is valid UTF-8; `words` are headers that would be known."""
    found = marked(sample)
    if found:
        return found[0]
    if wide := _without_mark(sample):
        return wide
    if is_utf_8:
        return UTF_8
    weights = {name: _weight(sample, name, words) for name in (GB18030, BIG5, UTF_8)}
    return max(weights, key=lambda name: weights[name])


def _without_mark(sample: bytes) -> str:
    """UTF-16 without mark shows in the zero bytes of its line ends, commas and digits: all on one side."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    enough = max(4, len(sample) // 50)
    if odd >= enough and even * 10 <= odd:
        return UTF_16_LE
    if even >= enough and odd * 10 <= even:
        return UTF_16_BE
    return ""


def _weight(sample: bytes, encoding: str, words: Collection[str]) -> int:
    """Hundredths of plausibility: everyday characters speak for, broken and odd ones against, headers decide."""
    text = sample.decode(encoding, errors="replace")
    if text.endswith("\ufffd"):
        text = text[:-1]  # the sample may end within a character
    broken = text.count("\ufffd")
    beyond = [letter for letter in text if letter > "\x7f" and letter != "\ufffd"]
    everyday = sum(is_everyday(letter) for letter in beyond)
    odd = sum("\ue000" <= letter <= "\uf8ff" or "\u2500" <= letter <= "\u25ff" for letter in beyond)
    known = sum(word in text for word in words)
    total = len(beyond) + broken or 1
    return (100 * everyday - 300 * broken - 100 * odd) // total + 40 * known


@lru_cache(maxsize=20_000)
def is_everyday(letter: str) -> bool:
    """Whether a character is one of daily life in simplified or traditional Chinese, or common punctuation."""
    if any(ord(letter) in part for part in _PUNCTUATION):
        return True
    # A character the standard does not have is encoded as "?", whose row holds none.
    return any(letter.encode(encoding, errors="replace")[0] in rows for encoding, rows in _EVERYDAY_ROWS)
