"""Rows of a file read and made ready ahead, in the process that reads it: `importing.read` and the sealing of those who
will most likely be new customers. What it takes to decide about a row travels; what a row says is read anew for the few
that belong to somebody who is here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dianke.core.data_keys import expect_noted
from dianke.core.errors import InvalidInput
from dianke.customers.operations.bulk import Origin
from dianke.customers.operations.bulk_lines import Lines, Stock, lines_of_new
from dianke.customers.operations.import_drafts import Draft, Settings, read
from dianke.imports.importers import Preparer, Row

#: A draft as it travels: its fields from `problems` to `lines`. A plain tuple, for there are very many.
Ready = tuple[
    list[tuple[str, InvalidInput, bool]],
    bool,
    list[tuple[str, bytes]],
    bytes,
    str,
    str,
    int | None,
    Lines | None,
]


@dataclass(frozen=True, slots=True)
class CustomerPreparer(Preparer):
    """`origin` is None where nothing will be written; `master_key` names what new data keys are wrapped with."""

    settings: Settings
    origin: Origin | None
    master_key: str

    def prepare(self, rows: Sequence[Row], stock: Stock | None) -> list[Ready]:
        """Every row as `drafted` takes it."""
        drafts = read([(row.number, row) for row in rows], self.settings)
        good = [draft for draft in drafts if draft.new is not None]
        lines: list[Lines | None] = [None] * len(good)
        if self.origin is not None and stock is not None and good:
            expect_noted(self.master_key)
            lines = lines_of_new([draft.new for draft in good if draft.new], self.origin, stock)
        for draft, made in zip(good, lines, strict=True):
            draft.lines = made
        return [
            (
                draft.problems,
                draft.is_good,
                draft.keys,
                draft.fingerprint,
                draft.external_id,
                draft.member_number,
                draft.store_id,
                draft.lines,
            )
            for draft in drafts
        ]


def drafted(row: Row, ready: Ready) -> Draft:
    """The draft of a row that was made ready elsewhere."""
    problems, is_good, keys, fingerprint, external_id, member_number, store_id, lines = ready
    return Draft(
        row=row.number,
        cells=row,
        problems=problems,
        is_good=is_good,
        keys=keys,
        fingerprint=fingerprint,
        external_id=external_id,
        member_number=member_number,
        store_id=store_id,
        lines=lines,
    )
