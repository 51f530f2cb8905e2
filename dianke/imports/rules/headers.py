"""Finding the heading of a table and what each column is: by names in Chinese and English, by known systems, by what
was chosen the last time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from dianke.core.names import fold

#: Rows at the top among which the heading is looked for.
SEARCHED = 30
_BRACKETS = re.compile(r"[(（\[【<《][^)）\]】>》]*[)）\]】>》]")
_DECORATION = re.compile(r"^[*＊\s]+|[*＊:：\s]+$")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@lru_cache(maxsize=8192)
def folded(header: str) -> str:
    """The form headers are compared in: half-width, lower case, simplified, without marks and blanks."""
    return fold(header)


def forms_of(header: str) -> tuple[str, ...]:
    """What a header may be known as, the whole of it first, then without what stands in brackets (“手机号（必填）”)."""
    bare = _DECORATION.sub("", _BRACKETS.sub("", header))
    return tuple(dict.fromkeys(form for form in (folded(header), folded(bare)) if form))


def letters(index: int) -> str:
    """The letters a spreadsheet calls a column by: 0 → A, 26 → AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = _LETTERS[rest] + text
    return text


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the heading is. `row` is the index of its last row (0 the first), -1 without one; `names` by column."""

    row: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The headers an importer knows: folded form → target code, the profiles of known systems, and headers that are
    never a column of data (`ignored`: the reasons in a file of erroneous rows)."""

    targets: Mapping[str, str]
    profiles: Sequence[KnownSystem] = ()
    ignored: frozenset[str] = frozenset()

    def target_of(self, header: str) -> str:
        return next((self.targets[form] for form in forms_of(header) if form in self.targets), "")


@dataclass(frozen=True, slots=True)
class KnownSystem:
    """A profile with folded headers. `headers` gives "" for columns that are left out."""

    code: str
    headers: Mapping[str, str]
    recognised_by: frozenset[str]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Column index → target code, and the profile it comes from."""

    mapping: dict[int, str] = field(default_factory=dict)
    profile: str = ""


def find_heading(rows: Sequence[Sequence[str]], words: Vocabulary) -> Heading:
    """The row with the most headers that are known; where none is, the first row that is as wide as most.

    Title rows above are passed over. A heading of two rows (a merged cell above its parts, or a cell merged
    downwards) is read as one: the lower name, else the upper one.
    """
    top = [list(row) for row in rows[:SEARCHED]]
    known = [sum(bool(cell.strip()) and bool(words.target_of(cell)) for cell in row) for row in top]
    own = {header for system in words.profiles for header in system.headers}
    known = [
        max(count, sum(folded(cell) in own for cell in row)) for count, row in zip(known, top, strict=True)
    ]
    if top and max(known) >= 1:
        best = known.index(max(known))
        if max(known) == 1 and _filled(top[best]) > 1 and not _looks_like_names(top[best]):
            best = _first_wide(top)
    else:
        best = _first_wide(top)
    if best < 0:
        return Heading(-1, ())
    names, last = list(top[best]), best
    if best + 1 < len(top) and _completes(top[best], top[best + 1], words):
        names, last = _joined(top[best + 1], top[best]), best + 1
    elif best and _reaches_down(top[best - 1], top[best]):
        names = _joined(top[best], top[best - 1])
    return Heading(last, tuple(" ".join(name.split()) for name in names))


def _filled(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _looks_like_names(row: Sequence[str]) -> bool:
    """Headers are words; a row with numbers in it is data."""
    return not any(any(letter.isdigit() for letter in cell) and len(cell.strip()) > 3 for cell in row)


def _first_wide(rows: Sequence[Sequence[str]]) -> int:
    """The first row that has nearly as many cells as the widest; -1 when all are empty."""
    widest = max((_filled(row) for row in rows), default=0)
    if not widest:
        return -1
    return next(index for index, row in enumerate(rows) if _filled(row) * 10 >= widest * 6)


def _completes(upper: Sequence[str], lower: Sequence[str], words: Vocabulary) -> bool:
    """Whether `lower` only names the parts of merged cells of `upper`."""
    cells = [(index, cell) for index, cell in enumerate(lower) if cell.strip()]
    if not cells or not any(index >= len(upper) or not upper[index].strip() for index, _cell in cells):
        return False
    return all(words.target_of(cell) for _index, cell in cells)


def _reaches_down(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Whether cells of `upper` stand above empty ones of `lower`: merged downwards. A title has only one."""
    above = [
        index
        for index, cell in enumerate(upper)
        if cell.strip() and not (lower[index : index + 1] or [""])[0].strip()
    ]
    return bool(above) and _filled(upper) >= 2


def _joined(lower: Sequence[str], upper: Sequence[str]) -> list[str]:
    width = max(len(lower), len(upper))
    pairs = zip([*lower, *[""] * (width - len(lower))], [*upper, *[""] * (width - len(upper))], strict=True)
    return [low if low.strip() else high for low, high in pairs]


def suggest(names: Sequence[str], words: Vocabulary) -> Suggestion:
    """What each column probably is; no target twice, the leftmost column has it."""
    folded_names = [folded(name) for name in names]
    present = set(folded_names)
    system = max(
        (each for each in words.profiles if each.recognised_by <= present),
        key=lambda each: len(each.recognised_by),
        default=None,
    )
    mapping: dict[int, str] = {}
    for index, (name, form) in enumerate(zip(names, folded_names, strict=True)):
        if form in words.ignored:
            continue
        if system is not None and form in system.headers:
            code = system.headers[form]
        else:
            code = words.target_of(name) if name.strip() else ""
        if code and code not in mapping.values():
            mapping[index] = code
    return Suggestion(mapping, system.code if system else "")


def fingerprint(names: Sequence[str], ignored: frozenset[str] = frozenset()) -> str:
    """Files with the same headers in the same order have the same one, whether those `ignored` are there or not."""
    forms = [form for form in map(folded, names) if form not in ignored]
    return hashlib.sha256("\x1f".join(forms).encode()).hexdigest()
