"""Seals the secrets of second factors (TOTP keys, recovery codes) for their owner: a value copied to another
person's row does not open. The keys are outside the database (dianke.core.data_keys)."""

from __future__ import annotations

import base64
import uuid

from dianke.core import data_keys
from dianke.core.crypto import SealBroken, key_of

TABLE = "mfa_authenticator"
_NAMESPACE = uuid.UUID("6f2b8a52-5f0e-4d55-9a3c-0d6f1c1c7a11")


def seal_text(text: str, *, field: str, user_id: int) -> str:
    """`text` sealed for that field of that person, as base64."""
    sealed = data_keys.table_key(TABLE).seal(text.encode(), table=TABLE, field=field, row=_row(user_id))
    return base64.b64encode(sealed).decode()


def open_text(sealed: str, *, field: str, user_id: int) -> str:
    """The text again. Raises `SealBroken` for another person, another field, or changed bytes."""
    try:
        data = base64.b64decode(sealed, validate=True)
    except ValueError:
        raise SealBroken(table=TABLE, field=field) from None
    key = data_keys.table_key_of(TABLE, field, key_of(data))
    return key.open(data, table=TABLE, field=field, row=_row(user_id)).decode()


def _row(user_id: int) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, str(user_id))
