"""What the database refuses, said as a named error of the product.

Forms and operations check what they can beforehand; what slips past them (two people at the same instant, a number
that fits no column, a character that cannot be stored) is refused by the database, and the person is told so kindly
instead of seeing a failure of the system.
"""

from __future__ import annotations

from django.db import DataError, IntegrityError, OperationalError
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import Conflict, DiankeError, InvalidInput, TemporarilyUnavailable

MAX_ID = 2**63 - 1  # of a bigint key

_UNIQUE, _EXCLUSION, _REFERENCE = "23505", "23P01", "23503"
_OUT_OF_RANGE = {"22003", "22008"}
#: Deadlock, serialisation failure, lock not got in time, statement cancelled: the same request may well work next time.
_PASSING = {"40P01", "40001", "55P03", "57014"}


class AlreadyThere(Conflict):
    code = "already_there"
    message = _(
        "Someone else entered the same at this moment. Load the page again and look before you repeat it."
    )


class StillReferred(Conflict):
    code = "still_referred"
    message = _("Something else still refers to this, or what it refers to is gone. Load it again.")


class ValueOutOfRange(InvalidInput):
    code = "value_out_of_range"
    message = _("A number or date is too large or too small. Check what was entered.")


class TextNotStorable(InvalidInput):
    code = "text_not_storable"
    message = _("The text holds a character that cannot be stored. Remove it and try again.")


class BusyJustNow(TemporarilyUnavailable):
    code = "busy_just_now"
    message = _("Others are changing the same right now. Please try again in a moment.")


def refusal_of(error: Exception) -> DiankeError | None:
    """The named error for what the database (or the driver on its behalf) refused; None when it is a real fault."""
    state = getattr(error.__cause__, "sqlstate", None) or ""
    if isinstance(error, UnicodeEncodeError) and error.reason == "surrogates not allowed":
        return TextNotStorable()
    if isinstance(error, DataError):
        return ValueOutOfRange() if state in _OUT_OF_RANGE else TextNotStorable()
    if isinstance(error, IntegrityError):
        if state in {_UNIQUE, _EXCLUSION}:
            return AlreadyThere()
        return StillReferred() if state == _REFERENCE else None
    if isinstance(error, OperationalError) and state in _PASSING:
        return BusyJustNow()
    return None
