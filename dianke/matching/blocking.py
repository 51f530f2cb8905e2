"""What two records must share to be compared at all: a million records have half a billion pairs of pairs.

A key is a few pieces of a prepared record put together. Records with a key in common are compared; a key that more
than `most` records share says too little and is passed over. The same keys find the candidates for one new record
(exact.py) and the pairs of a whole file (bulk.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from dianke.matching.conditions import Prepared

_BETWEEN = "|"


@dataclass(frozen=True, slots=True)
class Piece:
    """A column, or the first (`head`) or last (`tail`) so many characters of it. Too short a text gives nothing."""

    column: str
    head: int = 0
    tail: int = 0
    is_list: bool = False

    def of(self, record: Prepared) -> tuple[str, ...]:
        value = record[self.column]
        if value is None:
            return ()
        values = value if isinstance(value, tuple) else (str(value),)
        size = self.head or self.tail
        kept = [text for text in values if len(text) >= size]
        if self.head:
            return tuple(text[: self.head] for text in kept)
        return tuple(text[-self.tail :] for text in kept) if self.tail else tuple(kept)

    def sql(self) -> str:
        """Over a row of prepared records; a list is unfolded to one row for each entry."""
        text = f"unnest({self.column})" if self.is_list else f"{self.column}::VARCHAR"
        size = self.head or self.tail
        if not size:
            return text
        cut = f"left({text}, {size})" if self.head else f"right({text}, {size})"
        return f"CASE WHEN length({text}) >= {size} THEN {cut} END"


@dataclass(frozen=True, slots=True)
class Key:
    """`variants` are ways to make the same kind of key: a solar birthday meets a lunar one."""

    code: str
    variants: tuple[tuple[Piece, ...], ...]
    most: int

    def of(self, record: Prepared) -> tuple[str, ...]:
        """The keys of one record, as text."""
        found: dict[str, None] = {}
        for pieces in self.variants:
            for values in product(*(piece.of(record) for piece in pieces)):
                found[_BETWEEN.join(values)] = None
        return tuple(found)

    def sql(self, table: str) -> str:
        """Rows (id, key) of all records that have the key."""
        selects = []
        for pieces in self.variants:
            columns = ", ".join(f"{piece.sql()} AS piece_{n}" for n, piece in enumerate(pieces))
            names = [f"piece_{n}" for n in range(len(pieces))]
            given = " AND ".join(f"{name} IS NOT NULL" for name in names)
            selects.append(
                f"SELECT id, hash({', '.join(names)}) AS key"  # noqa: S608 - of this module's own names
                f" FROM (SELECT id, {columns} FROM {table}) WHERE {given}"
            )
        return " UNION ".join(selects)


def _key(code: str, *pieces: Piece, most: int) -> Key:
    return Key(code, (pieces,), most)


_SURNAME, _SYLLABLES, _ROAD = Piece("surname_spelled"), Piece("syllables"), Piece("road")

CUSTOMERS: tuple[Key, ...] = (
    _key("phone", Piece("phones", is_list=True), most=60),
    _key("email", Piece("emails", is_list=True), most=60),
    _key("unionid", Piece("unionid"), most=60),
    _key("member_number", Piece("member_number"), most=60),
    _key("document", Piece("document"), most=60),
    Key(
        "name_birthday",
        ((_SYLLABLES, Piece("birth_day")), (_SYLLABLES, Piece("birth_day_converted"))),
        most=60,
    ),
    _key("initials_birthday", Piece("initials"), Piece("birth_text"), most=40),
    _key("surname_phone_tail", _SURNAME, Piece("phone", tail=4), most=60),
    _key("surname_phone_head", _SURNAME, Piece("phone", head=10), most=40),
    _key("name_road", _SYLLABLES, _ROAD, most=30),
    _key("door", _ROAD, Piece("door"), most=30),
    _key("mailbox", Piece("mailbox"), most=30),
    _key("firm", Piece("core"), most=40),
)
