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
#: The tables in the order in which they are written, with their columns.
Layout = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Stock:
    """Ids and serials of member numbers the database has given out for a batch, and the instant it is written for."""

    now: datetime
    customers: Ranges
    records: Ranges
    numbers: Ranges


#: A customer to be: id, member number, the layout, and for each of its tables the rows, "" for none. A plain tuple, for
#: it travels from one process to another.
Lines = tuple[int, str, Layout, tuple[str, ...]]


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
    layout, texts = [], []
    for part in parts_of_new(chosen, replace(origin, now=stock.now), ids, record_ids, numbers):
        layout.append((part.table, tuple(part.columns)))
        lines = lines_of(part.size, part.columns)
        if part.places is None:
            texts.append(list(lines))
            continue
        of_all = [""] * len(chosen)
        for place, line in zip(part.places, lines, strict=True):
            of_all[place] = f"{of_all[place]}\n{line}" if of_all[place] else line
        texts.append(of_all)
    found: list[Lines | None] = [None] * len(news)
    whole = tuple(layout)
    for place, pk, number, *of_one in zip(places, ids, numbers, *texts, strict=True):
        found[place] = (pk, number, whole, tuple(of_one))
    return found


def _each(ranges: Ranges) -> Iterator[int]:
    return chain.from_iterable(range(first, last + 1) for first, last in ranges)


@step
def write_lines(customers: Sequence[Lines]) -> None:
    """Write customers of one batch; one statement per table that occurs."""
    if not customers:
        return
    _pk, _number, layout, _texts = customers[0]
    by_table = zip(*(texts for _pk, _number, _layout, texts in customers), strict=True)
    for (table, names), of_table in zip(layout, by_table, strict=True):
        if any(of_table):
            copy_lines(table, names, filter(None, of_table))
