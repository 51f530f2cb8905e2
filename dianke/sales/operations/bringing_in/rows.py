"""Rows of a file of past orders become lines of the past, each by itself: what it is, whose it is, whether it stands
already. Which rows make an order is not asked here, so they need not lie together and no more than a batch is held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dianke.core.copying import Same, copy_into
from dianke.core.errors import InvalidInput
from dianke.core.money import digits_of
from dianke.core.names import fold
from dianke.customers.models import Channel
from dianke.customers.operations import import_drafts
from dianke.customers.operations.bulk import Origin, write_new
from dianke.customers.queries import importing as people
from dianke.events.operations import step
from dianke.imports.models import ImportRun
from dianke.sales.models import DayClose, HistoryLine
from dianke.sales.rules.history.classes import LineClass, Terms, class_of, terms_of
from dianke.sales.rules.history.rows import PastRow, past_row
from dianke.stores.models import Store

_TABLE = HistoryLine._meta.db_table
_PHONE = "tel:"
#: Runs whose waiting lines may be taken over: nobody is at work on them.
_LEFT = (ImportRun.State.CANCELLED, ImportRun.State.FAILED)


class NotPast(InvalidInput):
    code = "history_not_past"
    message = _("The day is not past. Orders of today are entered, not imported.")
    default_field = "at"


class DayIsClosed(InvalidInput):
    code = "history_day_closed"
    message = _("The day is closed already, so nothing can be sold on it any more. Leave the row out.")
    default_field = "at"


class StoreUnknown(InvalidInput):
    code = "history_store_unknown"
    message = _(
        "There is no such store, or it is not yours. Choose the store for the whole file, or correct the row."
    )
    default_field = "store"


class TenderUnknown(InvalidInput):
    code = "history_tender_unknown"
    message = _("There is no such kind of payment that takes money. Correct it, or leave the column out.")
    default_field = "tender"


class OtherCurrency(InvalidInput):
    code = "history_currency"
    message = _(
        "The store sells in %(currency)s. Convert the amounts, or import into a store of that currency."
    )
    default_field = "currency"


class OrderStands(InvalidInput):
    code = "history_order_stands"
    message = _(
        "An order of this number stands already with other lines. Undo the import that brought it in, or leave the row "
        "out."
    )
    default_field = "number"


@dataclass(slots=True)
class Settings:
    """What one import was told. `stores`, `tenders` and `sellers` are by folded word; `tender` is the usual code."""

    run: ImportRun
    now: datetime
    source: str
    tender: str
    day_order: str
    makes_customers: bool
    editions: Sequence[Terms]
    store: Store | None = None
    stores: Mapping[str, Store] = field(default_factory=dict)
    tenders: Mapping[str, str] = field(default_factory=dict)
    sellers: Mapping[str, int] = field(default_factory=dict)
    closed: Mapping[int, set[date]] = field(default_factory=dict)
    zones: dict[int, ZoneInfo] = field(default_factory=dict)


@dataclass(slots=True)
class Judged:
    """A row with what it is. `taken_over` is the waiting line of a run nobody works on that it takes the place of."""

    row: int
    past: PastRow | None = None
    store: Store | None = None
    kind: LineClass = LineClass.SALE
    customer_id: int | None = None
    seller_id: int | None = None
    tender: str = ""
    error: InvalidInput | None = None
    stands: bool = False
    taken_over: int | None = None

    @property
    def is_new(self) -> bool:
        return self.past is not None and not self.stands and self.error is None and self.taken_over is None


@step
def take_in(rows: Sequence[tuple[int, Mapping[str, str]]], settings: Settings) -> list[Judged]:
    """Judge a batch and write what is new of it."""
    judged = judge(rows, settings)
    wanted = [each for each in judged if each.is_new or each.taken_over]
    if settings.makes_customers:
        _make_customers(wanted, settings)
    _write([each for each in wanted if each.taken_over is None], settings)
    for each in wanted:
        if each.taken_over is not None:
            HistoryLine.objects.filter(pk=each.taken_over).update(
                run_id=settings.run.pk, row=each.row, customer_id=each.customer_id
            )
    return judged


def judge(rows: Sequence[tuple[int, Mapping[str, str]]], settings: Settings) -> list[Judged]:
    """What each row is and what is wrong with it; writes nothing. A fixed number of queries."""
    refs = _Refs([cells for _row, cells in rows], settings)
    judged = [_read(row, cells, refs, settings) for row, cells in rows]
    _mark_standing([each for each in judged if each.error is None], settings)
    return judged


def _read(row: int, cells: Mapping[str, str], refs: _Refs, settings: Settings) -> Judged:
    found = Judged(row)
    try:
        store = found.store = _store_of(cells, settings)
        who, found.customer_id = refs.of(cells)
        past = past_row(row, cells, who=who, zone=_zone_of(store, settings), day_order=settings.day_order)
        day = store.business_date(past.at)
        if day >= store.business_date(settings.now):
            raise NotPast
        if day in settings.closed.get(store.pk, ()):
            raise DayIsClosed
        currency = cells.get("currency", "").upper()
        if currency and currency != store.currency:
            raise OtherCurrency(currency=store.currency)
        found.tender = settings.tender
        if past.tender:
            found.tender = settings.tenders.get(fold(past.tender), "")
            if not found.tender:
                raise TenderUnknown
    except InvalidInput as error:
        error.__traceback__ = error.__context__ = None
        found.error = error
        return found
    found.seller_id = settings.sellers.get(fold(past.seller)) if past.seller else None
    found.kind = class_of(
        number=past.number,
        code=past.code,
        description=past.name,
        quantity=past.quantity,
        unit_price=past.unit_price,
        terms=terms_of(day, settings.editions),
    )
    found.past = past
    return found


def _store_of(cells: Mapping[str, str], settings: Settings) -> Store:
    word = cells.get("store", "")
    store = settings.stores.get(fold(word)) if word else settings.store
    if store is None:
        raise StoreUnknown
    return store


def _zone_of(store: Store, settings: Settings) -> ZoneInfo:
    zone = settings.zones.get(store.pk)
    if zone is None:
        zone = settings.zones[store.pk] = ZoneInfo(store.time_zone)
    return zone


def closed_days(stores: Sequence[Store]) -> dict[int, set[date]]:
    """The closed business days of each store. One query."""
    found: dict[int, set[date]] = defaultdict(set)
    rows = DayClose.objects.filter(store__in=stores).values_list("store_id", "business_date")
    for store_id, day in rows:
        found[store_id].add(day)
    return found


# --- whose ---------------------------------------------------------------------------------------------------------
class _Refs:
    """Who the words of a batch stand for: by the number in the other system, our member number, or a phone."""

    def __init__(self, rows: Sequence[Mapping[str, str]], settings: Settings) -> None:
        numbers = {cells.get("customer", "") for cells in rows} - {""}
        phones = sorted({cells.get("phone", "") for cells in rows} - {""})
        self.by_number = {
            **{number: head for number, (head, _own) in people.holders_by_number(numbers).items()},
            **{
                number: head
                for number, (head, _own) in people.received_from(settings.source, numbers).items()
            },
        }
        self.by_phone: dict[str, tuple[str, int | None]] = {}
        if phones:
            self._find_phones(phones, settings)

    def _find_phones(self, phones: Sequence[str], settings: Settings) -> None:
        """A phone is kept as its keyed hash only; one that several people share stands for nobody."""
        said = import_drafts.settings_now(
            now=settings.now, specs=(), match_rule="phone", may_update=False, earlier_runs=()
        )
        drafts = import_drafts.read([(n, {"phone": phone}) for n, phone in enumerate(phones)], said)
        holders = people.holders_by_key({value for draft in drafts for _kind, value in draft.keys})
        for phone, draft in zip(phones, drafts, strict=True):
            heads = {head for key in draft.keys for head, _own in holders.get(key, ())}
            who = _PHONE + draft.keys[0][1].hex()[:32] if draft.keys else ""
            self.by_phone[phone] = (who, heads.pop() if len(heads) == 1 else None)

    def of(self, cells: Mapping[str, str]) -> tuple[str, int | None]:
        """How the buyer is named within the source, and the customer."""
        number, phone = cells.get("customer", "")[:120], cells.get("phone", "")
        if number:
            return number, self.by_number.get(number)
        return self.by_phone.get(phone, ("", None)) if phone else ("", None)


@step
def _make_customers(judged: Sequence[Judged], settings: Settings) -> None:
    """Who is not known becomes a customer of the number in the other system, and of nothing else we would know."""
    fresh: dict[str, Judged] = {}
    unknown = [each for each in judged if each.past and each.past.who and each.customer_id is None]
    for each in unknown:
        assert each.past is not None
        if not each.past.who.startswith(_PHONE):
            fresh.setdefault(each.past.who, each)
    if not fresh:
        return
    said = import_drafts.settings_now(
        now=settings.now,
        specs=(),
        match_rule="external_id",
        may_update=False,
        earlier_runs=(),
        store_id=settings.store.pk if settings.store else None,
    )
    rows = []
    for who, each in fresh.items():
        assert each.past is not None
        cells = {
            "name": gettext("Customer %(number)s") % {"number": who},
            "external_id": who,
            "since": each.past.at.date().isoformat(),
        }
        rows.append((each.row, cells))
    drafts = import_drafts.read(rows, said)
    origin = Origin(channel=Channel.IMPORT, source=settings.source, now=settings.now, run_id=settings.run.pk)
    good = [draft for draft in drafts if draft.new is not None]
    ids = dict(
        zip(
            (draft.external_id for draft in good),
            write_new([d.new for d in good if d.new], origin),
            strict=True,
        )
    )
    for each in unknown:
        assert each.past is not None
        each.customer_id = ids.get(each.past.who)


# --- what stands already -------------------------------------------------------------------------------------------
def _mark_standing(judged: Sequence[Judged], settings: Settings) -> None:
    """A line stands if its order does and has one like it; another line for an order that stands is refused. One query.

    Lines of a run that was given up before orders were made of them are taken over instead.
    """
    numbers = {each.past.number for each in judged if each.past}
    rows = HistoryLine.objects.filter(
        store__in={each.store for each in judged if each.store}, number__in=numbers
    )
    rows = rows.exclude(run_id=settings.run.pk)
    standing: dict[tuple[int, str], dict[str, list[int]]] = {}
    left: set[tuple[int, str]] = set()
    for pk, store_id, number, digest, state, run_state in rows.values_list(
        "pk", "store_id", "number", "digest", "state", "run__state"
    ).order_by("-pk"):
        lines = standing.setdefault((store_id, number), {}).setdefault(digest, [])
        if state == HistoryLine.State.WAITING and run_state in _LEFT:
            lines.append(pk)
            left.add((store_id, number))
    for each in judged if standing else ():
        assert each.past is not None
        assert each.store is not None
        name = (each.store.pk, each.past.number)
        order = standing.get(name)
        if order is None:
            continue
        waiting = order.get(each.past.digest)
        if waiting:
            each.taken_over = waiting.pop()
        elif name in left:
            continue  # the run was given up before this row
        elif waiting is None:
            each.error = OrderStands()
        else:
            each.stands = True


@step
def _write(judged: Sequence[Judged], settings: Settings) -> None:
    lines = [(each, each.past, each.store) for each in judged if each.past and each.store]
    copy_into(
        _TABLE,
        len(lines),
        {
            "run_id": Same(settings.run.pk),
            "row": [past.row for _each, past, _store in lines],
            "store_id": [store.pk for _each, _past, store in lines],
            "number": [past.number for _each, past, _store in lines],
            "code": [past.code for _each, past, _store in lines],
            "name": [past.name for _each, past, _store in lines],
            "quantity": [past.quantity for _each, past, _store in lines],
            "unit_price": [past.unit_price for _each, past, _store in lines],
            "discount": [past.discount for _each, past, _store in lines],
            "amount": [past.amount(digits_of(store.currency)) for _each, past, store in lines],
            "at": [past.at for _each, past, _store in lines],
            "who": [past.who for _each, past, _store in lines],
            "customer_id": [each.customer_id for each, _past, _store in lines],
            "country": [past.country for _each, past, _store in lines],
            "seller_id": [each.seller_id for each, _past, _store in lines],
            "tender": [each.tender for each, _past, _store in lines],
            "kind": [each.kind.value for each, _past, _store in lines],
            "state": Same(HistoryLine.State.WAITING.value),
            "matched_quantity": Same(0),
            "matched_amount": Same(0),
            "digest": [past.digest for _each, past, _store in lines],
        },
    )
