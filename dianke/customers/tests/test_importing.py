"""Rows of files become customers: new ones, further records of those who are here, the same again, errors;
and undone.
"""

from __future__ import annotations

import pickle
import sys
from datetime import datetime

import pytest

from dianke.core.actor import SYSTEM, Actor
from dianke.core.data_keys import wrapping_key
from dianke.customers.models import ContactPoint, Customer, ImportantDate, SourceRecord
from dianke.customers.operations.bulk import Origin
from dianke.customers.operations.bulk_lines import stock_for
from dianke.customers.operations.import_drafts import Draft, Fate, Settings, read, settings_now
from dianke.customers.operations.import_undo import Undone, undo_rows
from dianke.customers.operations.importing import take_in
from dianke.customers.operations.importing_ahead import CustomerPreparer, drafted
from dianke.customers.rules.numbers import member_number_of
from dianke.customers.tests.cast import make_customer
from dianke.events.operations import operation, record
from dianke.imports.importers import Row

pytestmark = pytest.mark.django_db


is_ahead = False


@pytest.fixture(autouse=True, params=["here", "ahead"])
def way(request, monkeypatch):
    """Rows are read where they are written, or by another process ahead: every test here holds for both."""
    monkeypatch.setattr(sys.modules[__name__], "is_ahead", request.param == "ahead")


def bring(rows: list[dict[str, str]], now, *, run: int = 1, **more) -> list[Draft]:
    settings: Settings = settings_now(now=now, specs=(), **more)
    if is_ahead:
        drafts = come_ahead(rows, settings, Origin("IMPORT", "旧会员表", now, run_id=run))
    else:
        drafts = read(list(enumerate(rows, start=2)), settings)
    written(drafts=drafts, settings=settings, run=run, actor=SYSTEM, now=now)
    return drafts


def come_ahead(rows: list[dict[str, str]], settings: Settings, origin: Origin) -> list[Draft]:
    """What the preparer makes of the rows, after the two ways from one process to the other."""
    lines = [Row(row) for row in rows]
    for number, row in enumerate(lines, start=2):
        row.number = number
    sent = pickle.dumps(
        (CustomerPreparer(settings, origin, wrapping_key().id), stock_for(len(rows), origin.now))
    )
    preparer, stock = pickle.loads(sent)
    returned = pickle.loads(pickle.dumps(preparer.prepare(lines, stock)))
    return [drafted(row, ready) for row, ready in zip(lines, returned, strict=True)]


@operation(None)
def written(*, drafts: list[Draft], settings: Settings, run: int, actor: Actor, now: datetime) -> None:
    """As the room `imports` does it: one operation for a batch, one event."""
    take_in(drafts, settings, Origin("IMPORT", "旧会员表", now, run_id=run))
    record("imports.rows_applied", "", actor=actor, now=now)


@operation(None)
def undone(*, after_id: int, actor: Actor, now: datetime) -> Undone:
    found = undo_rows(run_id=1, after_id=after_id, limit=100, now=now)
    record("imports.rows_undone", "", actor=actor, now=now)
    return found


ROW = {
    "name": "王小明",
    "phone": "13812345678",
    "birthday": "1990-03-05",
    "gender": "男",
    "address": "浙江省杭州市西湖区文三路 9 号",
}


def test_a_row_becomes_a_customer_with_everything_it_says(now):
    (draft,) = bring([ROW], now)
    assert draft.fate is Fate.NEW
    customer = Customer.objects.get(pk=draft.identity_id)
    assert (customer.name, customer.gender, customer.channel) == ("王小明", "M", "IMPORT")
    (phone,) = customer.contact_points.select_related("key")
    assert phone.value == "+8613812345678"
    assert ContactPoint.objects.holding("PHONE", "+8613812345678").get() == phone
    assert list(ContactPoint.objects.filter(**ContactPoint.blind("value", "+8613812345678", "last4"))) == [
        phone
    ]
    day = customer.dates.get()
    assert (day.calendar, day.year, day.month, day.day) == ("SOLAR", 1990, 3, 5)
    address = customer.addresses.select_related("key").get()
    assert (address.province, address.district, address.street) == ("浙江省", "西湖区", "文三路 9 号")
    record = customer.records.select_related("key").get()
    assert record.payload["raw"] == ROW
    assert record.payload["fields"]["name"] == "王小明"
    assert customer.survivors["name"] == {"record": record.pk, "rule": "only"}
    assert Customer.objects.filter(search_words__found_by="wxm").get() == customer
    assert Customer.objects.filter(search_words__found_by=customer.member_number[:5]).get() == customer


def test_what_is_written_in_bulk_equals_what_the_door_writes(now, system):
    from dianke.customers.operations.entry import enter_customer
    from dianke.customers.rules.import_rows import entry_of

    entered = enter_customer(entry=entry_of(ROW), channel="API", store=None, actor=system, now=now).customer
    entered.refresh_from_db()
    (draft,) = bring([ROW | {"phone": "13912345678"}], now, match_rule="none")
    bulk = Customer.objects.get(pk=draft.identity_id)
    for name in ("kind", "state", "name", "aliases", "gender", "occupation", "company", "custom", "level"):
        assert getattr(entered, name) == getattr(bulk, name), name
    assert set(entered.survivors) == set(bulk.survivors)
    words = [set(row.search_words.split()) - {row.member_number} for row in (entered, bulk)]
    assert {w for w in words[0] if not w[0].isdigit()} == {w for w in words[1] if not w[0].isdigit()}


def test_the_same_row_again_changes_nothing(now):
    first = bring([ROW, {"phone": "13712345678"}, {"name": "无号"}], now)
    again = bring([ROW, {"phone": "13712345678"}, {"name": "无号"}], now, run=2, earlier_runs=(1,))
    assert [draft.fate for draft in again] == [Fate.SAME] * 3
    assert [draft.identity_id for draft in again] == [draft.identity_id for draft in first]
    assert Customer.objects.count() == 3
    assert SourceRecord.objects.count() == 3


def test_who_is_here_gets_a_further_record_and_only_what_is_new(now):
    here = make_customer("王小明", "13812345678", birthday=(1990, 3, 5))
    (draft,) = bring([ROW | {"email": "xm@example.com", "birthday": "1991-04-06"}], now)
    # Another full birthday speaks against it.
    assert draft.fate is Fate.NEW
    # Two profiles hold the number now; the one whose birthday agrees is meant.
    (draft,) = bring([ROW | {"email": "wang@example.com"}], now, run=2)
    assert (draft.fate, draft.head_id) == (Fate.LINK, here.pk)
    kinds = sorted(here.contact_points.values_list("kind", flat=True))
    assert kinds == ["EMAIL", "PHONE"]
    assert ImportantDate.objects.filter(customer=here).count() == 1
    here.refresh_from_db()
    assert here.gender == "M", "the profile shows what the row added"


def test_what_further_records_say_of_many_is_shown_and_sealed_as_for_one(now):
    more = {
        "note": "靠窗\t的座位 \\N",
        "aliases": "小王",
        "company": '杭州"好"公司',
        "email": "x@example.com",
    }
    rows = [{"name": f"王小{letter}", "phone": f"1381234567{n}"} for n, letter in enumerate("明红兰")]
    first = bring(rows, now)
    bring([row | more | {"email": f"{n}@example.com"} for n, row in enumerate(rows)], now, run=2)
    for draft in first:
        customer = Customer.objects.select_related("key").get(pk=draft.identity_id)
        assert (customer.note, customer.aliases, customer.company) == (more["note"], "小王", more["company"])
        assert customer.sensitive is None
        assert customer.custom == {}
        assert customer.survivors["name"]["rule"] == "newest"
        assert Customer.objects.filter(pk=customer.pk, search_words__found_by="小王").exists()


def test_another_name_at_the_same_number_stays_apart_unless_the_number_is_said_to_be_enough(now):
    here = make_customer("李芳", "13812345678")
    (draft,) = bring([ROW], now)
    assert draft.fate is Fate.NEW
    Customer.objects.exclude(pk=here.pk).update(state="REMOVED")
    (draft,) = bring([ROW], now, run=2, match_rule="phone")
    assert (draft.fate, draft.head_id) == (Fate.LINK, here.pk)


def test_rows_of_one_file_with_one_key_meet_each_other(now):
    drafts = bring(
        [ROW, {"name": "李芳", "phone": "13812345678"}, ROW | {"email": "wang@example.com"}, ROW], now
    )
    assert [draft.fate for draft in drafts] == [Fate.NEW, Fate.NEW, Fate.LINK, Fate.SAME]
    assert drafts[0].identity_id != drafts[1].identity_id
    assert {draft.head_id for draft in drafts[2:]} == {drafts[0].identity_id}


def test_a_number_of_the_other_system_recognises_the_row_whatever_else_changed(now):
    (first,) = bring([ROW | {"external_id": "A-7"}], now)
    (again,) = bring([{"name": "王晓明", "phone": "13999999998", "external_id": "A-7"}], now, run=2)
    assert (again.fate, again.head_id) == (Fate.LINK, first.head_id)
    assert Customer.objects.count() == 1


def test_customers_who_are_here_are_left_alone_when_asked_to(now):
    make_customer("王小明", "13812345678")
    (draft,) = bring([ROW], now, may_update=False)
    assert draft.fate is Fate.SKIP
    assert SourceRecord.objects.filter(run_id=1).count() == 0


def test_what_is_wrong_names_the_field_and_the_rest_goes_in(now):
    drafts = bring(
        [
            {"name": "赵六", "phone": "1381234567"},
            {"name": "女士", "phone": "13812345678"},
            {"name": "钱七", "birthday": "1990-02-31"},
            {"name": "孙八", "email": "sun"},
        ],
        now,
    )
    assert [draft.fate for draft in drafts] == [Fate.ERROR, Fate.NEW, Fate.ERROR, Fate.ERROR]
    assert [draft.problems[0][0] for draft in drafts] == ["phone", "name", "birthday", "email"]
    assert drafts[1].problems[0][2], "a placeholder is dropped with a warning"
    assert Customer.objects.count() == 1


def test_undoing_removes_the_untouched_and_keeps_what_changed_since(now, system):
    from dianke.customers.operations.changes import change_customer

    here = make_customer("李芳", "13711112222")
    drafts = bring(
        [
            ROW,
            {"name": "李芳", "phone": "13711112222", "email": "li@example.com"},
            {"name": "周九", "phone": "13611112222"},
        ],
        now,
    )
    changed = Customer.objects.get(pk=drafts[2].identity_id)
    change_customer(customer=changed, changes={"occupation": "医生"}, actor=system, now=now)
    done = undone(after_id=0, actor=SYSTEM, now=now)
    assert (done.removed, done.restored, done.kept) == (1, 1, 1)
    assert not Customer.objects.filter(pk=drafts[0].identity_id).exists()
    assert Customer.objects.filter(pk=changed.pk).exists()
    assert list(here.contact_points.values_list("kind", flat=True)) == ["PHONE"]
    assert undone(after_id=done.next_id, actor=SYSTEM, now=now).next_id is None


def test_the_number_of_statements_does_not_follow_the_number_of_rows(now, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(count: int, start: int) -> int:
        rows = [{"name": f"顾客{n}", "phone": f"138{n:08}"} for n in range(start, start + count)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            bring(rows, now, run=start)
        return len(queries)

    cost(2, 11_000_000)
    assert cost(40, 12_345_600) == cost(400, 22_345_600)


def test_undoing_knows_every_table_that_refers_to_customers():
    """A new table that points at customers is either emptied with them or says that they were worked with
    since.
    """
    from dianke.customers.operations import import_undo

    known = (
        set(import_undo._OF_CUSTOMER)
        | {table for table, _column in import_undo._TOUCHED}
        | {"customers_matchpair"}
    )
    relations = [
        one
        for one in Customer._meta.get_fields(include_hidden=True)
        # Views show rows of the tables.
        if one.auto_created and one.is_relation and one.related_model._meta.managed
    ]
    pointing = {
        (one.through if one.many_to_many else one.related_model)._meta.db_table for one in relations
    } - {"customers_customer"}
    assert pointing <= known


def test_member_numbers_are_given_once_whoever_wished_for_them(now):
    older = make_customer("李老", "13700000009")
    Customer.objects.filter(pk=older.pk).update(member_number="A7")
    rows = [
        {"name": "甲", "member_number": "A7"},  # an older customer's
        {"name": "乙", "member_number": "B8"},
        {"name": "丙", "member_number": "B8"},
        {"name": "丁"},
    ]
    drafts = bring(rows, now, match_rule="none")
    assert [draft.fate for draft in drafts] == [Fate.NEW] * 4
    numbers = dict(Customer.objects.values_list("name", "member_number"))
    assert numbers["乙"] == "B8"
    assert numbers["李老"] == "A7"
    assert len(set(numbers.values())) == 5
    assert all(len(numbers[name]) == 9 for name in "甲丙丁")


def test_a_number_of_ours_that_an_older_system_gave_is_not_given_again(now):
    (first,) = bring([{"name": "甲"}], now)
    ours = Customer.objects.get(pk=first.identity_id).member_number
    following = [member_number_of(int(ours[:-1]) - 10_000_000 + n) for n in range(1, 400)]
    older = make_customer("李老", "13700000009")
    for number in following[:3]:
        Customer.objects.filter(pk=older.pk).update(member_number=number)
    taken = Customer.objects.get(pk=older.pk).member_number
    bring([{"name": f"新{n}"} for n in range(5)], now, run=2)
    assert Customer.objects.filter(member_number=taken).get().pk == older.pk
    assert Customer.objects.count() == 7


def test_rows_that_share_a_place_a_day_and_a_number_keep_what_is_their_own(now):
    place = {"city": "杭州", "birthday": "1990-03-05"}
    rows = [
        {"name": "甲", "phone": "13700000001", "phone2": "0571-88886666", **place},
        {"name": "乙", "phone": "13700000002", **place},
        {"name": "丙", "phone": "13700000003", "street": "文三路 9 号", **place},
        {"name": "丁", "phone": "13700000001", **place},  # another name at a number of this file
        {"name": "甲", "phone": "13700000001", "wechat": "jia_1", **place},  # the first again, with more
    ]
    drafts = bring(rows, now)
    assert [draft.fate for draft in drafts] == [Fate.NEW, Fate.NEW, Fate.NEW, Fate.NEW, Fate.LINK]
    assert drafts[4].identity_id == drafts[0].identity_id
    found = {
        customer.name: (
            sorted(point.value for point in customer.contact_points.select_related("key")),
            [(one.province, one.city, one.street or "") for one in customer.addresses.select_related("key")],
            [(day.year, day.month, day.day) for day in customer.dates.all()],
            customer.records.count(),
        )
        for customer in Customer.objects.all()
    }
    at, born = ("浙江省", "杭州市", ""), [(1990, 3, 5)]
    assert found == {
        "甲": (["+8613700000001", "+8657188886666", "jia_1"], [at], born, 2),
        "乙": (["+8613700000002"], [at], born, 1),
        "丙": (["+8613700000003"], [("浙江省", "杭州市", "文三路 9 号")], born, 1),
        "丁": (["+8613700000001"], [at], born, 1),
    }
    for point in ContactPoint.objects.select_related("key"):
        assert point in ContactPoint.objects.holding(point.kind, point.value)
        if point.kind == "PHONE":
            assert point in ContactPoint.objects.filter(**ContactPoint.blind("value", point.value, "last6"))
