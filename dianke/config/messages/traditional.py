"""Turns Simplified wording into Traditional with OpenCC and a table of corrections.

The conversion used is `s2hk`: it changes characters and leaves words alone. `s2twp` also swaps vocabulary and
gets a shop's words wrong (审核 becomes 稽核, 对象 becomes 物件, 项目 becomes 專案); see docs/decisions.
"""

import re
from functools import cached_property
from pathlib import Path

CORRECTIONS = Path(__file__).with_name("zh_hant_corrections.txt")
_PRIVATE_USE = 0xE000  # characters that stand for nothing; OpenCC passes them through


class Traditional:
    """A converter; `corrections` maps Simplified phrases to the Traditional ones they must become."""

    def __init__(self, corrections: dict[str, str]) -> None:
        self.corrections = corrections
        # The longest phrase wins, so that a whole sentence may overrule a word within it.
        longest_first = sorted(corrections, key=lambda phrase: (-len(phrase), phrase))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    @classmethod
    def from_file(cls, path: Path = CORRECTIONS) -> "Traditional":
        """Reads the table: per line the Simplified phrase, a tab, the Traditional one; `#` opens a remark.

        Raises ValueError naming the line when it has not two columns or a phrase stands twice.
        """
        corrections: dict[str, str] = {}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            text = line.split("#", 1)[0].strip()
            if not text:
                continue
            columns = text.split("\t")
            if len(columns) != 2 or not all(columns):
                raise ValueError(f"{path}:{number}: write the two phrases with one tab between them")
            if columns[0] in corrections:
                raise ValueError(f"{path}:{number}: {columns[0]} stands twice")
            corrections[columns[0]] = columns[1]
        return cls(corrections)

    def convert(self, text: str) -> str:
        """The Traditional wording of a Simplified text; placeholders and Latin letters stay as they are."""
        if self._pattern is None:
            return str(self._converter.convert(text))
        kept: list[str] = []

        def hold(match: re.Match[str]) -> str:
            kept.append(self.corrections[match[0]])
            return chr(_PRIVATE_USE + len(kept) - 1)

        converted = self._converter.convert(self._pattern.sub(hold, text))
        for index, phrase in enumerate(kept):
            converted = converted.replace(chr(_PRIVATE_USE + index), phrase)
        return str(converted)

    @cached_property
    def _converter(self):  # type: ignore[no-untyped-def]
        from opencc import OpenCC

        return OpenCC("s2hk")
