"""Customers out of files: the fields, the questions and the match rules of `dianke/imports` for this room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.custom_fields import FieldType, specs_for
from dianke.core.data_keys import wrapping_key
from dianke.core.errors import InvalidInput
from dianke.customers.models import Channel, Tag
from dianke.customers.operations.bulk import Origin
from dianke.customers.operations.bulk_lines import Stock, stock_for
from dianke.customers.operations.entry import needs_store
from dianke.customers.operations.import_drafts import Draft, Fate, Settings, read, settings_now
from dianke.customers.operations.import_undo import undo_rows
from dianke.customers.operations.importing import decide, take_in
from dianke.customers.operations.importing_ahead import CustomerPreparer, drafted
from dianke.customers.providers.import_targets import MORE, TARGETS
from dianke.customers.queries.importing import staff_by_word, stores_by_word
from dianke.customers.rules.import_profiles import PROFILES
from dianke.customers.rules.import_rows import CUSTOM
from dianke.imports.importers import (
    Context,
    Importer,
    Kind,
    MatchRule,
    Option,
    Outcome,
    OutcomeKind,
    PreparedRow,
    Row,
    RowCheck,
    RowProblem,
    Target,
    UndoCount,
    register,
)
from dianke.imports.models import ImportRun
from dianke.stores.models import Store

_FATES = {
    Fate.NEW: OutcomeKind.CREATED,
    Fate.LINK: OutcomeKind.UPDATED,
    Fate.SAME: OutcomeKind.UNCHANGED,
    Fate.SKIP: OutcomeKind.SKIPPED,
    Fate.ERROR: OutcomeKind.ERROR,
}


class StoreMissing(InvalidInput):
    code = "import_store_missing"
    message = _(
        "The row names no store you look after, and without one you would not see the customer. Choose the home store "
        "for the whole file (“Home store”), or fill in the column."
    )
    default_field = "store"


class CustomerImporter(Importer):
    """Rows become source records; who is here already gets a further record, everybody else is a new customer."""

    code = "customers"
    label = _("Customers")
    permission = "customers.import_customers"
    hint = _("Members, contacts and customers of another system or from a spreadsheet.")
    icon = "users"
    batch_size = 5_000
    profiles: ClassVar = PROFILES
    match_rules: ClassVar = (
        MatchRule(
            "sure",
            _("Only when it is sure"),
            _(
                "Same phone, email or member number, and the name or birthday agrees. The rest is left for review."
            ),
        ),
        MatchRule(
            "phone",
            _("Same phone or email is the same person"),
            _("Even if the name differs. Careful with numbers that families share."),
        ),
        MatchRule(
            "member_number", _("Same member number"), _("For files of the system the numbers come from.")
        ),
        MatchRule(
            "external_id", _("Same number in the other system"), _("For files you import again and again.")
        ),
        MatchRule("none", _("Always as new customers"), _("Possible duplicates are found afterwards.")),
    )
    options: ClassVar = (
        Option(
            "store",
            _("Home store"),
            _("For rows that name no store."),
            choices=lambda actor: [
                (str(store.pk), store.short_name)
                for store in Store.objects.visible_to(actor, "customers.import_customers").still_open()
            ],
            default=lambda actor: _only_store(actor),
        ),
        Option(
            "source",
            _("Name of the source"),
            _("For example: old member list, Youzan. Kept with every record."),
        ),
        Option("campaign", _("Campaign"), max_length=60),
        Option(
            "tag",
            _("Tag for everybody"),
            choices=lambda _actor: [(str(tag.pk), tag.name) for tag in Tag.objects.filter(archived_at=None)],
        ),
        Option(
            "update",
            _("Add to customers who are here already"),
            _("Otherwise their rows are left out."),
            is_flag=True,
            default="1",
        ),
    )

    def targets(self, actor: Actor) -> Sequence[Target]:
        """The plain fields, then the custom ones of every trade."""
        custom = [
            Target(
                CUSTOM + spec.key,
                spec.label,
                group=MORE,
                kind=Kind.DATE if spec.type == FieldType.DATE else Kind.TEXT,
            )
            for spec in specs_for("customers.customer")
        ]
        return [*TARGETS, *custom]

    def check(self, rows: Sequence[Row], context: Context) -> Sequence[RowCheck]:
        """What `apply` would make of each row."""
        settings = _settings(context)
        drafts = _read(rows, settings, context.actor)
        for draft in decide(drafts, settings, _source(context)):
            draft.fate = (
                Fate.LINK
            )  # shares a key with an earlier row of the file: most likely the same person
        return [RowCheck(_FATES[draft.fate], _problems(draft)) for draft in drafts]

    def apply(self, rows: Sequence[Row], context: Context) -> Sequence[Outcome]:
        """Write one batch."""
        settings = _settings(context)
        drafts = _read(rows, settings, context.actor)
        take_in(drafts, settings, _origin(context))
        return [
            Outcome(_FATES[draft.fate], str(draft.identity_id or ""), _problems(draft)) for draft in drafts
        ]

    def preparer(self, context: Context, *, is_writing: bool) -> CustomerPreparer:
        """Rows are read and sealed ahead; nothing is sealed for a file that was here before."""
        settings = _settings(context)
        is_writing = is_writing and not settings.earlier_runs
        return CustomerPreparer(settings, _origin(context) if is_writing else None, wrapping_key().id)

    def stock(self, context: Context, count: int) -> Stock:
        """Ids and member numbers."""
        return stock_for(count, context.now)

    def undo(self, context: Context, cursor: str, limit: int) -> UndoCount:
        """Take back the next records of the run."""
        done = undo_rows(run_id=context.run.pk, after_id=int(cursor or 0), limit=limit, now=context.now)
        return UndoCount(
            done.removed, done.restored, done.kept, "" if done.next_id is None else str(done.next_id)
        )

    def result_url(self, run: ImportRun) -> str:
        """The list of customers."""
        return reverse("customers:customers")


def _only_store(actor: Actor) -> str:
    """The store of somebody who works in one, as the option has it; "" when there is a choice."""
    stores = Store.objects.visible_to(actor, "customers.import_customers").still_open()[:2]
    return str(stores[0].pk) if len(stores) == 1 else ""


def _origin(context: Context) -> Origin:
    return Origin(
        channel=Channel.IMPORT,
        source=_source(context),
        now=context.now,
        run_id=context.run.pk,
        staff_id=context.actor.user_id,
        campaign=context.options.get("campaign", ""),
    )


def _read(rows: Sequence[Row], settings: Settings, actor: Actor) -> list[Draft]:
    """The rows as drafts. Of somebody who does not see the whole merchant a row without a store is refused: nobody
    brings in customers who are out of their own sight."""
    if rows and isinstance(rows[0], PreparedRow):
        drafts = [drafted(row, row.prepared) for row in rows if isinstance(row, PreparedRow)]
    else:
        drafts = read([(row.number, row) for row in rows], settings)
    if settings.store_id is None and needs_store(actor):
        for draft in drafts:
            if draft.is_good and draft.store_id is None:
                draft.is_good, draft.new, draft.lines = False, None, None
                draft.problems.append(("store", StoreMissing(), False))
    return drafts


def _source(context: Context) -> str:
    return (context.options.get("source", "") or context.run.profile or context.run.file_name)[:60]


def _settings(context: Context) -> Settings:
    """What the person chose, and the words of the file that stand for rows of ours."""
    stores = list(Store.objects.visible_to(context.actor, "customers.import_customers"))
    chosen = context.options.get("store", "")
    earlier = ImportRun.objects.filter(importer="customers", sha256=context.run.sha256).exclude(
        state=ImportRun.State.UNDONE
    )
    return settings_now(
        now=context.now,
        specs=specs_for("customers.customer"),
        match_rule=context.match_rule or "sure",
        may_update=context.options.get("update", "1") == "1",
        # Whoever works in one store brings customers into it: without a store they would not see them.
        store_id=next(
            (store.pk for store in stores if str(store.pk) == chosen),
            stores[0].pk if len(stores) == 1 else None,
        ),
        tag_ids=(int(tag),) if (tag := context.options.get("tag", "")).isdecimal() else (),
        earlier_runs=tuple(earlier.exclude(pk=context.run.pk).values_list("pk", flat=True)),
        stores={word: store.pk for word, store in stores_by_word(stores).items()}
        if "store" in context.targets
        else {},
        staff={word: user.pk for word, user in staff_by_word().items()} if "owner" in context.targets else {},
    )


def _problems(draft: Draft) -> tuple[RowProblem, ...]:
    return tuple(
        RowProblem(getattr(error, "code", "wrong"), str(error), name, is_warning=is_warning)
        for name, error, is_warning in draft.problems
    )


def register_importer() -> None:
    """Called once, when the app is ready."""
    register(CustomerImporter())
