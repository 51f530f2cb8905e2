"""A column of search words and the one question asked of it: does the query find the row.

The words are those of `core.names.search_text`; a row is found when every term of the query begins one of its
words, which a GIN index over `tsvector` answers. Nothing of PostgreSQL's own parsing takes part: words go in as
they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from dianke.core.names import WORD_LENGTH, query_terms, search_text

if TYPE_CHECKING:
    _Field = models.Field[Any, Any]
else:
    _Field = models.Field


def words_of(texts: Iterable[str]) -> str:
    """The search words of several texts (a name, its aliases, a number), each once, separated by spaces."""
    found: dict[str, None] = {}
    for text in texts:
        if text.isascii() and text.isdecimal():
            found[text[:WORD_LENGTH]] = None
        elif text:
            found |= dict.fromkeys(_name_words(text))
    return " ".join(found)


@lru_cache(maxsize=20_000)
def _name_words(name: str) -> tuple[str, ...]:
    """Names come again and again in a file of a hundred thousand."""
    return tuple(search_text(name).split())


def vector_text(words: str) -> str:
    """The words as PostgreSQL reads a `tsvector`, for COPY: `'wang' 'wxm'`."""
    if "\\" in words or "'" in words:
        words = words.replace("\\", "\\\\").replace("'", "''")
    return "'" + "' '".join(words.split()) + "'" if words else ""


def prefix_query(query: str) -> str:
    """The query as a `tsquery` of prefixes: `'王':* & 'xm':*`; empty when it asks nothing."""
    terms = (term.replace("\\", "\\\\").replace("'", "''") for term in query_terms(query))
    return " & ".join(f"'{term}':*" for term in terms)


class SearchWordsField(_Field):
    """Set it to the text of `words_of`; it is written as a `tsvector` and never read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", False)
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    def db_type(self, connection: Any) -> str:
        return "tsvector"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return None if value is None else vector_text(value)

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        return "%s::tsvector"

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> str:
        return " ".join(part.strip("'") for part in value.split()) if value else ""


@SearchWordsField.register_lookup
class FoundBy(models.Lookup):
    """`filter(search_words__found_by="王xm")`; a query without terms finds nothing."""

    lookup_name = "found_by"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, parameters = self.process_lhs(compiler, connection)
        query = prefix_query(str(self.rhs))
        if not query:
            return "FALSE", ()
        return f"{left} @@ %s::tsquery", (*parameters, query)


def search_words_index(name: str, field: str = "search_words") -> GinIndex:
    """The index `found_by` uses."""
    return GinIndex(fields=[field], name=name)


class FoundByWords(models.Model):
    """A row people find by some of its own texts, named in `words_from`; the words follow whenever one is saved.
    None: the row was written by a version that knew no words."""

    words_from: ClassVar[tuple[str, ...]] = ()

    search_words = SearchWordsField(null=True)

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is None or not set(update_fields).isdisjoint(self.words_from):
            self.search_words = words_of(getattr(self, name) for name in self.words_from)
            update_fields = None if update_fields is None else {*update_fields, "search_words"}
        super().save(*args, update_fields=update_fields, **kwargs)
