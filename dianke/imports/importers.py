"""What a room registers so that files can become its rows: an `Importer` with its fields, checks and writes.

The room `imports` knows files, columns, runs, progress and errors; an importer knows what a row means. A later
room adds columns to another room's importer (opening balances beside customers) with an `ImporterExtension`.
"""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from dianke.core.actor import Actor
from dianke.imports.rules.values import Kind

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from dianke.imports.models import ImportRun

    Text = str | _StrPromise
else:
    Text = object

__all__ = [
    "Context",
    "Importer",
    "ImporterExtension",
    "ImporterUnknown",
    "Kind",
    "MatchRule",
    "Option",
    "Outcome",
    "OutcomeKind",
    "PreparedRow",
    "Preparer",
    "Profile",
    "Row",
    "RowCheck",
    "RowProblem",
    "Target",
    "UndoCount",
    "extensions_of",
    "importer_by_code",
    "importers_for",
    "register",
    "register_extension",
]


@dataclass(frozen=True, slots=True)
class Target:
    """A field a column can be mapped to.

    `synonyms` are headers in any language, compared folded (case, width, blanks and punctuation do not count; the
    label and the code are synonyms by themselves). `kind` says what the kit makes of the text: PHONE and CODE get
    back the digits a spreadsheet turned into a number, DATE turns a spreadsheet's day number into YYYY-MM-DD.
    """

    code: str
    label: Text
    synonyms: tuple[str, ...] = ()
    is_required: bool = False
    hint: Text = ""
    group: Text = ""
    kind: Kind = Kind.TEXT
    example: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """How a common system writes its export: header → target code (None: leave that column out). Recognised when
    every header of `recognised_by` is there."""

    code: str
    label: Text
    headers: Mapping[str, str | None]
    recognised_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatchRule:
    """A way to find the record that is there already; the first of an importer's rules is the usual one."""

    code: str
    label: Text
    hint: Text = ""


@dataclass(frozen=True, slots=True)
class Option:
    """A question asked once for the whole file: a choice (with `choices`), a text, or yes and no (`is_flag`).

    Values reach the importer as text in `context.options`; yes is "1", no and nothing are "".
    """

    code: str
    label: Text
    hint: Text = ""
    choices: Callable[[Actor], Sequence[tuple[str, Text]]] | None = None
    is_flag: bool = False
    is_required: bool = False
    default: str | Callable[[Actor], str] = ""
    max_length: int = 200


class Row(dict[str, str]):
    """One row: target code → text, without blanks around it, "" for an empty cell. Only mapped targets are in it.

    `number` is the row of the file as a spreadsheet counts it: unique in the run and the same at every reading.
    """

    __slots__ = ("number",)
    number: int


class PreparedRow(Row):
    """A row that came with what the importer's `Preparer` made of it in another process."""

    __slots__ = ("prepared",)
    prepared: Any


class OutcomeKind(enum.StrEnum):
    """What becomes of a row, in a forecast or for real."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    SKIPPED = "SKIPPED"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row, in words for the person who corrects it: what is wrong and what to do. The message
    does not repeat the value; `target` names the field. A warning lets the row in."""

    code: str
    message: Text
    target: str = ""
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class RowCheck:
    """The forecast of one row. An ERROR comes with at least one problem that is no warning."""

    forecast: OutcomeKind = OutcomeKind.CREATED
    problems: tuple[RowProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row. `subject_id` is the id of what was made or changed (extensions are given it); with
    `is_kept` the row is kept in the list of noted rows although nothing is wrong with it."""

    kind: OutcomeKind
    subject_id: str = ""
    problems: tuple[RowProblem, ...] = ()
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class UndoCount:
    """What one step of undoing did. `cursor` is handed to the next step; "" says that nothing is left."""

    removed: int = 0
    restored: int = 0
    kept: int = 0
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What every call of an importer is given. `targets` are the codes that some column was mapped to."""

    actor: Actor
    now: datetime
    run: ImportRun
    options: Mapping[str, str] = field(default_factory=dict)
    match_rule: str = ""
    targets: frozenset[str] = frozenset()


class Preparer(ABC):
    """The part of an importer's work on a row that needs no database, done in another process while the batch before
    is written. It is pickled on its way there: it holds plain values, no key in the clear and no connection."""

    @abstractmethod
    def prepare(self, rows: Sequence[Row], stock: Any) -> Sequence[Any]:
        """What `check` or `apply` will find as `PreparedRow.prepared`, one for each row, in order; it is pickled too.
        `stock` is what `Importer.stock` gave for this batch."""


class Importer(ABC):
    """Base of an importer: set the attributes, write `targets`, `check` and `apply`, and register one instance."""

    code: ClassVar[str]
    label: ClassVar[Text]
    #: What it takes besides imports.run_imports.
    permission: ClassVar[str]
    #: One sentence for the page where a person chooses what to import.
    hint: ClassVar[Text] = ""
    icon: ClassVar[str] = "file-import"
    profiles: ClassVar[Sequence[Profile]] = ()
    match_rules: ClassVar[Sequence[MatchRule]] = ()
    options: ClassVar[Sequence[Option]] = ()
    batch_size: ClassVar[int] = 5000
    can_undo: ClassVar[bool] = True

    @abstractmethod
    def targets(self, actor: Actor) -> Sequence[Target]:
        """The fields, custom ones included, that this actor may fill."""

    @abstractmethod
    def check(self, rows: Sequence[Row], context: Context) -> Sequence[RowCheck]:
        """One forecast per row, in order; writes nothing. Rows the kit itself refused are not handed in."""

    @abstractmethod
    def apply(self, rows: Sequence[Row], context: Context) -> Sequence[Outcome]:
        """Write one batch and say what became of each row, in order. Runs inside one operation and transaction that
        also notes how far the run is, so a batch happens once or not at all. A row found wrong here is an ERROR
        outcome, never an exception: an exception stops the run."""

    @abstractmethod
    def undo(self, context: Context, cursor: str, limit: int) -> UndoCount:
        """Take back up to `limit` rows of the run, in one transaction; called again with the returned cursor until
        that is "". What was changed since the import is kept and counted as kept."""

    def preparer(self, context: Context, *, is_writing: bool) -> Preparer | None:
        """What prepares the rows of a large file ahead; None: nothing can. Rows are handed in unprepared all the same,
        where the file is small or the computer has one core."""
        return None

    def stock(self, context: Context, count: int) -> Any:
        """What the preparer needs of the database for a batch of up to `count` rows that will be written: numbers given
        out in advance, say."""
        return None

    def settle(self, context: Context) -> bool:
        """One step of what can only be made of all the rows (orders of their lines), once every batch is in: a
        transaction of its own, and called again until it says False, which is that nothing was left and nothing was
        written. A run that dies in between goes on, so a step looks for what is not done yet. Before `after`."""
        return False

    def after(self, context: Context) -> None:  # noqa: B027 - most importers have nothing left to do
        """Once, when all batches are in: what waits for the whole (a bulk match, statistics)."""

    def result_url(self, run: ImportRun) -> str:
        """The page that shows what the run brought in; "" where there is none."""
        return ""


class ImporterExtension(ABC):
    """Columns a later room adds to another room's importer: opening balances beside customers."""

    code: ClassVar[str]
    #: The importer it belongs to.
    importer: ClassVar[str]
    label: ClassVar[Text]
    #: What it takes besides the importer's permission; without it the columns are not offered.
    permission: ClassVar[str]

    @abstractmethod
    def targets(self, actor: Actor) -> Sequence[Target]:
        """The columns it adds."""

    def check(self, rows: Sequence[Row], context: Context) -> Sequence[tuple[RowProblem, ...]]:
        """Problems of each row; one that is no warning makes the whole row an error."""
        return [()] * len(rows)

    @abstractmethod
    def apply(self, rows: Sequence[tuple[Row, Outcome]], context: Context) -> None:
        """After the importer's own `apply`, in the same transaction, for rows that are no errors and where one of its
        own columns is filled. `check` is asked before for the same rows."""

    @abstractmethod
    def undo(self, context: Context, cursor: str, limit: int) -> UndoCount:
        """Called to its end before the importer's own `undo`."""

    def after(self, context: Context) -> None:  # noqa: B027 - as the importer's
        """Once, after the importer's own."""


class ImporterUnknown(LookupError):
    """A run names an importer that no installed room registers."""


_importers: dict[str, Importer] = {}
_extensions: dict[str, dict[str, ImporterExtension]] = {}


def register(importer: Importer) -> Importer:
    """Called from `AppConfig.ready` of the room. Another importer under the same code is a mistake."""
    known = _importers.setdefault(importer.code, importer)
    if type(known) is not type(importer):
        raise ValueError(f"two importers have the code {importer.code}")
    return known


def register_extension(extension: ImporterExtension) -> ImporterExtension:
    """Called from `AppConfig.ready` of the later room."""
    known = _extensions.setdefault(extension.importer, {}).setdefault(extension.code, extension)
    if type(known) is not type(extension):
        raise ValueError(f"two extensions of {extension.importer} have the code {extension.code}")
    return known


def importer_by_code(code: str) -> Importer:
    """Raises `ImporterUnknown`."""
    try:
        return _importers[code]
    except KeyError:
        raise ImporterUnknown(code) from None


def importers_for(actor: Actor) -> list[Importer]:
    """Those the actor may use, in the order they were registered."""
    if not actor.can("imports.run_imports"):
        return []
    return [importer for importer in _importers.values() if actor.can(importer.permission)]


def extensions_of(code: str, actor: Actor) -> list[ImporterExtension]:
    """The extensions of an importer whose columns the actor may fill."""
    return [each for each in _extensions.get(code, {}).values() if actor.can(each.permission)]
