"""New customers as lines of COPY: made far from the database, by the process that reads a file ahead, and written
where somebody has decided that they are new. Keys, seals, indexes and search words cost most of an import and need no
query.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice

from dianke.core.copying import copy_lines, lines_of
from dianke.customers.operations.bulk import NewCustomer, Origin, parts_of_new
from dianke.customers.operations.serials import reserved
from dianke.customers.rules.numbers import member_number_of
from dianke.events.operations import step

#: First and last of some numbers given out together.
Ranges = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Stock:
    """Ids and serials of member numbers the database has given out for a batch, and the instant it is written for."""

    now: datetime
    customers: Ranges
    records: Ranges
    numbers: Ranges


@dataclass(frozen=True, slots=True)
class Sheet:
    """The new customers of a batch as text: for each table its columns and, by the place of the customer on the sheet,
    its rows, a line each; "" for none."""

    tables: list[tuple[str, tuple[str, ...], list[str]]]


#: A customer to be: id, member number, the sheet of its batch and its place there. A plain tuple, for it travels from
#: one process to another.
Lines = tuple[int, str, Sheet, int]


def stock_for(count: int, now: datetime) -> Stock:
    """Numbers for up to `count` customers. Those that are not needed are never given out again."""
    sequences = ("customers_customer_id_seq", "customers_sourcerecord_id_seq", "customers_member_number")
    return Stock(now, *(reserved(sequence, count) for sequence in sequences))


def lines_of_new(news: Sequence[NewCustomer], origin: Origin, stock: Stock) -> list[Lines | None]:
    """The customers as lines; None for one whose wish for a member number meets another of the batch. Whether wished
    numbers are free, and those of the stock not taken by an older system, is known to the database alone."""
    wishes = Counter(new.found.member_number for new in news)
    places = [n for n, new in enumerate(news) if not (wish := new.found.member_number) or wishes[wish] == 1]
    chosen = [news[n] for n in places]
    serials = _each(stock.numbers)
    numbers = [new.found.member_number or member_number_of(next(serials)) for new in chosen]
    ids = list(islice(_each(stock.customers), len(chosen)))
    record_ids = list(islice(_each(stock.records), len(chosen)))
    sheet = Sheet([])
    for part in parts_of_new(chosen, replace(origin, now=stock.now), ids, record_ids, numbers):
        if not part.size:
            continue
        texts = lines_of(part.size, part.columns)
        if part.places is None:
            of_table = list(texts)
        else:
            of_table = [""] * len(chosen)
            for place, text in zip(part.places, texts, strict=True):
                of_table[place] = f"{of_table[place]}\n{text}" if of_table[place] else text
        sheet.tables.append((part.table, tuple(part.columns), of_table))
    found: list[Lines | None] = [None] * len(news)
    for at, (place, pk, number) in enumerate(zip(places, ids, numbers, strict=True)):
        found[place] = (pk, number, sheet, at)
    return found


def _each(ranges: Ranges) -> Iterator[int]:
    return chain.from_iterable(range(first, last + 1) for first, last in ranges)


@step
def write_lines(customers: Sequence[Lines]) -> None:
    """Write customers of one sheet; one statement per table that occurs."""
    if not customers:
        return
    _pk, _number, sheet, _place = customers[0]
    places = [place for _pk, _number, _sheet, place in customers]
    for table, names, texts in sheet.tables:
        wanted = [text for text in map(texts.__getitem__, places) if text]
        if wanted:
            copy_lines(table, names, wanted)
