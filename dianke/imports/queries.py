"""Reads that span tables and importers: the fields of an importer, the words it knows, what was noted of a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from dianke.core.actor import Actor
from dianke.imports.files import opened, shape_of
from dianke.imports.importers import (
    Context,
    Importer,
    ImporterExtension,
    Target,
    extensions_of,
    importer_by_code,
)
from dianke.imports.models import ImportRow, ImportRun, ImportSource
from dianke.imports.reading.tables import Look, look_again
from dianke.imports.rules.headers import KnownSystem, Vocabulary, fingerprint, folded, forms_of


def all_targets(importer: Importer, actor: Actor) -> list[Target]:
    """The importer's fields and those of its extensions, each code once."""
    found: dict[str, Target] = {}
    sources: list[Importer | ImporterExtension] = [importer, *extensions_of(importer.code, actor)]
    for source in sources:
        for target in source.targets(actor):
            found.setdefault(target.code, target)
    return list(found.values())


def used_extensions(run: ImportRun, actor: Actor) -> list[tuple[ImporterExtension, frozenset[str]]]:
    """The extensions some column of the run is mapped to, with those targets, in a fixed order."""
    mapped = set(run.mapping.values())
    found = []
    for extension in sorted(extensions_of(run.importer, actor), key=lambda each: each.code):
        own = mapped & {target.code for target in extension.targets(actor)}
        if own:
            found.append((extension, frozenset(own)))
    return found


@cache
def reason_headers() -> frozenset[str]:
    """How the column of reasons in a file of erroneous rows is headed, in every language, folded: a corrected file that
    still has it is the same kind of file as before."""
    found = set()
    for language, _label in settings.LANGUAGES:
        with override(language):
            found.add(folded(_("Import problem")))
    return frozenset(found)


def fingerprint_of(names: Sequence[str]) -> str:
    """What files with these headers have in common."""
    return fingerprint(names, reason_headers())


def vocabulary_of(importer: Importer, actor: Actor) -> Vocabulary:
    """The headers the importer knows, folded: labels in every language, codes and synonyms of its fields."""
    words: dict[str, str] = {}
    targets = all_targets(importer, actor)
    for language, _label in settings.LANGUAGES:
        with override(language):
            labels = [(form, target.code) for target in targets for form in forms_of(str(target.label))]
        for form, code in labels:
            words.setdefault(form, code)
    for target in targets:
        for synonym in (*target.synonyms, target.code):
            words.setdefault(folded(synonym), target.code)
    known = {target.code for target in targets}
    systems = [
        KnownSystem(
            profile.code,
            {
                folded(header): code if code in known else ""
                for header, code in ((header, code or "") for header, code in profile.headers.items())
            },
            frozenset(folded(header) for header in profile.recognised_by),
        )
        for profile in importer.profiles
    ]
    return Vocabulary(words, systems, reason_headers())


def source_of(importer: str, names: Sequence[str]) -> ImportSource | None:
    """What is remembered of files with these headers."""
    return ImportSource.objects.filter(importer=importer, fingerprint=fingerprint_of(names)).first()


def same_file_before(run: ImportRun, actor: Actor) -> ImportRun | None:
    """The last import of the very same file that went through, if the actor may see it."""
    return (
        ImportRun.objects.visible_to(actor)
        .filter(importer=run.importer, sha256=run.sha256, state__in=["DONE", "CANCELLED"])
        .exclude(pk=run.pk)
        .select_related("started_by")
        .first()
    )


def context_of(run: ImportRun, actor: Actor, now: datetime) -> Context:
    """What the importer of the run is given."""
    return Context(
        actor=actor,
        now=now,
        run=run,
        options=dict(run.options),
        match_rule=run.match_rule,
        targets=frozenset(run.mapping.values()),
    )


def top_of(run: ImportRun, actor: Actor) -> Look:
    """The first rows of the run's file, read as the run says. Raises a `FileRefused`."""
    words = vocabulary_of(importer_by_code(run.importer), actor)
    with opened(run) as stream:
        return look_again(stream, shape_of(run), words)


@dataclass(frozen=True, slots=True)
class NotedProblem:
    """A problem as it was noted for a row."""

    code: str
    target: str
    message: str
    is_warning: bool


@dataclass(frozen=True, slots=True)
class NotedRow:
    """A noted row, opened."""

    number: int
    outcome: str
    is_error: bool
    cells: list[str]
    problems: list[NotedProblem]


def noted_rows(run: ImportRun, *, only_errors: bool = False, limit: int | None = None) -> Iterator[NotedRow]:
    """The noted rows in the order of the file. Raises `DataKeyDestroyed` after the file's time."""
    rows = ImportRow.objects.filter(run=run)
    if only_errors:
        rows = rows.filter(is_error=True)
    key = run.data_key  # one instance, so that it is unwrapped once
    shown = rows[:limit] if limit is not None else rows
    for row in shown.iterator(chunk_size=1000):
        row.data_key = key
        content = row.content
        yield NotedRow(
            row.row_number,
            row.outcome,
            row.is_error,
            content["cells"],
            [NotedProblem(*problem) for problem in content["problems"]],
        )


def most_frequent_problems(run: ImportRun, *, limit: int) -> list[tuple[str, int]]:
    """The problems most rows have, in words, with how many; the words are those of the first such row."""
    found = []
    for code, count in sorted(run.problems.items(), key=lambda item: -item[1])[:limit]:
        rows = ImportRow.objects.filter(run=run, codes__contains=[code]).select_related("data_key")
        row = rows.first()
        words = {} if row is None else {problem[0]: problem[2] for problem in row.content["problems"]}
        found.append((words.get(code, code), count))
    return found
