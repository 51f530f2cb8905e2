"""The process log: instants in UTC, one line each, and a note of every refusal with who asked for what.

Names and contact data never go in; people and requests are told by their ids.
"""

from __future__ import annotations

import logging
import time

from django.http import HttpRequest

logger = logging.getLogger("dianke.refused")


class UtcFormatter(logging.Formatter):
    """`2026-11-21T06:30:00Z`; a line break in a message cannot begin a line of its own."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%SZ"
    default_msec_format = ""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")


def note_refusal(request: HttpRequest, status: int, code: str) -> None:
    """Write down that somebody was refused: 401 and 403 alone, as the log is read for attacks."""
    if status in {401, 403}:
        actor = getattr(request, "actor", None)
        logger.warning(
            "%s %s refused with %s %s: user %s, request %s",
            request.method,
            request.path,
            status,
            code,
            getattr(actor, "user_id", None),
            getattr(request, "request_id", ""),
        )
