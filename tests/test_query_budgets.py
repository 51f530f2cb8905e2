"""What every page and every endpoint may cost in queries, with the reason: `query_budgets.txt`.

Every address that answers GET is asked for, by the owner of the demo (what is public by nobody), first with some more
rows of everything and then with many more (`growth.py`). The number of queries must not grow and must keep to its line.
What all pages pay alike stands once at the top of the file, so that a line tells what the page itself costs. After a
wanted change run this file once with UPDATE_SNAPSHOTS=1: numbers are written anew, reasons stay, a new line gets one
made of its tables, which you put into words.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from django.utils.translation import override

from dianke.access.models import ApiKey, Device, Role
from dianke.api.models import Bucket
from dianke.config import demo
from dianke.customers.models import (
    CareRule,
    ImportantDate,
    MatchPair,
    Merge,
    ProcessingActivity,
    RegistrationPoint,
    RightsRequest,
    Tag,
)
from dianke.customers.queries import commonness
from dianke.customers.queries.portal import withdrawal_token
from dianke.events.models import Delivery, Event
from dianke.imports.models import ImportRun
from dianke.stores.models import CalendarDay, Holding, Region
from dianke.web.models import Export, SavedView
from dianke.work.models import Approval, AssignmentRule, CustomField, Notification, RecurringTask, Skill
from tests.growth import OWNER, Growth
from tests.growth_of_order_pages import records_of_order_pages
from tests.test_permission_matrix import API, THIRD_PARTY

BUDGETS = Path(__file__).with_name("query_budgets.txt")
SOME, MANY = 20, 25  # with some, lists go on to a second page already
#: A page that costs more asks the database too often for one answer; whoever allows it says so here.
MOST = 25
#: Pages that show a whole person, each part asked for once; none of it grows with what there is.
MORE: dict[str, int] = {
    "/customers/<int:pk>/": 39,
    "/customers/<int:pk>/paper/": 37,
    "/customers/<int:pk>/dealings/": 46,
    "/customers/<int:pk>/merging/<int:other>/": 35,
    "/contact-today/": 34,
    "/api/v1/customers/{int:pk}/merge-preview": 34,
    "/api/v1/contact-list": 33,
}
LOOSE = 3

#: What is asked for beyond the bare address, so that the page has something to do.
QUERIES: dict[str, str] = {
    "/search/": "?q=li",
    "/reveal/": "?field=stores.staff.phone&subject=%(staff)s",
    "/api/v1/customers/{int:pk}/merge-preview": "?joined_id=%(guest)s",
    "/api/v1/stores/{int:pk}/days": "?from_date=2026-11-21&days=31",
    "/api/v1/variants/search": "?q=cz",
    "/api/v1/barcodes/lookup": "?value=GROW00001",
    "/api/v1/prices": "?variant_id=%(variant)s",
    "/api/v1/day-prices": "?metal=GOLD&fineness=999",
    "/api/v1/variants/{int:pk}/supplier-offers": "?store_id=%(store)s",
    "/api/v1/supplier-performance": "?from_date=2026-10-01&to_date=2026-11-01",
    "/purchasing/wishes/<int:pk>/": "?store=%(store)s",
    "/purchasing/prices/": "?variant=%(variant)s&store=%(store)s",
    "/purchasing/orders/new/": "?supplier=%(supplier)s&store=%(store)s",
    "/api/v1/coupons/lookup": "?code=%(coupon)s",
    "/api/v1/loyalty-members/{int:pk}/balance": "?on=2026-11-21",
    "/api/v1/wallets/purse": "?customer_id=%(customer)s&store_id=%(store)s",
    "/api/v1/wallets/{int:pk}/balances": "?as_of=2026-11-21",
    "/api/v1/wallets/{int:pk}/refund-estimate": "?store_id=%(store)s",
    "/api/v1/promotions/running": "?store_id=%(store)s",
    "/api/v1/returns/without-receipt": "?store_id=%(store)s&variant_id=%(variant)s",
    "/settings/deliveries/windows/new/": "?store=%(store)s",
    "/settings/deliveries/crews/new/": "?store=%(store)s",
    "/settings/deliveries/rules/": "?store=%(store)s",
    "/api/v1/delivery-windows": "?store_id=%(store)s&first=2026-11-21",
    "/api/v1/till/settings": "?store_id=%(store)s",
    "/api/v1/till/goods": "?store_id=%(store)s",
    "/api/v1/till/pieces": "?store_id=%(store)s",
    "/api/v1/till/scan": "?store_id=%(store)s&code=GROW00001",
    "/api/v1/till/members": "?store_id=%(store)s&q=li",
    "/api/v1/till/members/{int:pk}": "?store_id=%(store)s",
    "/api/v1/till/prepaid": "?store_id=%(store)s&customer_id=%(customer)s",
    "/api/v1/till/orders": "?store_id=%(store)s",
    "/api/v1/sales-reports": "?from=2026-11-01&to=2026-11-30",
    "/api/v1/sales-reports.csv": "?from=2026-11-01&to=2026-11-30",
    "/segments/overlap/": "?s=%(segment)s&s=%(other_segment)s",
    "/api/v1/messages/outcomes": "?source=campaign:growth",
    "/api/v1/insight/proposals": "?customer_id=%(customer)s&store_id=%(store)s",
    "/api/v1/insight/figures": "?measures=orders,net,margin&by=category,store&from=2026-11-01&to=2026-11-30",
    "/journeys/<int:pk>/steps/new/": "?kind=WAIT",
    "/api/v1/payment-bills": "?business_date=2026-11-21&legal_entity_id=%(entity)s",
}
#: Pages that rightly answer 404 or 409 here, and why.
REFUSING: dict[str, str] = {
    "/exports/<int:pk>/file/": "the export was asked for and no file was written",
    "/password/set/": "no link was opened before",
    "/customers/requests/<int:pk>/erasure/": "asks for a proof of who it is first",
    "/customers/requests/<int:pk>/certificate/": "nothing was erased",
    "/customers/reviews/<int:pk>/refusal/": "no entry waits",
    "/api/v1/products/{int:pk}/service": "the product of the growth is no service",
    "/orders/<int:pk>/return/": "nothing of the order was handed over",
    "/hooks/wechat/": "nobody signed it",
    "/hooks/wecom/": "nobody signed it",
    "/setup/": "there is a merchant",
    "/setup/suggest/": "there is a merchant",
    "/setup/<slug:step>/": "there is a merchant",
}


# --- the addresses ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Route:
    """An address with its gaps, as in `/stores/<int:pk>/`, and whether it is open to everybody."""

    pattern: str
    is_public: bool


def _is_public(view: Callable[..., Any]) -> bool:
    return str(getattr(view, "access_rule", "")).startswith("public")


def pages(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[Route]:
    """Every address outside the API."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from pages(pattern, path)
        elif isinstance(pattern, URLPattern) and not path.startswith(API):
            yield Route(path, _is_public(pattern.callback))


def endpoints() -> Iterator[Route]:
    """Every endpoint that answers GET."""
    from dianke.config.api import api

    for prefix, router in api._routers:
        for route, view in router.path_operations.items():
            for operation in view.operations:
                if "GET" in operation.methods:
                    path = "/".join(part.strip("/") for part in (prefix, route) if part.strip("/"))
                    path += "/" if route.endswith("/") else ""
                    yield Route(API + path, _is_public(operation.view_func))


def routes() -> list[Route]:
    return [route for route in (*pages(), *endpoints()) if route.pattern not in THIRD_PARTY]


def records(grown: Growth) -> dict[str, Any]:
    """A record for each gap, by what stands before it; `#` stands for an earlier gap. The API uses the same nouns."""
    store, staff, task = grown.store, grown.staff, grown.task
    return {
        "/lists/": "work.tasks",
        "/lists/views/": SavedView.objects.latest("pk").pk,
        "/exports/": Export.objects.latest("pk").pk,
        "/password/set/": "missing",
        "/me/factors/": 1,
        "/me/sessions/": grown.owner.sessions.latest("pk").pk,
        "/settings/users/": staff.user_id,
        "/settings/roles/": Role.objects.latest("pk").pk,
        "/settings/tills/": Device.objects.latest("pk").pk,
        "/settings/api-keys/": ApiKey.objects.latest("pk").pk,
        "/settings/operation-log/": Event.objects.about(f"work.task:{task.pk}").latest("pk").reference,
        "/settings/failed-reactions/": Delivery.objects.latest("pk").pk,
        "/stores/": store.pk,
        "/stores/#/registers/": store.registers.latest("pk").pk,
        "/stores/#/places/": store.stock_places.latest("pk").pk,
        "/calendar/days/": CalendarDay.objects.latest("pk").pk,
        "/staff/": staff.pk,
        "/postings/": staff.postings.latest("pk").pk,
        "/organisation/entities/": grown.entity.pk,
        "/legal-entities/": grown.entity.pk,
        "/organisation/partners/": grown.partner.pk,
        "/partners/": grown.partner.pk,
        "/organisation/shares/": Holding.objects.latest("pk").pk,
        "/organisation/regions/": Region.objects.latest("pk").pk,
        "/regions/": Region.objects.latest("pk").pk,
        "/tasks/": task.pk,
        "/tasks/recurring/": RecurringTask.objects.latest("pk").pk,
        "/tasks/#/checklist/": task.checklist.latest("pk").pk,
        "/approvals/": Approval.objects.filter(requested_by=grown.manager.user_id).latest("pk").pk,
        "/notices/": Notification.objects.filter(user=grown.owner).latest("pk").pk,
        "/settings/approvals/": "web.request_export",
        "/settings/assignment/": AssignmentRule.objects.latest("pk").pk,
        "/skills/": Skill.objects.latest("pk").pk,
        "/skills/staff/": staff.pk,
        "/settings/fields/": CustomField.objects.latest("pk").pk,
        "/custom-fields/": "work.task",
        "/setup/": "business",
        "/settings/modules/": "loyalty",
        "/settings/modules/#/": "on",
        "/settings/presets/": store.pk,
        "/first-steps/": "later",
        "/first-steps/#/": "done",
        **records_of_customers(grown),
        **grown.goods.records(),
        **grown.promotions.records(),
        **grown.members.records(),
        **grown.wallets.records(),
        **grown.registers.records(),
        **grown.register_pages.records(),
        **grown.orders.records(),
        **grown.deliveries.records(),
        **grown.insight.records(),
        **grown.messages.records(),
        **grown.segments.records(),
        **grown.campaigns.records(),
        **grown.journeys.records(),
        **grown.lists.records(),
        **records_of_order_pages(),
    }


def records_of_customers(grown: Growth) -> dict[str, Any]:
    """The same for customers and imports."""
    one = grown.customers.subject
    point = RegistrationPoint.objects.latest("pk")
    request = RightsRequest.objects.latest("pk").pk
    pair = MatchPair.objects.filter(state="WAITING").latest("pk").pk
    run = ImportRun.objects.filter(importer="customers").latest("pk").pk
    return {
        "/imports/": run,
        "/imports/#/errors/": "csv",
        "/imports/templates/": "customers",
        "/m/numbers/": 1,
        "/m/requests/": 1,
        "/m/r/": point.code,
        "/m/form/": point.code,
        "/m/w/": withdrawal_token(one.pk, "SMS"),
        "/customers/": one.pk,
        "/customers/#/merging/": grown.customers.guest.pk,
        "/customers/#/notes/": one.notes.latest("pk").pk,
        "/customers/#/files/": one.files.latest("pk").pk,
        "/customers/#/contacts/": one.contact_points.latest("pk").pk,
        "/customers/#/addresses/": one.addresses.latest("pk").pk,
        "/customers/#/dates/": one.dates.latest("pk").pk,
        "/customers/#/relations/with/": grown.customers.guest.pk,
        "/customers/#/relations/": 1,
        "/customers/#/household/with/": grown.customers.guest.pk,
        "/customers/#/household/": 1,
        "/customers/#/helpers/": 1,
        "/customers/#/shares/": 1,
        "/customers/registration/": point.pk,
        "/customers/requests/": request,
        "/customers/requests/#/copies/": "json",
        "/customer-requests/": request,
        "/customers/register/": ProcessingActivity.objects.latest("pk").pk,
        "/customers/dates/": ImportantDate.objects.latest("pk").pk,
        "/customers/duplicates/": pair,
        "/customers/merges/": Merge.objects.latest("pk").pk,
        "/customers/reviews/": 1,
        "/settings/care-rules/": CareRule.objects.latest("pk").pk,
        "/settings/customers/fields/": "email",
        "/settings/customers/tags/": Tag.objects.latest("pk").pk,
        "/settings/customers/tags/merges/": 1,
        "/settings/customers/consents/": "MARKETING",
    }


_GAP = re.compile(r"<[^>]+>|{[^}]+}")


def filled(pattern: str, known: dict[str, Any]) -> str:
    """The address with a record in each gap. Raises `KeyError` with the entry that `records` lacks."""
    path, shape = "", ""
    for plain, gap in zip(_GAP.split(pattern), [*_GAP.findall(pattern), ""], strict=True):
        path, shape = path + plain, shape + plain
        if gap:
            path, shape = path + str(known[f"/{shape.removeprefix(API).lstrip('/')}"]), shape + "#"
    return path + QUERIES.get(pattern, "") % {
        "staff": known["/staff/"],
        "guest": known["/customers/#/merging/"],
        "customer": known["/customers/"],
        "variant": known["/variants/"],
        "store": known["/stores/"],
        "supplier": known["/purchasing/suppliers/"],
        "coupon": known["code of a coupon"],
        "entity": known["/legal-entities/"],
        "segment": known["/segments/"],
        "other_segment": known["a segment with another"],
    }


# --- what is counted --------------------------------------------------------------------------------------
def shape_of(sql: str) -> str:
    """A statement without its values: what repeats for each row looks alike."""
    sql = re.sub(r"'[^']*'|(?<![\w\"])\d+(\.\d+)?\b", "?", sql)
    return " ".join(re.sub(r"\(\?(, \?)+\)", "(?)", sql).split())


def noun_of(shape: str) -> str:
    """What a statement is about, in a word or two, for the first wording of a reason."""
    table = re.search(r"(?:FROM|INTO|UPDATE) \"?([a-z_]+)\"?", shape)
    name = table[1] if table else "database"
    with override("en"):
        names = {model._meta.db_table: str(model._meta.verbose_name_plural) for model in apps.get_models()}
    word = re.sub(r"^.*_", "", name) if name not in names else names[name]
    return f"count of {word}" if "COUNT(" in shape[:20] else word


@dataclass(frozen=True)
class Budget:
    """A line: which frame the address pays for, what it costs itself, and why."""

    frame: str
    own: int
    reason: str


@dataclass
class Book:
    """The file: its frames (name -> queries, what they are) and its lines (pattern -> budget)."""

    heading: str = ""
    frames: dict[str, tuple[int, str]] = field(default_factory=dict)
    lines: dict[str, Budget] = field(default_factory=dict)

    def allowed(self, pattern: str) -> int:
        line = self.lines[pattern]
        return self.frames[line.frame][0] + line.own

    def __str__(self) -> str:
        width = max(len(pattern) for pattern in self.lines)
        rows = [self.heading]
        rows += [f"= {name:<6}{count:>3}  {what}" for name, (count, what) in self.frames.items()]
        for pattern, line in self.lines.items():
            rows.append(f"{line.frame:<6}{pattern:<{width}}{line.own:>+4}  {line.reason}".rstrip())
        return "\n".join(rows) + "\n"


def read_book(text: str) -> Book:
    """The file taken apart; comments stand at its head."""
    book = Book("\n".join(line for line in text.splitlines() if line.startswith("#")))
    for line in text.splitlines():
        if line.startswith("= "):
            _sign, name, count, what = line.split(maxsplit=3)
            book.frames[name] = (int(count), what)
        elif line.strip() and not line.startswith("#"):
            frame, pattern, own, *reason = line.split(maxsplit=3)
            book.lines[pattern] = Budget(frame, int(own), reason[0] if reason else "")
    return book


@dataclass
class Visit:
    """An answer and the shapes of its queries."""

    status: int
    has_frame: bool
    shapes: list[str]


def visit(client: Client, path: str) -> Visit:
    Bucket.objects.all().delete()  # hundreds of calls in a moment are what the rate limit is there to stop
    connection.queries_log.clear()  # it keeps the last nine thousand and forgets the first of them silently
    with CaptureQueriesContext(connection) as queries:
        response: Any = client.get(path)
        body = b"".join(response.streaming_content) if response.streaming else response.content
    shapes = [shape_of(query["sql"]) for query in queries.captured_queries]
    # Where a transaction begins and ends is no question to the database (and tests run inside one anyway).
    shapes = [shape for shape in shapes if not re.match("(RELEASE )?SAVEPOINT", shape)]
    return Visit(response.status_code, b'class="dk-rail' in body, shapes)


def repeated(before: Iterable[str], after: Iterable[str]) -> list[str]:
    """What was asked more often the second time, and how much more."""
    more = Counter(after) - Counter(before)
    return [f"    +{count} {shape[:300]}" for shape, count in more.most_common(4)]


def frame_of(route: Route, seen: Visit) -> str:
    if route.pattern.startswith(API):
        return "api"
    return "open" if route.is_public else "page" if seen.has_frame else "bare"


def frames_of(answers: dict[Route, Visit]) -> dict[str, Counter[str]]:
    """What all answers of a kind ask alike."""
    frames: dict[str, Counter[str]] = {}
    for route, seen in answers.items():
        name, asked = frame_of(route, seen), Counter(seen.shapes)
        if not (name == "api" and route.is_public):
            frames[name] = frames[name] & asked if name in frames else asked
    return frames


def proposed(route: Route, seen: Visit, frames: dict[str, Counter[str]]) -> Budget:
    """A line for a new page, with a reason made of its tables."""
    frame = frame_of(route, seen)
    nouns = Counter(noun_of(shape) for shape in (Counter(seen.shapes) - frames[frame]).elements())
    words = [noun if count == 1 else f"{noun} {count}" for noun, count in nouns.items()]
    return Budget(frame, len(seen.shapes) - frames[frame].total(), ", ".join(words))


# --- the tests --------------------------------------------------------------------------------------------
@pytest.fixture
def book() -> Book:
    return read_book(BUDGETS.read_text())


def test_every_line_is_of_a_page_that_stands_and_says_why(book: Book) -> None:
    standing = {route.pattern for route in routes()}
    assert set(book.lines) <= standing, f"gone: {sorted(set(book.lines) - standing)}"
    mute = [pattern for pattern, line in book.lines.items() if line.own and not line.reason]
    assert not mute, f"without a reason: {mute}"
    assert set(REFUSING) | set(QUERIES) | set(MORE) <= standing


def test_no_page_may_ask_more_than_the_most(book: Book) -> None:
    assert not [pattern for pattern in book.lines if book.allowed(pattern) > MORE.get(pattern, MOST)]


def test_a_query_for_each_row_is_named() -> None:
    rows = 'SELECT "a"."id" FROM "stores_store" WHERE "a"."id" = %s LIMIT 21'
    before, after = ([shape_of(rows % pk) for pk in range(count)] for count in (2, 5))
    assert repeated(before, after) == [f"    +3 {shape_of(rows % 7)}"]
    assert noun_of(after[0]) == "stores"


@pytest.mark.slow
def test_no_page_costs_more_with_more_rows_nor_more_than_its_budget(
    db: None,
    settings: Any,
    book: Book,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    settings.DIANKE_DATA = tmp_path  # where snapshots lie
    # That a session is in use is noted once a minute, on whichever page comes then.
    monkeypatch.setattr("dianke.access.middleware.SEEN_EVERY_SECONDS", 24 * 3600)
    # How common words are is believed for ten minutes, and asked for on whichever page comes then.
    monkeypatch.setattr(commonness, "BELIEVED_SECONDS", 24 * 3600)
    caplog.set_level("CRITICAL", logger="django.request")  # pages that only take POST are asked too
    settings.DEBUG = False
    now = timezone.now()
    demo.load(now=now)
    grown = Growth(now)
    grown.add(SOME)
    known = records(grown)
    owner = Client()
    owner.post("/sign-in/", {"username": OWNER, "password": demo.PASSWORD})
    visit(owner, "/")  # what is looked up once in a process
    commonness.forget()
    commonness.among_latest("王")

    def walk() -> dict[Route, Visit]:
        answers = {}
        for route in routes():
            seen = visit(Client() if route.is_public else owner, filled(route.pattern, known))
            if seen.status != 405:
                answers[route] = seen
        return answers

    with connection.cursor() as cursor:  # as the server does by itself after a minute
        cursor.execute("ANALYZE")
    some = walk()
    grown.add(MANY - SOME)
    many = walk()

    frames = frames_of(many)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        fresh = Book(book.heading)
        for name, asked in frames.items():
            fresh.frames[name] = (asked.total(), book.frames.get(name, (0, "?"))[1])
        for route, seen in many.items():
            line = proposed(route, max(seen, some[route], key=lambda each: len(each.shapes)), frames)
            kept = book.lines.get(route.pattern)
            fresh.lines[route.pattern] = replace(line, reason=kept.reason) if kept else line
        BUDGETS.write_text(str(fresh))
        book = fresh

    wrong = [
        f"frame {name}: {asked.total()} queries, {book.frames[name][0]} allowed: {list(map(noun_of, asked))}"
        for name, asked in frames.items()
        if asked.total() > book.frames[name][0]
    ]
    for route, seen in many.items():
        cost, before = len(seen.shapes), len(some[route].shapes)
        if seen.status >= 400 and route.pattern not in REFUSING:
            wrong.append(f"{route.pattern}: {seen.status}; give it a record in `records` or a query")
        elif cost > before:
            wrong.append(f"{route.pattern}: {before} queries with some rows, {cost} with many")
            wrong += repeated(some[route].shapes, seen.shapes)
        elif route.pattern not in book.lines:
            line = proposed(route, seen, frames)
            wrong.append(f"no budget; the line: {line.frame} {route.pattern} {line.own:+} {line.reason}")
        elif max(cost, before) > book.allowed(route.pattern):
            wrong.append(
                f"{route.pattern}: {max(cost, before)} queries, {book.allowed(route.pattern)} allowed"
            )
            wrong += repeated(frames[book.lines[route.pattern].frame].elements(), seen.shapes)
        elif max(cost, before) < book.allowed(route.pattern) - LOOSE:
            wrong.append(f"{route.pattern}: {max(cost, before)} queries; lower its budget")
    assert not wrong, "\n".join(wrong)
