"""Two profiles beside each other, field by field, and the one they would become."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dianke.core.errors import Text
from dianke.customers.rules.merging import Problem, Side, why_not


class Agreement(StrEnum):
    SAME = "SAME"
    PARTLY = "PARTLY"
    DIFFERENT = "DIFFERENT"
    ONE_SIDED = "ONE_SIDED"


@dataclass(frozen=True, slots=True)
class Value:
    """One value as it is shown, and the key by which it equals another: two hidden numbers may look alike."""

    text: Text
    key: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A value in its column; `is_shared` when the other side has it too."""

    text: Text
    is_shared: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A field of two profiles beside each other, and of the one they would become (`after`, and `why` it is that).
    `is_telling`: whether a difference says anything about being one person."""

    code: str
    label: Text
    left: tuple[Shown, ...]
    right: tuple[Shown, ...]
    agreement: Agreement
    is_telling: bool = True
    after: tuple[Text, ...] = ()
    why: Text = ""


Values = Mapping[str, Sequence[Value]]


def compare(
    labels: Mapping[str, Text], left: Values, right: Values, *, untelling: Collection[str] = ()
) -> list[Line]:
    """The fields either of them has, in the order of `labels`; `untelling` ones always differ and mean nothing."""
    lines = []
    for code, label in labels.items():
        mine, theirs = left.get(code, ()), right.get(code, ())
        if mine or theirs:
            lines.append(_line(code, label, mine, theirs, code not in untelling))
    return lines


def _line(code: str, label: Text, left: Sequence[Value], right: Sequence[Value], is_telling: bool) -> Line:
    mine, theirs = {value.key for value in left}, {value.key for value in right}
    if not mine or not theirs:
        agreement = Agreement.ONE_SIDED
    elif mine == theirs:
        agreement = Agreement.SAME
    else:
        agreement = Agreement.PARTLY if mine & theirs else Agreement.DIFFERENT
    return Line(
        code,
        label,
        tuple(Shown(value.text, value.key in theirs) for value in left),
        tuple(Shown(value.text, value.key in mine) for value in right),
        agreement,
        is_telling,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePreview:
    """What merging `joined` into `kept` would make. `lines` are the fields with what is shown afterwards; `consents`
    what may still be done (purpose, channel, given); `accounts` what stays apart, per customer; `seers` who sees the
    profile then, each with whether that is new to them; `problems` what forbids it."""

    kept: int
    joined: int
    lines: tuple[Line, ...]
    consents: tuple[ConsentLine, ...]
    accounts: tuple[AccountLine, ...]
    seers: tuple[Seer, ...]
    problems: tuple[Problem, ...]

    @property
    def is_possible(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """A purpose and channel: what each has said, and what holds for the one (`None`: never asked)."""

    purpose: Text
    channel: Text
    left: bool | None
    right: bool | None
    after: bool | None


@dataclass(frozen=True, slots=True)
class AccountLine:
    """What a later room keeps for each of the customers; it stays with them."""

    label: Text
    kept: tuple[Text, ...]
    joined: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Seer:
    """Who sees the profile after the merge. `kind` is "store", "person" or "partner"."""

    kind: str
    name: str
    is_new: bool


def preview(
    *,
    kept: Side,
    joined: Side,
    lines: Iterable[Line],
    after: Mapping[str, tuple[tuple[Text, ...], Text]],
    consents: Iterable[ConsentLine],
    accounts: Iterable[AccountLine],
    seers: Iterable[Seer],
) -> MergePreview:
    """The two profiles (`compare(labels, kept, joined)`) with what the one will show: `after` has value and reason of
    the fields of which one survives; of all others everything stays."""
    told = []
    for line in lines:
        texts, why = after.get(line.code, (None, ""))
        if texts is None:
            alone = [shown.text for shown in line.right if not shown.is_shared]
            texts = (*(shown.text for shown in line.left), *alone)
        told.append(replace(line, after=texts, why=why))
    return MergePreview(
        kept=kept.head,
        joined=joined.head,
        lines=tuple(told),
        consents=tuple(consents),
        accounts=tuple(accounts),
        seers=tuple(seers),
        problems=tuple(why_not(kept, joined)),
    )
