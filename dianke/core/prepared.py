"""A cursor for statements of hot paths: the server keeps their plans with the connection.

Django's own cursor puts the values into the text, so the server reads and plans every statement anew, which for a sale
was a third of the database's work. Here the values travel apart: where neither column nor operator tells the type of
one, the statement says it (`%(channel)s::text IS NULL`).
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorWrapper


def prepared() -> CursorWrapper:
    """Used as `connection.cursor()` is: `with prepared() as cursor: cursor.execute(SQL, values)`. Counted and its
    errors named as all statements are. A statement is planned for good once it was asked often enough
    (`prepare_threshold` of the settings). While statements are logged it is Django's own, so that the log can be read.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.queries_logged:
        return database.cursor()
    if database.connection is None:
        database.ensure_connection()
    raw: Any = psycopg.Cursor(database.connection)
    return database.make_cursor(raw)
