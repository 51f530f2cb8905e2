"""Opening points out of files, taken back with them; the copy of somebody's data, erasing, approval; and that
history is never rewritten.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from dianke.core.actor import SYSTEM
from dianke.customers.models import Customer
from dianke.customers.queries.export import copy_for
from dianke.customers.queries.rights import erasure_parts
from dianke.customers.rules.merging import account_views
from dianke.customers.tests.cast import make_house
from dianke.events.operations import operation, record
from dianke.imports import operations as imports
from dianke.imports import running
from dianke.imports.models import ImportRun
from dianke.imports.queries import noted_rows
from dianke.loyalty import operations as loyalty
from dianke.loyalty import tasks
from dianke.loyalty.models import LevelGrant, OpeningPoints, ReferralCode
from dianke.loyalty.rules.opening import OpeningRow, Wrong, read
from dianke.loyalty.tests.shop import Shop
from dianke.work.operations.approvals import decide, request_approval
from dianke.work.operations.policies import ApprovalNeeded, set_policy

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)


@pytest.fixture
def cast(db, now):
    return make_house(now)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def bring(shop: Shop, cast):
    """`bring(rows)`: uploads, checks and imports customers with points as the owner."""

    def run(*rows: str) -> ImportRun:
        actor = cast.actor("owner")
        data = "\r\n".join(["姓名,手机号,积分,积分有效期", *rows]).encode()
        made = imports.upload_file(
            importer="customers", file_name="会员.csv", chunks=[data], actor=actor, now=shop.now
        )
        made = imports.check_run(
            run=made,
            mapping=made.columns(),
            match_rule="phone",
            options=made.options | {"store": str(cast.lake.pk)},
            actor=actor,
            now=shop.now,
        )
        running.work(made.pk, lambda: shop.now)
        imports.start_run(run=made, actor=actor, now=shop.now)
        running.work(made.pk, lambda: shop.now)
        return ImportRun.objects.get(pk=made.pk)

    return run


def take_back(shop: Shop, cast, run: ImportRun) -> None:
    imports.start_undo(run=run, actor=cast.actor("owner"), now=shop.now)
    running.work(run.pk, lambda: shop.now)


def test_points_come_with_customers_once_and_go_with_the_import(shop: Shop, cast, bring):
    shop.open()
    run = bring("王小明,13900000001,1280,2027-06-30", '李雷,13900000002,"2,450.00",', "韩梅,13900000003,,")
    assert run.state == "DONE", [row.problems for row in noted_rows(run)]
    people = {each.name: each for each in Customer.objects.all()}
    assert [shop.points(people[name]) for name in ("王小明", "李雷", "韩梅")] == [1280, 2450, 0]
    assert shop.books() == {"issued": 3730, "customer": 3730}
    bring("王小明,13900000001,1280,2027-06-30")
    assert shop.points(people["王小明"]) == 1280
    shop.give(people["李雷"], -50)
    take_back(shop, cast, run)
    assert shop.books() == {"issued": 2400, "customer": 2400}
    assert OpeningPoints.objects.get().customer_id == people["李雷"].pk
    assert not Customer.objects.filter(name="韩梅").exists()
    assert Customer.objects.filter(name="李雷").exists()


def test_rows_with_wrong_points_are_named(shop: Shop, bring):
    shop.open()
    run = bring(
        "王小明,13900000001,很多,", "李雷,13900000002,10,2020-01-01", "韩梅,13900000003,10,2027-02-30"
    )
    assert sorted(problem.code for row in noted_rows(run) for problem in row.problems) == [
        "loyalty_opening_day",
        "loyalty_opening_past",
        "loyalty_opening_points",
    ]
    assert shop.books() == {}


@pytest.mark.parametrize(
    ("points", "day", "expected"),
    [
        ("", "", OpeningRow()),
        ("1,280", "", OpeningRow(1280)),
        ("1280.00", "2027年6月30日", OpeningRow(1280, date(2027, 6, 30))),
        ("35分", "2026-11-21", OpeningRow(35, TODAY)),
        ("12.5", "", Wrong("points", "points")),
        ("-3", "", Wrong("points", "points")),
        ("3", "明年", Wrong("day", "points_until")),
        ("3", "2026-11-20", Wrong("past", "points_until")),
    ],
)
def test_what_people_write_into_files(points: str, day: str, expected):
    assert read(points, day, today=TODAY) == expected


@operation(None)
def erase(*, ids, actor, now):
    record("customers.customer_erased", f"customers.customer:{ids[0]}", actor=actor, now=now)
    return next(part for part in erasure_parts() if part.code == "loyalty").erase(ids, now)


def test_the_copy_tells_everything_and_erasing_blanks_words(shop: Shop, cast):
    shop.open(is_referring=True)
    wang = shop.customer(store=cast.lake)
    shop.sell(wang, 100_00)
    shop.give(wang, 5)
    tasks.follow_sales(shop.now)
    loyalty.grant_level(customer=wang, level=shop.level("vip"), reason="老朋友", actor=SYSTEM, now=shop.now)
    loyalty.referral_code_of(customer_id=wang.pk, actor=SYSTEM, now=shop.now)
    copy = copy_for(wang, made_by="店长", made_at=shop.now, number="1")
    tables = {table.code: list(table.rows) for table in copy.tables}
    assert [(row["points"], row["balance"]) for row in tables["loyalty_points"]] == [(5, 105), (100, 100)]
    assert [row["after"] for row in tables["loyalty_levels"]] == ["普通会员", "贵宾会员", "贵宾会员"]
    (view,) = [view for view in account_views() if view.code == "loyalty.points"]
    assert "105" in str(view.count_for([wang.pk])[wang.pk])
    assert erase(ids=[wang.pk], actor=SYSTEM, now=shop.now) == 2
    assert (LevelGrant.objects.get().reason, ReferralCode.objects.count()) == ("", 0)


def test_points_by_hand_above_the_limit_take_a_second_person(shop: Shop, cast):
    from uuid import uuid4

    shop.open()
    wang = shop.customer(store=cast.lake)
    set_policy(
        operation="loyalty.adjust_points", limit=Decimal(1001), checker_ids=[], expires_hours=72, is_active=True,
        actor=cast.actor("owner"), now=shop.now,
    )  # fmt: skip
    who = {"actor": cast.actor("manager"), "now": shop.now}
    key = uuid4()
    loyalty.adjust_points(customer=wang, points=1000, reason="补偿", key=uuid4(), **who)
    with pytest.raises(ApprovalNeeded) as refused:
        loyalty.adjust_points(customer=wang, points=1001, reason="补偿", key=key, **who)
    assert refused.value.code == "approval_needed"
    assert shop.points(wang) == 1000
    asked = request_approval(
        operation="loyalty.adjust_points",
        arguments={"customer": wang.pk, "points": 1001, "reason": "补偿", "key": str(key), "expires_on": None,
                   "store_id": None},
        reason="请批准",
        **who,
    )  # fmt: skip
    decide(
        approval=asked,
        is_approved=True,
        sha256=asked.sha256,
        note="",
        actor=cast.actor("owner"),
        now=shop.now,
    )
    assert shop.points(wang) == 2001


def test_history_is_never_rewritten(shop: Shop):
    shop.open()
    wang = shop.customer()
    sale = shop.sell(wang, 100_00)
    shop.take_back(sale, _1=50_00)
    tasks.follow_sales(shop.now)
    for statement in (
        "UPDATE loyalty_levelchange SET why = 'GIVEN'",
        "DELETE FROM loyalty_levelchange",
        "UPDATE loyalty_memberreturn SET earned_back = 0",
        "DELETE FROM loyalty_memberreturn",
        "UPDATE loyalty_membersale SET earned_points = 1000",
        "UPDATE loyalty_membersale SET earned_back = 0",
        "DELETE FROM loyalty_membersale",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
