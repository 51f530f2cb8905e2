"""Reads a large file in processes of their own, ahead of the one that writes: theirs is all that needs no database.

A reader (`reader_process.py`) opens the sealed file, makes rows of cells, lets the importer's `Preparer` prepare them
and hands a batch over; it is one batch ahead and waits there, so memory does not follow the file. Batches come in the
order of the file whoever read them. On a computer with one core, and for small files, rows are read where they are
written.
"""

from __future__ import annotations

import fcntl
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from dianke.core.data_keys import KeyRow
from dianke.core.errors import DiankeError, TemporarilyUnavailable
from dianke.imports.batches import Batch, Columns
from dianke.imports.files import path_of, shape_of
from dianke.imports.importers import PreparedRow, Preparer, RowProblem
from dianke.imports.models import ImportRun
from dianke.imports.reading.refusals import FileGone
from dianke.imports.reading.tables import Shape

#: Starting a reader takes as long as reading some ten thousand rows.
LEAST_ROWS = 20_000
_PIPE_BYTES = 1 << 20


class ReaderStopped(TemporarilyUnavailable):
    code = "import_reader_stopped"
    message = _(
        "The part of Dianke that reads the file stopped before its end, perhaps because the computer ran short of "
        "memory. What is in stays in. Close what you do not need and go on."
    )


class ReaderFailed(RuntimeError):
    """A fault of the program in a reader; its message is where it happened there."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a reader is told, once, by its standard input: of `parts` readers it is number `part`, and takes every
    so-manieth batch of `size` rows behind row `after`."""

    path: str
    owner: UUID
    key: KeyRow
    shape: Shape
    columns: Columns
    preparer: Preparer
    size: int
    after: int
    part: int
    parts: int


@dataclass(frozen=True, slots=True)
class Handed:
    """A batch as a reader hands it over: for each good row its number, its cells, its texts by target and what the
    preparer made of it."""

    last: int
    numbers: list[int]
    cells: list[list[str]]
    texts: list[list[str]]
    prepared: list[Any]
    refused: list[tuple[int, list[str], RowProblem]]


@dataclass(frozen=True, slots=True)
class Ended:
    """The last word of a reader: the file is at its end, or why it goes no further. `fault` is one of the program."""

    error: DiankeError | None = None
    fault: str = ""


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def is_worth_it(run: ImportRun) -> bool:
    """Whether readers of their own make the run faster."""
    return cores() > 1 and run.row_estimate - run.seen_count >= LEAST_ROWS


@contextmanager
def read_ahead(
    run: ImportRun,
    columns: Columns,
    preparer: Preparer,
    *,
    stock: Callable[[int], Any],
    size: int,
    after: int = 0,
    readers: int = 1,
) -> Iterator[Iterator[Batch]]:
    """The batches behind row `after`, read by `readers` processes that end with the block; which row is before each is
    for the caller to say.

    `stock(size)` is what the preparer is handed with each batch. Raises a `FileRefused`, `DataKeyDestroyed`,
    `ReaderStopped` and `ReaderFailed`, also while the batches are being taken.
    """
    if not run.has_file:
        raise FileGone
    key = run.data_key
    wrapped = None if key.wrapped is None else bytes(key.wrapped)
    row = KeyRow(key.id, key.subject_kind, key.subject_id, wrapped, key.master_key_id)
    with ExitStack() as stack:
        started = []
        for part in range(readers):
            reader = stack.enter_context(_started())
            order = Order(
                str(path_of(run.uuid)),
                run.uuid,
                row,
                shape_of(run),
                columns,
                preparer,
                size,
                after,
                part,
                readers,
            )
            _tell(reader, order)
            _tell(reader, stock(size))
            started.append(reader)
        yield _in_turn(started, columns, stock, size)


def _in_turn(
    readers: list[subprocess.Popen[bytes]], columns: Columns, stock: Callable[[int], Any], size: int
) -> Iterator[Batch]:
    turn = 0
    while True:
        reader = readers[turn % len(readers)]
        handed = _heard(reader)
        if isinstance(handed, Ended):
            if handed.error is not None:
                raise handed.error
            if handed.fault:
                raise ReaderFailed(handed.fault)
            return
        # The reader has written and waits for this, so the two never wait for each other.
        _tell(reader, stock(size))
        turn += 1
        if not handed.last:
            continue
        batch = Batch(0, handed.last, [], handed.cells, handed.refused)
        for number, texts, prepared in zip(handed.numbers, handed.texts, handed.prepared, strict=True):
            row = PreparedRow(zip(columns.codes, texts, strict=True))
            row.number, row.prepared = number, prepared
            batch.rows.append(row)
        del handed
        yield batch


@contextmanager
def _started() -> Iterator[subprocess.Popen[bytes]]:
    """A reader. It finds its settings in the environment; everything else comes by its standard input."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-P", "-m", "dianke.imports.reader_process"]
    process = subprocess.Popen(  # noqa: S603 - our own module, with fixed arguments
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    try:
        with suppress(
            OSError, AttributeError
        ):  # only wider than usual: fewer changes from one process to the other
            fcntl.fcntl(_pipe(process.stdout), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ReaderStopped
    return stream


def _tell(reader: subprocess.Popen[bytes], what: object) -> None:
    stream = _pipe(reader.stdin)
    # A reader that is at its end listens no more; whether the end was a good one is heard from its last word.
    with suppress(BrokenPipeError):
        stream.write(pickle.dumps(what, pickle.HIGHEST_PROTOCOL))
        stream.flush()


def _heard(reader: subprocess.Popen[bytes]) -> Handed | Ended:
    try:
        heard = pickle.load(_pipe(reader.stdout))  # noqa: S301 - written by our own process
    except (EOFError, pickle.UnpicklingError):
        raise ReaderStopped from None
    if not isinstance(heard, Handed | Ended):
        raise ReaderStopped
    return heard
