"""What becomes of a batch: forecasts and outcomes of importer and extensions put together, and the rows to be noted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dianke.imports.batches import Batch
from dianke.imports.importers import (
    Context,
    Importer,
    ImporterExtension,
    Outcome,
    OutcomeKind,
    Row,
    RowProblem,
)
from dianke.imports.models import ImportRow, ImportRun
from dianke.imports.rules.outcomes import Tally

Extensions = Sequence[tuple[ImporterExtension, frozenset[str]]]
_MOST_LETTERS = 2000  # of a cell that is noted


class ImporterContractBroken(Exception):
    """A fault of an importer: it answered for more or fewer rows than it was given."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One row with what will or did become of it."""

    number: int
    cells: list[str]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a batch ended: its counts, and the rows to be noted."""

    tally: Tally
    judged: list[Judged]

    def problems(self) -> Counter[str]:
        """How many rows have each problem."""
        return Counter(
            code for each in self.judged for code in {problem.code for problem in each.outcome.problems}
        )


def forecast(batch: Batch, importer: Importer, extensions: Extensions, context: Context) -> Verdict:
    """What would become of each row; nothing is written."""
    checks = list(importer.check(batch.rows, context)) if batch.rows else []
    _same_length(importer.code, checks, batch.rows)
    outcomes = [Outcome(check.forecast, "", check.problems) for check in checks]
    outcomes = _with_extensions(batch.rows, outcomes, extensions, context)
    return _verdict(batch, outcomes)


def applied(batch: Batch, importer: Importer, extensions: Extensions, context: Context) -> Verdict:
    """Write the batch; what became of each row. Rows an extension refuses never reach the importer."""
    rows = batch.rows
    refusals = _with_extensions(rows, [_FINE] * len(rows), extensions, context)
    good = [row for row, refusal in zip(rows, refusals, strict=True) if refusal.kind is not OutcomeKind.ERROR]
    made = list(importer.apply(good, context)) if good else []
    _same_length(importer.code, made, good)
    answers = iter(made)
    outcomes = []
    for refusal in refusals:
        if refusal.kind is OutcomeKind.ERROR:
            outcomes.append(refusal)
        else:
            outcome = next(answers)
            if refusal.problems:
                outcome = Outcome(
                    outcome.kind, outcome.subject_id, outcome.problems + refusal.problems, outcome.is_kept
                )
            outcomes.append(outcome)
    for extension, codes in extensions:
        concerned = [
            (row, outcome)
            for row, outcome in zip(rows, outcomes, strict=True)
            if outcome.kind not in _NOT_EXTENDED and any(row[code] for code in codes)
        ]
        if concerned:
            extension.apply(concerned, context)
    return _verdict(batch, outcomes)


_FINE = Outcome(OutcomeKind.CREATED)
_NOT_EXTENDED = {OutcomeKind.ERROR, OutcomeKind.SKIPPED}


def _with_extensions(
    rows: Sequence[Row], outcomes: list[Outcome], extensions: Extensions, context: Context
) -> list[Outcome]:
    """The outcomes with what the extensions find wrong; an error of theirs is the row's."""
    for extension, codes in extensions:
        places = [index for index, row in enumerate(rows) if any(row[code] for code in codes)]
        if not places:
            continue
        found = list(extension.check([rows[index] for index in places], context))
        _same_length(extension.code, found, places)
        for index, problems in zip(places, found, strict=True):
            if problems:
                outcome = outcomes[index]
                is_error = any(not problem.is_warning for problem in problems)
                kind = OutcomeKind.ERROR if is_error else outcome.kind
                outcomes[index] = Outcome(
                    kind, outcome.subject_id, outcome.problems + problems, outcome.is_kept
                )
    return outcomes


def _same_length(code: str, answers: Sequence[object], rows: Sequence[object]) -> None:
    if len(answers) != len(rows):
        raise ImporterContractBroken(f"{code} answered for {len(answers)} rows of {len(rows)}")


def _verdict(batch: Batch, outcomes: Sequence[Outcome]) -> Verdict:
    tally = Tally()
    tally.add([outcome.kind for outcome in outcomes])
    tally.errors += len(batch.refused)
    judged = [
        Judged(row.number, cells, outcome)
        for row, cells, outcome in zip(batch.rows, batch.cells, outcomes, strict=True)
        if outcome.problems or outcome.is_kept
    ]
    tally.warnings = sum(
        each.outcome.kind is not OutcomeKind.ERROR and bool(each.outcome.problems) for each in judged
    )
    judged += [
        Judged(number, cells, Outcome(OutcomeKind.ERROR, "", (problem,)))
        for number, cells, problem in batch.refused
    ]
    return Verdict(tally, judged)


def noted(run: ImportRun, judged: Sequence[Judged]) -> Iterator[ImportRow]:
    """Rows to write; their content is sealed with the key of the run."""
    return (_row(run, each) for each in judged)


def _row(run: ImportRun, each: Judged) -> ImportRow:
    row = ImportRow(
        run=run,
        data_key=run.data_key,
        row_number=each.number,
        outcome=each.outcome.kind.value,
        codes=[problem.code for problem in _errors_first(each.outcome.problems)],
        is_error=each.outcome.kind is OutcomeKind.ERROR,
    )
    row.content = {
        "cells": [cell.replace("\x00", "")[:_MOST_LETTERS] for cell in each.cells],
        "problems": [_told(problem) for problem in each.outcome.problems],
    }
    return row


def _errors_first(problems: Sequence[RowProblem]) -> list[RowProblem]:
    return sorted(problems, key=lambda problem: problem.is_warning)


def _told(problem: RowProblem) -> list[object]:
    return [problem.code, problem.target, str(problem.message), problem.is_warning]
