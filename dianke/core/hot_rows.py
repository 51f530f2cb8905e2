"""Rows read and written on paths walked thousands of times: the statement is put together once, not per request."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models.query import get_related_populators

from dianke.core.prepared import prepared

M = TypeVar("M", bound=models.Model)


class ById(Generic[M]):
    """`ById(Store, "legal_entity")`: a row with what it refers to, as the manager would read it by
    `select_related(…).filter(pk=…)`. Made at the top of a module; the models are looked at when it is first used."""

    def __init__(self, model: type[M], *related: str) -> None:
        self.model, self.related = model, related

    def get(self, pk: int) -> M | None:
        """The row, or None. One statement."""
        sql, (first, after), converters, populators = self._made
        with prepared() as cursor:
            cursor.execute(sql, (pk,))
            row = cursor.fetchone()
        if row is None:
            return None
        values = list(row)
        for place, (convert, expression) in converters.items():
            for each in convert:
                values[place] = each(values[place], expression, connection)
        found = self.model.from_db(connection.alias, self._names, values[first:after])
        for populator in populators:
            populator.populate(values, found)
        return found

    @cached_property
    def _names(self) -> list[str]:
        return [column.attname for column in self.model._meta.concrete_fields]

    @cached_property
    def _made(self) -> tuple[str, tuple[int, int], Any, Any]:
        rows = self.model._base_manager.filter(pk=0)
        if self.related:
            rows = rows.select_related(*self.related)
        compiler = rows.query.get_compiler(connection=connection)
        sql, _values = compiler.as_sql()
        select, info = compiler.select or [], compiler.klass_info or {}
        places = info["select_fields"]
        return (
            sql,
            (places[0], places[-1] + 1),
            compiler.get_converters([each[0] for each in select]),
            get_related_populators(info, select, connection.alias),  # type: ignore[call-arg]  # the stubs are older
        )


class Adding(Generic[M]):
    """`Adding(Event).add(row)`: inserts a row of plain values as `save` does, without signals. `on_conflict` ends the
    statement, for instance `"ON CONFLICT DO NOTHING"`; a row that was left out for it keeps no id."""

    def __init__(self, model: type[M], on_conflict: str = "") -> None:
        self.model, self.on_conflict = model, on_conflict

    def add(self, row: M) -> M:
        """Insert it; its id is set. One statement."""
        sql, columns = self._made
        values = [each.get_db_prep_save(each.pre_save(row, True), connection) for each in columns]
        with prepared() as cursor:
            cursor.execute(sql, values)
            made = cursor.fetchone()
        row.pk = made[0] if made else None
        row._state.adding, row._state.db = made is None, connection.alias
        return row

    @cached_property
    def _made(self) -> tuple[str, list[Any]]:
        meta, quoted = self.model._meta, connection.ops.quote_name
        columns = [each for each in meta.concrete_fields if not each.primary_key]
        names = ", ".join(quoted(str(each.column)) for each in columns)
        marks = ", ".join(["%s"] * len(columns))
        sql = f"INSERT INTO {quoted(meta.db_table)} ({names}) VALUES ({marks}) {self.on_conflict}"  # noqa: S608
        return f"{sql} RETURNING {quoted(str(meta.pk.column))}", columns
