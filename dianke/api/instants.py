"""An instant as endpoints take it: with its offset, in years a calendar of ours knows; as UTC, since the database knows
no offset beyond sixteen hours."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field
from pydantic_core import PydanticCustomError


def _of_our_time(value: datetime) -> datetime:
    if not 2000 <= value.year <= 2199:
        raise PydanticCustomError("datetime_range", "not between the years 2000 and 2199")
    return value.astimezone(UTC)


Instant = Annotated[
    AwareDatetime, AfterValidator(_of_our_time), Field(examples=["2026-11-21T18:00:00+08:00"])
]
