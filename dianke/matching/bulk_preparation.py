"""Preparing a whole file in DuckDB, by the same functions that prepare one record.

Names, streets and birthdays repeat: each different value is taken apart once, in Python, and joined back. What needs
no Python (contact lists, frequencies) is said in SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import log2
from typing import Any

import duckdb
import pyarrow as pa

from dianke.core.names import fold
from dianke.matching import birthdays, naming
from dianke.matching.addresses import place, street_parts
from dianke.matching.conditions import Value
from dianke.matching.model import MOST_RARITY, UNSHARED, Frequencies
from dianke.matching.preparation import NUMBERS, company_part, is_placeholder

#: The columns of a table of records: those of Record, with the birthday in five.
SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("name", pa.string()),
        ("phones", pa.list_(pa.string())),
        ("emails", pa.list_(pa.string())),
        ("unionid", pa.string()),
        ("member_number", pa.string()),
        ("document", pa.string()),
        ("gender", pa.string()),
        ("birth_year", pa.int32()),
        ("birth_month", pa.int32()),
        ("birth_day", pa.int32()),
        ("birth_calendar", pa.string()),
        ("birth_is_leap", pa.bool_()),
        ("province", pa.string()),
        ("city", pa.string()),
        ("district", pa.string()),
        ("street", pa.string()),
        ("postcode", pa.string()),
        ("company", pa.string()),
        ("is_company", pa.bool_()),
    ]
)
NAME_COLUMNS = ("surname_spelled", "given_spelled")
_CHUNK = 50_000
Connection = duckdb.DuckDBPyConnection


def prepare_all(connection: Connection) -> None:
    """From the table `records` make `prepared`, one row each, with the columns of preparation.COLUMNS."""
    _parts(
        connection,
        "name_parts",
        "SELECT DISTINCT coalesce(name, '') AS name, coalesce(is_company, false) AS is_company FROM records",
        naming.COLUMNS,
        naming.name_parts,
    )
    _parts(
        connection,
        "birth_parts",
        "SELECT DISTINCT birth_year AS given_year, birth_month AS given_month, birth_day AS given_day,"
        " coalesce(birth_calendar, 'SOLAR') AS given_calendar, coalesce(birth_is_leap, false) AS given_leap"
        " FROM records WHERE birth_month IS NOT NULL AND birth_day IS NOT NULL",
        birthdays.COLUMNS,
        birthdays.birth_parts,
    )
    _parts(
        connection,
        "street_parts",
        "SELECT DISTINCT street FROM records WHERE street <> ''",
        ("road", "door"),
        lambda street: dict(zip(("road", "door"), street_parts(street), strict=True)),
    )
    _parts(
        connection,
        "places",
        "SELECT DISTINCT place FROM (SELECT unnest([province, city, district]) AS place FROM records)"
        " WHERE place <> ''",
        ("bare",),
        lambda name: {"bare": place(name)},
    )
    _parts(
        connection,
        "companies",
        "SELECT DISTINCT company AS written FROM records WHERE company <> ''",
        ("company",),
        lambda company: {"company": company_part(company)},
    )
    _parts(
        connection,
        "postcodes",
        "SELECT DISTINCT postcode AS written FROM records WHERE postcode <> ''",
        ("postcode",),
        lambda postcode: {"postcode": fold(postcode) or None},
    )
    _placeholders(connection)
    names = ", ".join(f"n.{column}" for column in naming.COLUMNS)
    births = ", ".join(f"b.{column}" for column in birthdays.COLUMNS)
    connection.execute(
        f"""
        CREATE TABLE prepared AS
        WITH contacts AS (
          SELECT id,
            list_filter(list_filter(coalesce(phones, []), lambda p: p <> ''),
                        lambda p: NOT list_contains(getvariable('placeholders'), p)) AS phones,
            list_filter(coalesce(emails, []), lambda e: contains(e, '@')) AS emails
          FROM records)
        SELECT r.id, {names},
          CASE WHEN len(c.phones) > 0 THEN c.phones END AS phones,
          c.phones[1] AS phone,
          list_filter(c.phones, lambda p: p <> c.phones[1])[1] AS phone_second,
          CASE WHEN len(c.emails) > 0 THEN c.emails END AS emails,
          c.emails[1] AS email,
          nullif(split_part(c.emails[1], '@', 1), '') AS mailbox,
          nullif(r.unionid, '') AS unionid, nullif(r.member_number, '') AS member_number,
          nullif(r.document, '') AS document, nullif(r.gender, '') AS gender,
          {births},
          p1.bare AS province, p2.bare AS city, p3.bare AS district, s.road, s.door,
          z.postcode AS postcode, k.company AS company
        FROM records r
        JOIN contacts c USING (id)
        JOIN name_parts n ON n.name = coalesce(r.name, '') AND n.is_company = coalesce(r.is_company, false)
        LEFT JOIN birth_parts b ON b.given_year IS NOT DISTINCT FROM r.birth_year AND b.given_month = r.birth_month
          AND b.given_day = r.birth_day AND b.given_calendar = coalesce(r.birth_calendar, 'SOLAR')
          AND b.given_leap = coalesce(r.birth_is_leap, false)
        LEFT JOIN places p1 ON p1.place = r.province
        LEFT JOIN places p2 ON p2.place = r.city
        LEFT JOIN places p3 ON p3.place = r.district
        LEFT JOIN street_parts s ON s.street = r.street
        LEFT JOIN companies k ON k.written = r.company
        LEFT JOIN postcodes z ON z.written = r.postcode
        """  # noqa: S608 - made of this module's own column names
    )
    for table in ("name_parts", "birth_parts", "street_parts", "places", "companies", "postcodes"):
        connection.execute(f"DROP TABLE {table}")


def measure_frequencies(connection: Connection, columns: Sequence[str] = NAME_COLUMNS) -> Frequencies:
    """How often each value of the columns occurs in `prepared`; what occurs once or twice is in the rest."""
    shares: dict[str, dict[str, float]] = {}
    rest: dict[str, float] = {}
    typical = 0.0
    for column in columns:
        counted = (
            f"SELECT {column} AS value, count(*) AS n FROM prepared WHERE {column} IS NOT NULL GROUP BY value"  # noqa: S608
        )
        total, again = connection.execute(f"SELECT sum(n), sum(n * n) FROM ({counted})").fetchall()[0]  # noqa: S608
        if not total:
            return Frequencies()
        found = connection.execute(f"SELECT value, n FROM ({counted}) WHERE n > {UNSHARED}").fetchall()  # noqa: S608
        shares[column] = {value: n / total for value, n in sorted(found)}
        rest[column] = UNSHARED / total
        typical -= log2(again / total**2)
    return Frequencies(shares, rest, typical)


def measure_holders(connection: Connection) -> dict[str, int]:
    """How many records hold a contact or identity that more than two hold; also as the table `held`."""
    connection.execute(
        f"""
        CREATE TABLE held AS
        SELECT value, count(*) AS holders FROM (
          SELECT unnest(list_distinct(list_concat(coalesce(phones, []), coalesce(emails, []),
            list_filter([unionid, member_number, document], lambda v: v IS NOT NULL)))) AS value FROM prepared)
        GROUP BY value HAVING count(*) > {UNSHARED}
        """  # noqa: S608
    )
    return dict(connection.execute("SELECT value, holders FROM held").fetchall())


def add_measures(connection: Connection, frequencies: Frequencies) -> None:
    """Give `prepared` its columns of rarity and of holders; `held` must stand."""
    sums, joins = [f"{-frequencies.typical!r}"], []
    for number, (column, shares) in enumerate(frequencies.shares.items()):
        table = pa.table(
            {
                "value": pa.array(list(shares), pa.string()),
                "share": pa.array(list(shares.values()), pa.float64()),
            }
        )
        connection.register(f"shares_{number}", table)
        sums.append(f"- log2(coalesce(f{number}.share, {frequencies.rest[column]!r}))")
        joins.append(f"LEFT JOIN shares_{number} f{number} ON f{number}.value = p.{column}")
    lacking = " OR ".join(f"p.{column} IS NULL" for column in frequencies.shares) or "true"
    rarity = f"CASE WHEN {lacking} THEN 0.0 ELSE greatest({-MOST_RARITY}, least({MOST_RARITY}, {' '.join(sums)})) END"
    connection.execute(
        f"""
        CREATE TABLE holding AS
        WITH phones AS (SELECT id, unnest(phones) AS value FROM prepared),
        emails AS (SELECT id, unnest(emails) AS value FROM prepared)
        SELECT id, phone_held, email_held FROM
          (SELECT id, max(holders) AS phone_held FROM phones JOIN held USING (value) GROUP BY id)
          FULL JOIN (SELECT id, max(holders) AS email_held FROM emails JOIN held USING (value) GROUP BY id) USING (id);
        CREATE OR REPLACE TABLE prepared AS
        SELECT p.*, {rarity} AS rarity,
          coalesce(h.phone_held, {UNSHARED}) AS phone_held, coalesce(h.email_held, {UNSHARED}) AS email_held,
          coalesce(u.holders, {UNSHARED}) AS unionid_held, coalesce(m.holders, {UNSHARED}) AS member_number_held,
          coalesce(d.holders, {UNSHARED}) AS document_held
        FROM prepared p LEFT JOIN holding h USING (id) LEFT JOIN held u ON u.value = p.unionid
        LEFT JOIN held m ON m.value = p.member_number LEFT JOIN held d ON d.value = p.document {" ".join(joins)};
        DROP TABLE holding
        """  # noqa: S608
    )
    for number in range(len(frequencies.shares)):
        connection.unregister(f"shares_{number}")


def _placeholders(connection: Connection) -> None:
    """Only numbers that look like one are asked about: all others are plain."""
    suspects = connection.execute(
        "SELECT DISTINCT phone FROM (SELECT unnest(phones) AS phone FROM records)"
        " WHERE right(phone, 7) = repeat(right(phone, 1), 7) OR length(phone) < 7 OR ends_with(phone, '13800138000')"
        " OR ends_with(phone, '0000001') OR ends_with(phone, '13012345678')"
    ).fetchall()
    found = [phone for (phone,) in suspects if phone and is_placeholder(phone)]
    connection.execute("SET VARIABLE placeholders = ?::VARCHAR[]", [found])


def _parts(
    connection: Connection,
    table: str,
    distinct: str,
    columns: Sequence[str],
    parts: Callable[..., dict[str, Value]],
) -> None:
    """A table of each different value and what the function makes of it."""
    reader = connection.cursor()
    made = False
    for keys in _chunks(reader, distinct):
        rows = [parts(*values) for values in zip(*keys.values(), strict=True)]
        arrays = {column: pa.array([row[column] for row in rows], _type(column)) for column in columns}
        connection.register("parts_arrow", pa.table({**keys_table(keys), **arrays}))
        connection.execute(
            f"INSERT INTO {table} SELECT * FROM parts_arrow"  # noqa: S608
            if made
            else f"CREATE TABLE {table} AS SELECT * FROM parts_arrow"  # noqa: S608
        )
        connection.unregister("parts_arrow")
        made = True


def keys_table(keys: dict[str, list[Any]]) -> dict[str, pa.Array]:
    types = {"is_company": pa.bool_(), "given_leap": pa.bool_()} | dict.fromkeys(
        ("given_year", "given_month", "given_day"), pa.int32()
    )
    return {name: pa.array(values, types.get(name, pa.string())) for name, values in keys.items()}


def _chunks(reader: Connection, query: str) -> Iterator[dict[str, list[Any]]]:
    """Columns of values, some ten thousand at a time; once with none when there are none."""
    reader.execute(query)
    names = [column[0] for column in reader.description or ()]
    first = True
    while (rows := reader.fetchmany(_CHUNK)) or first:
        yield {name: [row[place] for row in rows] for place, name in enumerate(names)}
        first = False
        if not rows:
            return


def _type(column: str) -> pa.DataType:
    if column == "rarity":
        return pa.float64()
    return pa.int32() if column in NUMBERS else pa.string()
