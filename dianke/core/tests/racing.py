"""For tests of what happens when several act at once: works in threads of their own, each with its own connection."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from threading import Barrier, Thread
from typing import Any, TypeVar

from django.db import connection

from dianke.core.errors import DiankeError

T = TypeVar("T")


def at_once(*works: Callable[[], T], seconds: float = 90) -> list[T | Exception]:
    """Run the works at the same time; their results or errors in order. One that takes longer counts as an error."""
    results: list[T | Exception] = [RuntimeError("did not finish")] * len(works)
    barrier = Barrier(len(works))

    def run(position: int, work: Callable[[], T]) -> None:
        with closing(connection):
            try:
                barrier.wait(seconds)
                results[position] = work()
            except Exception as error:
                results[position] = error

    threads = [Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=seconds)
    return results


def refusals(results: list[Any], error: type[DiankeError]) -> int:
    """How many were refused with `error`; any other exception is raised."""
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, error):
            raise result
    return sum(isinstance(result, error) for result in results)
