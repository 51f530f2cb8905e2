"""Opening balances beside customers out of a file: posted, never twice, taken back while nothing was used."""

from __future__ import annotations

import pytest

from dianke.access.models import Role, User
from dianke.access.queries import actor_for
from dianke.core.actor import SYSTEM
from dianke.customers.models import Customer
from dianke.events.models import Event
from dianke.imports import operations as imports
from dianke.imports import running
from dianke.imports.models import ImportRow, ImportRun
from dianke.stores import operations as stores
from dianke.stores.models import Merchant
from dianke.wallets.models import SessionCard, TopUp, Wallet
from dianke.wallets.tests.people import House

pytestmark = pytest.mark.django_db
HEADER = ("姓名", "手机号", "储值余额", "赠金余额", "次卡", "剩余次数", "剩余金额")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def importing(house: House):
    Merchant.objects.get_or_create(name="云裳美业")
    staff = stores.hire_staff(
        username="owner",
        name="陈明远",
        number="001",
        legal_entity=house.silk,
        hired_on=house.lake.opened_on,
        phone="",
        role=Role.objects.get(code="OWNER"),
        store=house.lake,
        actor=SYSTEM,
        now=house.now,
    )
    actor = actor_for(staff.user, now=house.now)

    def run(*rows: tuple[str, ...], upto: str = "") -> ImportRun:
        data = "\r\n".join(",".join(row) for row in (HEADER, *rows)).encode() + b"\r\n"
        who = {"actor": actor, "now": house.now}
        made = imports.upload_file(importer="customers", file_name="顾客.csv", chunks=[data], **who)
        made = imports.check_run(
            run=made,
            mapping=made.columns(),
            match_rule=made.match_rule,
            options=made.options | {"store": str(house.lake.pk)},
            **who,
        )
        running.work(made.pk, lambda: house.now)
        if upto != "check":
            imports.start_run(run=ImportRun.objects.get(pk=made.pk), **who)
            running.work(made.pk, lambda: house.now)
        return ImportRun.objects.get(pk=made.pk)

    return run


def undo(house: House, run: ImportRun) -> ImportRun:
    who = actor_for(User.objects.get(username="owner"), now=house.now)
    imports.start_undo(run=run, actor=who, now=house.now)
    running.work(run.pk, lambda: house.now)
    return ImportRun.objects.get(pk=run.pk)


def named(name: str) -> Customer:
    return Customer.objects.get(name=name)


def test_balances_and_sessions_come_with_their_customers_and_the_totals_stay(house: House, importing):
    kind = house.kind((house.hand, 10, 0, 150), (house.face, 5, 0, 100), price=1500, name="组合卡")
    run = importing(
        ("赵一", "13511110001", "1200.50", "200", "", "", ""),
        ("钱二", "13511110002", "", "", "组合卡", "6/2", ""),
        ("孙三", "13511110003", "88", "", "组合卡", "3", "120"),
    )
    assert run.state == ImportRun.State.DONE, ImportRow.objects.values_list("problems", flat=True)
    house.assert_wallet(1200.50, 200, of=named("赵一"))
    house.assert_wallet(88, of=named("孙三"))
    two = SessionCard.objects.get(customer=named("钱二"))
    assert two.kind == kind
    assert two.paid_amount == 1500_00 * (6 * 150 + 2 * 100) // (10 * 150 + 5 * 100)
    three = SessionCard.objects.get(customer=named("孙三"))
    house.assert_card(three, hand=(3, 0, 120))
    house.assert_books(opening_balance=-(1200.50 + 88 + two.paid_amount / 100 + 120), bonus_expense=200)
    told = Event.objects.get(kind="wallets.openings_imported").data
    assert (told["principal_amount"], told["sessions"]) == ("128850", "11")


def test_the_same_file_again_changes_nothing(house: House, importing):
    row = ("赵一", "13511110001", "1200", "200", "", "", "")
    importing(row)
    importing(row)
    house.assert_wallet(1200, 200, of=named("赵一"))
    assert TopUp.objects.count() == 1


def test_what_was_not_used_is_taken_back_with_its_customer_and_the_rest_stays(house: House, importing):
    house.kind((house.hand, 10, 0, 150), price=1500, name="手部卡")
    run = importing(
        ("赵一", "13511110001", "100", "20", "手部卡", "4", ""),
        ("钱二", "13511110002", "100", "", "", "", ""),
    )
    house.spend(30, [named("钱二")])
    done = undo(house, run)
    assert (done.state, done.removed_count, done.kept_count) == (ImportRun.State.UNDONE, 1, 1)
    assert not Customer.objects.filter(name="赵一").exists()
    assert not SessionCard.objects.exists()
    assert Wallet.objects.count() == 1
    house.assert_wallet(70, of=named("钱二"))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("甲", "13511110001", "很多", "", "", "", ""), "not_an_amount"),
        (("甲", "13511110001", "-5", "", "", "", ""), "balance_negative"),
        (("甲", "13511110001", "", "", "没有的卡", "3", ""), "card_kind_unknown"),
        (("甲", "13511110001", "", "", "手部卡", "三次", ""), "card_left_wrong"),
        (("甲", "13511110001", "", "", "手部卡", "3/2", ""), "card_left_too_many"),
    ],
)
def test_what_cannot_be_meant_is_an_error_of_its_row(house: House, importing, row, code):
    house.kind((house.hand, 10, 0, 150), price=1500, name="手部卡")
    run = importing(row, upto="check")
    assert run.tally.errors == 1
    assert code in str(run.problems)
