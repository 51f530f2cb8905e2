"""How alike two texts are: edits between them, and the likeness of Jaro and Winkler.

Both count bytes of UTF-8 and agree to the last digit with the functions of the same names in DuckDB, so that a
pair is judged alike whether it comes alone or among millions. A test compares them.
"""

from __future__ import annotations

_PREFIX_COUNTS = 4
_PREFIX_WORTH = 0.1
_PREFIX_FROM = 0.7


def edits(left: str, right: str) -> int:
    """Bytes to insert, delete, replace, or swap with their neighbour, to make one text of the other.

    The full distance of Damerau and Levenshtein: between swapped letters others may have come in.
    """
    a, b = left.encode(), right.encode()
    if a == b:
        return 0
    far = len(a) + len(b)
    width = len(b) + 2
    rows: list[list[int]] = [[far] * width, [far, *range(len(b) + 1)]]
    last_row: dict[int, int] = {}
    for i, byte in enumerate(a, 1):
        last_column = 0
        row = [far, i, *[0] * len(b)]
        above = rows[i]
        for j, other in enumerate(b, 1):
            k, m = last_row.get(other, 0), last_column
            cost = 1
            if byte == other:
                cost, last_column = 0, j
            row[j + 1] = min(
                above[j] + cost,
                row[j] + 1,
                above[j + 1] + 1,
                rows[k][m] + (i - k - 1) + 1 + (j - m - 1),
            )
        last_row[byte] = i
        rows.append(row)
    return rows[-1][-1]


def likeness(left: str, right: str) -> float:
    """Jaro's likeness from 0 to 1, raised by Winkler for a common beginning where it is above 0.7."""
    a, b = left.encode(), right.encode()
    jaro = _jaro(a, b)
    if jaro <= _PREFIX_FROM:
        return jaro
    prefix = 0
    for byte, other in zip(a[:_PREFIX_COUNTS], b[:_PREFIX_COUNTS], strict=False):
        if byte != other:
            break
        prefix += 1
    return jaro + prefix * _PREFIX_WORTH * (1.0 - jaro)


def _jaro(a: bytes, b: bytes) -> float:
    if not a or not b:
        return 0.0
    reach = max(max(len(a), len(b)) // 2 - 1, 0)
    taken = [False] * len(b)
    found: list[int] = []
    for i, byte in enumerate(a):
        for j in range(max(0, i - reach), min(len(b), i + reach + 1)):
            if not taken[j] and b[j] == byte:
                taken[j] = True
                found.append(byte)
                break
    common = len(found)
    if not common:
        return 0.0
    others = [byte for byte, is_taken in zip(b, taken, strict=True) if is_taken]
    moved = sum(one != other for one, other in zip(found, others, strict=True)) // 2
    return (common / len(a) + common / len(b) + (common - moved) / common) / 3
