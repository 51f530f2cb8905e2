"""A reader: the process that reads one file ahead of the one that writes its rows (`reading_ahead.py`).

It is told what to read by standard input and hands batches over by standard output, both pickled by the two of us. It
asks the database for nothing and ends when its input or its output does.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from dianke.imports.batches import Batch, Columns
    from dianke.imports.reading.tables import NumberedRow

_COLLECT_EVERY = 8  # batches


def own_batches(
    rows: Iterable[NumberedRow], columns: Columns, *, size: int, after: int, part: int, parts: int
) -> Iterator[Batch]:
    """Of the rows behind number `after`, cut every `size` rows of the file, the batches that are this reader's. One
    in which every row is empty is there too: the readers take turns."""
    from dianke.imports.batches import Batch

    batch, mine = Batch(after), part
    for number, cells in rows:
        if number <= after:
            continue
        index = (number - after - 1) // size
        if index < mine:
            continue
        while index > mine:
            yield batch
            batch, mine = Batch(after), mine + parts
        if index == mine:
            batch.take(columns, number, cells)
    if batch.last:
        yield batch


def serve(given: IO[bytes], out: IO[bytes]) -> None:
    """Hand over what is asked for, then the last word."""
    from dianke.core.data_keys import key_opener
    from dianke.core.errors import DiankeError
    from dianke.imports.reading.refusals import FileGone
    from dianke.imports.reading.sealed_files import open_sealed
    from dianke.imports.reading.tables import numbered_rows
    from dianke.imports.reading_ahead import Ended, Handed, Order

    order = pickle.load(given)  # noqa: S301 - written by the process that started this one
    if not isinstance(order, Order):
        raise TypeError
    end = Ended()
    try:
        with (
            open_sealed(Path(order.path), key_opener()(order.key), order.owner) as stream,
            numbered_rows(stream, order.shape) as rows,
        ):
            parts = own_batches(
                rows, order.columns, size=order.size, after=order.after, part=order.part, parts=order.parts
            )
            for count, batch in enumerate(parts):
                stock = pickle.load(given)  # noqa: S301 - as above
                handed = Handed(
                    batch.last,
                    [row.number for row in batch.rows],
                    batch.cells,
                    [list(row.values()) for row in batch.rows],
                    list(order.preparer.prepare(batch.rows, stock)),
                    batch.refused,
                )
                out.write(pickle.dumps(handed, pickle.HIGHEST_PROTOCOL))
                out.flush()
                del batch, handed
                if count % _COLLECT_EVERY == 0:
                    gc.collect()
    except (BrokenPipeError, EOFError):
        raise
    except FileNotFoundError:
        end = Ended(FileGone())
    except DiankeError as error:
        end = Ended(error)
    except Exception as error:
        # The places in the program and no more: the words of an error may hold what stands in a row.
        places = "".join(traceback.format_tb(error.__traceback__))
        end = Ended(None, f"{type(error).__name__} in the reader\n{places}")
    out.write(pickle.dumps(end, pickle.HIGHEST_PROTOCOL))
    out.flush()


def main() -> int:
    """0, also when nobody listens any more."""
    given, out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints does not print into the batches
    import django

    django.setup()
    gc.freeze()
    gc.disable()
    try:
        serve(given, out)
    except (BrokenPipeError, EOFError):
        os._exit(0)  # the one who listened is gone; closing the pipe would only complain
    return 0


if __name__ == "__main__":
    sys.exit(main())
