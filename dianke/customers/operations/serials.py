"""Ids and member numbers given out for many customers at once, for rows that are written with COPY."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from dianke.customers.rules.numbers import member_number_of


def serials(table: str, count: int) -> list[int]:
    """Ids the table has not given out, for rows written with COPY."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [f"{table}_id_seq", count])
        return [pk for (pk,) in cursor.fetchall()]


def reserved(sequence: str, count: int) -> list[tuple[int, int]]:
    """So many numbers of the sequence, as first and last of those that follow each other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(number), max(number) FROM (SELECT number, number - row_number() OVER (ORDER BY number) AS gap"
            " FROM (SELECT nextval(%s::regclass) AS number FROM generate_series(1, %s)) AS given) AS apart"
            " GROUP BY gap ORDER BY 1",
            [sequence, count],
        )
        return [(first, last) for first, last in cursor.fetchall()]


def member_numbers(wished: Sequence[str]) -> list[str]:
    """For each customer the wished number if it is free and wished once, else a number of the sequence."""
    given: list[str] = []
    taken = taken_numbers([number for number in wished if number])
    for number in wished:
        is_free = bool(number) and number not in taken
        taken.add(number)
        given.append(number if is_free else "")
    while missing := [position for position, number in enumerate(given) if not number]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval('customers_member_number') FROM generate_series(1, %s)", [len(missing)]
            )
            fresh = [member_number_of(serial) for (serial,) in cursor.fetchall()]
        taken |= taken_numbers(fresh)  # numbers of an older system may look like ours
        for position, number in zip(missing, fresh, strict=True):
            given[position] = "" if number in taken else number
    return given


def taken_numbers(numbers: Sequence[str]) -> set[str]:
    """Those of the member numbers that somebody has."""
    if not numbers:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT member_number FROM customers_customer WHERE member_number = ANY(%s)", [list(numbers)]
        )
        return {number for (number,) in cursor.fetchall()}
