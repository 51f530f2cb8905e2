"""A cursor for statements of hot paths: the server keeps their plans with the connection.

Django's own cursor puts the values into the text, so the server reads and plans every statement anew, which for a sale
was a third of the database's work. Here the values travel apart: where neither column nor operator tells the type of
one, the statement says it (`%(channel)s::text IS NULL`).
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper


def prepared() -> CursorWrapper:
    """Used as `connection.cursor()` is: `with prepared() as cursor: cursor.execute(SQL, values)`. Counted and its
    errors named as all statements are. A statement is planned for good once it was asked often enough
    (`prepare_threshold` of the settings). While statements are logged it is Django's own, so that the log can be read.
    """
    if connection.queries_logged:
        return connection.cursor()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        raw: Any = psycopg.Cursor(connection.connection)
        return connection.make_cursor(raw)
