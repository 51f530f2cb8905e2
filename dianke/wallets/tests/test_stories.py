"""Stored value told as stories, with every balance after every step (in yuan)."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest

from dianke.core.actor import SYSTEM
from dianke.customers.models import ContactKind, Customer
from dianke.customers.tests.cast import make_customer
from dianke.wallets import operations as wallets
from dianke.wallets import queries
from dianke.wallets.models import Freeze, Refund, TopUp, Transfer, Wallet
from dianke.wallets.operations.locking import lock_wallets
from dianke.wallets.tests.people import TODAY, House

pytestmark = pytest.mark.django_db


def test_a_top_up_brings_its_bonus_and_a_sale_takes_bonus_first(house: House):
    house.top_up(1000, offer=house.offer((1000, 200)))
    house.assert_wallet(1000, 200)
    house.assert_books(cash=1000, bonus_expense=200, revenue=0)
    house.spend(288)
    house.assert_wallet(912, 0)
    house.assert_books(cash=1000, bonus_expense=200, revenue=288, clearing=0)


def test_the_highest_step_counts_and_repeats_only_where_the_offer_says_so(house: House):
    ladder = house.offer((500, 50), (1000, 200))
    house.top_up(700, offer=ladder)
    house.assert_wallet(700, 50)
    house.top_up(2500, offer=ladder)
    house.assert_wallet(3200, 250)
    house.top_up(2500, offer=house.offer((500, 50), (1000, 200), is_repeating=True))
    house.assert_wallet(5700, 650)
    house.top_up(100, offer=ladder)
    house.assert_wallet(5800, 650)


def test_a_top_up_under_a_reference_that_stands_happens_once(house: House):
    first = house.top_up(100, reference="t1")
    assert house.top_up(100, reference="t1") == first
    house.assert_wallet(100)
    with pytest.raises(wallets.ReferenceTaken):
        house.top_up(200, reference="t1")


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"ends_at": -1}, "已结束"),
        ({"starts_at": 1}, "还没开始"),
        ({"levels": ["GOLD"]}, "等级"),
        ({"per_customer": 1}, "用满"),
    ],
)
def test_an_offer_holds_only_where_and_for_whom_it_is_made(house: House, values: dict, word: str):
    days = {k: house.now + timedelta(days=v) for k, v in values.items() if k.endswith("_at")}
    offer = house.offer((100, 10), **(values | days))
    if "per_customer" in values:
        house.top_up(100, offer=offer)
    with pytest.raises(wallets.OfferNotValid) as refused:
        house.top_up(100, offer=offer)
    assert word in str(refused.value)
    house.top_up(100)


def test_an_offer_of_other_stores_is_refused_here(house: House):
    offer = house.offer((100, 10), stores=[house.road])
    with pytest.raises(wallets.OfferNotValid):
        house.top_up(100, offer=offer)
    house.top_up(100, offer=offer, store=house.road)
    house.assert_wallet(100, 10)


# --- rules as dated data -----------------------------------------------------------------------------------------
def test_caps_are_rows_with_dates_and_without_them_nothing_is_limited(house: House):
    house.top_up(9000)
    house.term("named_cap", 10000_00)
    with pytest.raises(wallets.CapReached) as refused:
        house.top_up(1001)
    assert "测试" in str(refused.value)
    house.top_up(1000)
    house.assert_wallet(10000)
    house.term("named_cap", 20000_00, province="浙江省")
    house.top_up(5000)
    house.term("named_cap", 15000_00, legal_entity=house.silk)
    with pytest.raises(wallets.CapReached):
        house.top_up(1)
    house.top_up(10000, store=house.harbour)
    house.assert_wallet(10000, entity=house.ocean)


def test_a_rule_holds_from_its_day_and_ends_the_one_before(house: House):
    given = {"code": "named_cap", "source": "测试", "actor": SYSTEM, "now": house.now}
    first = wallets.set_term(value="100000", from_date=date(2020, 1, 1), **given)
    wallets.set_term(value="300000", from_date=TODAY + timedelta(days=1), **given)
    first.refresh_from_db()
    assert first.to_date == TODAY + timedelta(days=1)
    with pytest.raises(wallets.CapReached):
        house.top_up(1500)
    house.later(days=1)
    house.top_up(1500)
    house.assert_wallet(1500)


def test_unnamed_wallets_have_their_own_cap_and_bonus_that_lasts(house: House):
    house.term("unnamed_cap", 1000_00)
    house.term("unnamed_least_days", 1096)
    with pytest.raises(wallets.ValidityTooShort):
        house.top_up(500, is_named=False, offer=house.offer((100, 10), bonus_days=30))
    house.top_up(500, is_named=False, offer=house.offer((100, 10), bonus_days=1096))
    with pytest.raises(wallets.CapReached):
        house.top_up(501, is_named=False)


def test_large_amounts_ask_for_a_document_and_refuse_cash(house: House):
    house.term("identity_from", 10000_00)
    house.term("cash_below", 50000_00)
    with pytest.raises(wallets.IdentityMissing):
        house.top_up(10000)
    known = make_customer(
        "赵宁", "13700001111", contacts={ContactKind.DOCUMENT: "110105199003070017"}, is_verified=True
    )
    house.top_up(10000, customer=known)
    with pytest.raises(wallets.CashRefused):
        house.top_up(50000, customer=known)
    house.top_up(50000, customer=known, payment_kind="TRANSFER")
    house.assert_wallet(60000, of=known)


def test_the_default_rules_come_with_their_source_and_are_marked_as_not_checked(house: House):
    from dianke.wallets.models import Term

    house.do(lambda **_usual: wallets.load_default_terms())
    assert Term.objects.filter(checked_at=None).exclude(source="").count() == Term.objects.count() == 13
    with pytest.raises(wallets.CapReached):
        house.top_up(5001)
    house.top_up(5000)


# --- spending ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("order", "principal", "bonus"),
    [("BONUS_FIRST", 1000, 140), ("PRINCIPAL_FIRST", 940, 200), ("PRO_RATA", 950, 190)],
)
def test_the_order_of_spending_is_a_rule_of_the_merchant(
    house: House, order: str, principal: int, bonus: int
):
    house.term("spend_order", order)
    house.top_up(1000, offer=house.offer((1000, 200)))
    house.spend(60)
    house.assert_wallet(principal, bonus)


def test_more_than_there_is_is_refused_with_what_there_is(house: House):
    house.top_up(100)
    with pytest.raises(wallets.ValueTooLow) as refused:
        house.spend(100.01)
    assert refused.value.params["available"] == 100_00
    house.assert_wallet(100)


def test_what_another_entity_received_is_spent_last_and_owed_to_who_sold(house: House):
    house.top_up(100, store=house.harbour)
    house.top_up(50)
    house.spend(120)
    house.assert_wallet(0)
    house.assert_wallet(30, entity=house.ocean)
    house.assert_books(house.ocean, cash=100, due_to_entity=70, clearing=0)
    house.assert_books(house.silk, cash=50, due_from_entity=70, revenue=120, clearing=0)
    (due,) = queries.dues_between()
    assert (due.owed_amount, due.counted_amount, due.is_even) == (7000, 7000, True)


def test_bonus_used_elsewhere_is_borne_by_the_seller_where_it_is_not_settled(house: House):
    house.term("bonus_settled", 0)
    house.top_up(100, store=house.harbour, offer=house.offer((100, 40)))
    house.assert_books(house.ocean, bonus_expense=40)
    house.spend(60)
    house.assert_wallet(80, 0, entity=house.ocean)
    house.assert_books(house.ocean, due_to_entity=20, bonus_expense=0)
    house.assert_books(house.silk, due_from_entity=20, bonus_expense=40, revenue=60, clearing=0)


def test_value_of_another_entity_can_be_kept_apart(house: House):
    house.term("cross_entity_use", 0)
    house.top_up(100, store=house.harbour)
    with pytest.raises(wallets.ValueTooLow):
        house.spend(10)
    purse = queries.purse_of([house.lin.pk], store_id=house.lake.pk, at=house.now)
    assert (purse.amount, purse.spendable_amount) == (10000, 0)


def test_merged_customers_are_spent_in_a_fixed_order_and_nothing_is_added_up(house: House):
    house.top_up(100)
    house.top_up(70, customer=house.wang)
    Customer.objects.filter(pk=house.wang.pk).update(merged_into=house.lin)
    purse = queries.purse_of([house.lin.pk, house.wang.pk], store_id=house.lake.pk, at=house.now)
    assert [wallet.amount for wallet in purse.wallets] == [10000, 7000]
    sale = house.spend(130, [house.lin, house.wang])
    house.assert_wallet(0)
    house.assert_wallet(40, of=house.wang)
    house.give_back(sale, Fraction(1))
    house.assert_wallet(100)
    house.assert_wallet(70, of=house.wang)


def test_a_frozen_wallet_pays_nothing_and_says_why(house: House):
    house.top_up(100)
    wallets.freeze(subject=house.wallet(), reason="本人要求", actor=SYSTEM, now=house.now)
    with pytest.raises(wallets.Frozen) as refused:
        house.spend(10)
    assert "本人要求" in str(refused.value)
    for act in (lambda: house.top_up(10), lambda: refund(house)):
        with pytest.raises(wallets.Frozen):
            act()
    with pytest.raises(wallets.AlreadyFrozen):
        wallets.freeze(subject=house.wallet(), reason="再冻", actor=SYSTEM, now=house.now)
    wallets.unfreeze(subject=house.wallet(), reason="本人到店", actor=SYSTEM, now=house.now)
    house.spend(10)
    house.assert_wallet(90)
    with pytest.raises(wallets.NotFrozen):
        wallets.unfreeze(subject=house.wallet(), reason="再解", actor=SYSTEM, now=house.now)


def test_a_lost_card_gets_a_new_number_and_works_again(house: House):
    house.top_up(100)
    before = house.wallet().number
    wallets.freeze(subject=house.wallet(), reason="丢了", kind=Freeze.Kind.LOST, actor=SYSTEM, now=house.now)
    with pytest.raises(wallets.Frozen):
        house.spend(10)
    wallets.reissue(subject=house.wallet(), reason="补卡", actor=SYSTEM, now=house.now)
    assert house.wallet().number != before
    house.spend(10)
    house.assert_wallet(90)


# --- giving back -------------------------------------------------------------------------------------------------
def test_a_sale_comes_back_in_parts_that_make_one_whole(house: House):
    house.top_up(1000, offer=house.offer((1000, 200)))
    sale = house.spend(300)
    house.assert_wallet(900, 0)
    shown = queries.preview_give_back(reference_of_sale=sale, share=Fraction(1, 3))
    (first,) = house.give_back(sale, Fraction(1, 3))
    assert (first.part.bonus_amount, first.part.principal_amount) == (6667, 3333)
    assert [(p.bonus_amount, p.principal_amount) for p in shown] == [(6667, 3333)]
    house.assert_wallet(933.33, 66.67)
    house.give_back(sale, Fraction(2, 3))
    house.assert_wallet(966.66, 133.34)
    house.give_back(sale, Fraction(1))
    house.assert_wallet(1000, 200)
    assert queries.preview_give_back(reference_of_sale=sale, share=Fraction(1))[0].amount == 0


def test_giving_back_twice_under_one_reference_gives_back_once(house: House):
    house.top_up(100)
    sale = house.spend(60)
    house.give_back(sale, Fraction(1, 2), reference="r1")
    house.give_back(sale, Fraction(1, 2), reference="r1")
    house.assert_wallet(70)


def test_giving_back_across_entities_takes_back_what_was_owed(house: House):
    house.top_up(100, store=house.harbour)
    sale = house.spend(80)
    house.give_back(sale, Fraction(1, 4))
    house.assert_wallet(40, entity=house.ocean)
    (due,) = queries.dues_between()
    assert (due.owed_amount, due.counted_amount) == (6000, 6000)


# --- expiry ------------------------------------------------------------------------------------------------------
def test_bonus_expires_and_principal_never(house: House):
    house.top_up(1000, offer=house.offer((1000, 200), bonus_days=30))
    house.later(days=30)
    purse = queries.purse_of([house.lin.pk], store_id=house.lake.pk, at=house.now)
    assert purse.spendable_amount == 100000
    with pytest.raises(wallets.ValueTooLow):
        house.spend(1000.01)
    assert wallets.expire_bonus(legal_entity=house.silk, actor=SYSTEM, now=house.now) == 1
    house.assert_wallet(1000, 0)
    house.assert_books(bonus_expense=0)
    assert wallets.expire_bonus(legal_entity=house.silk, actor=SYSTEM, now=house.now) == 0
    house.later(days=4000)
    house.spend(1000)


def test_where_bonus_may_not_expire_it_does_not(house: House):
    house.term("bonus_may_expire", 0)
    house.top_up(1000, offer=house.offer((1000, 200), bonus_days=30))
    house.later(days=400)
    house.spend(1200)
    house.assert_wallet(0)


def test_expired_bonus_that_comes_back_has_days_of_grace(house: House):
    house.term("bonus_grace_days", 7)
    house.top_up(1000, offer=house.offer((1000, 200), bonus_days=30))
    sale = house.spend(150)
    house.later(days=31)
    wallets.expire_bonus(legal_entity=house.silk, actor=SYSTEM, now=house.now)
    house.assert_wallet(1000, 0)
    (back,) = house.give_back(sale, Fraction(1))
    assert back.late[0].usable_until == house.now + timedelta(days=7)
    house.assert_wallet(1000, 150)
    house.spend(50)
    house.assert_wallet(1000, 100)
    house.later(days=8)
    wallets.expire_bonus(legal_entity=house.silk, actor=SYSTEM, now=house.now)
    house.assert_wallet(1000, 0)


# --- refund ------------------------------------------------------------------------------------------------------
def refund(house: House, **more) -> Refund:
    given = {"wallet": house.wallet(), "payment_kind": "CASH", "reason": "顾客要求"} | more
    return wallets.refund_wallet(**house.usual(given))


def test_the_refund_of_the_draft_interpretation_is_shown_and_paid(house: House):
    house.term("wallet_refund", "PAID_SHARE")
    house.top_up(3000, offer=house.offer((3000, 1000)))
    house.spend(3594)
    house.later(days=60)
    worked = wallets.estimate(house.wallet(), store=house.lake, at=house.now)
    assert (worked.refund, worked.forfeited) == (304_50, 101_50)
    done = refund(house)
    assert (done.amount, done.working[0]["refund"]) == (304_50, 304_50)
    assert [step["code"] for step in done.working[0]["steps"]][-1] == "refund"
    house.assert_wallet(0)
    house.assert_books(cash=2695.50, bonus_expense=898.50, revenue=3594)
    with pytest.raises(wallets.NothingToRefund):
        refund(house)


def test_each_top_up_is_worked_out_by_itself(house: House):
    house.term("wallet_refund", "PAID_SHARE")
    house.term("cooling_off_days", 7)
    first = house.top_up(1000, offer=house.offer((1000, 1000)))
    house.spend(500)
    house.later(days=30)
    second = house.top_up(200, offer=house.offer((200, 20)))
    house.later(days=6)
    worked = wallets.estimate(house.wallet(), store=house.lake, at=house.now)
    assert [(p.top_up.pk, p.working.method, p.working.refund) for p in worked.parts] == [
        (first.pk, "PAID_SHARE", 750_00),
        (second.pk, "COOLING_OFF", 200_00),
    ]
    done = refund(house, top_up_ids=[second.pk])
    assert (done.amount, done.forfeited_amount) == (200_00, 20_00)
    house.assert_wallet(1000, 500)
    done = refund(house)
    assert (done.amount, done.forfeited_amount) == (750_00, 750_00)
    house.assert_wallet(0)


def test_a_refund_under_a_reference_that_stands_is_paid_once(house: House):
    house.top_up(100)
    assert refund(house, reference="r1") == refund(house, reference="r1")
    house.assert_books(cash=0)


def test_a_refund_is_paid_by_who_received_the_money(house: House):
    house.top_up(100)
    with pytest.raises(wallets.OtherEntity):
        refund(house, store=house.harbour)
    refund(house, store=house.road)
    house.assert_wallet(0)


def test_promotional_value_is_never_paid_back(house: House):
    wallets.give_promotional(
        **house.usual({"customer": house.lin, "amount": 5000, "reason": "开业体验金", "expires_at": None})
    )
    house.assert_wallet(0, 0, 50)
    with pytest.raises(wallets.NothingToRefund):
        refund(house)
    house.top_up(10)
    refund(house)
    house.assert_wallet(0, 0, 0)
    house.assert_books(cash=0, bonus_expense=0)


def test_a_top_up_by_mistake_is_taken_back_while_nothing_was_used(house: House):
    wrong = house.top_up(100, offer=house.offer((100, 10)))
    right = house.top_up(50)
    wallets.undo_top_up(top_up=wrong, reason="金额输错", actor=SYSTEM, now=house.now)
    house.assert_wallet(50)
    house.assert_books(cash=50, bonus_expense=0)
    house.spend(1)
    with pytest.raises(wallets.TopUpUsed):
        wallets.undo_top_up(top_up=right, reason="金额输错", actor=SYSTEM, now=house.now)


# --- transfer ----------------------------------------------------------------------------------------------------
def transfer(house: House, **more) -> Transfer:
    given = {"wallet": house.wallet(), "to_customer": house.wang, "reason": "转给家人"} | more
    return wallets.transfer_wallet(**house.usual(given))


def test_a_transfer_takes_the_buckets_their_expiry_and_the_history_along(house: House):
    house.term("wallet_refund", "PAID_SHARE")
    house.top_up(3000, offer=house.offer((3000, 1000), bonus_days=400))
    house.spend(3594)
    house.later(days=10)
    done = transfer(house)
    assert (done.principal_amount, done.bonus_amount) == (406_00, 0)
    house.assert_wallet(0)
    house.assert_wallet(406, of=house.wang)
    assert TopUp.objects.get(wallet__customer=house.wang).origin.paid_amount == 3000_00
    worked = wallets.estimate(house.wallet(house.wang), store=house.lake, at=house.now)
    assert (worked.refund, worked.parts[0].funding.is_transferred) == (304_50, True)
    with pytest.raises(wallets.NothingToTransfer):
        transfer(house)


def test_bonus_that_was_transferred_expires_when_it_would_have(house: House):
    house.top_up(100, offer=house.offer((100, 50), bonus_days=30))
    transfer(house)
    house.assert_wallet(100, 50, of=house.wang)
    house.later(days=30)
    wallets.expire_bonus(legal_entity=house.silk, actor=SYSTEM, now=house.now)
    house.assert_wallet(100, 0, of=house.wang)


def test_a_transfer_to_oneself_or_above_the_cap_is_refused(house: House):
    house.top_up(100)
    with pytest.raises(wallets.SameCustomer):
        transfer(house, to_customer=house.lin)
    house.term("named_cap", 150_00)
    house.top_up(100, customer=house.wang)
    with pytest.raises(wallets.CapReached):
        transfer(house)


# --- reading -----------------------------------------------------------------------------------------------------
def test_the_statement_tells_every_step_with_the_balance_after_it(house: House):
    house.top_up(1000, offer=house.offer((1000, 200)))
    sale = house.spend(288)
    house.give_back(sale, Fraction(1, 2))
    rows = queries.statement([house.wallet()])
    assert [(r.kind, r.principal_amount, r.bonus_amount, r.balance) for r in rows] == [
        ("wallets.given_back", 4400, 10000, 105600),
        ("wallets.spent", -8800, -20000, 91200),
        ("wallets.topped_up", 100000, 20000, 120000),
    ]
    assert rows[1].store_id == house.lake.pk
    (page,) = queries.statement([house.wallet()], before=rows[1].transaction_id, limit=5)
    assert page.kind == "wallets.topped_up"


def test_the_balance_of_any_day_can_be_told(house: House):
    house.top_up(100)
    first = house.now
    house.later(days=3)
    house.spend(30)
    house.later(days=3)
    wallet = house.wallet()
    assert queries.balances_as_of(wallet, first)["PRINCIPAL"] == 10000
    assert queries.balances_as_of(wallet, date(2026, 11, 23))["PRINCIPAL"] == 10000
    assert queries.balances_as_of(wallet, date(2026, 11, 24))["PRINCIPAL"] == 7000
    assert queries.balances_as_of(wallet, date(2026, 11, 20))["PRINCIPAL"] == 0


def test_a_wallet_is_made_once_per_entity_and_locked_by_id(house: House):
    house.top_up(10)
    house.top_up(10)
    house.top_up(10, store=house.harbour)
    assert Wallet.objects.filter(customer=house.lin).count() == 2
    found = house.do(lambda **_usual: lock_wallets(customer_ids=[house.lin.pk]))
    assert [wallet.pk for wallet in found] == sorted(wallet.pk for wallet in found)


def test_the_purse_takes_the_same_number_of_statements_whatever_is_in_it(
    house: House, django_assert_max_num_queries
):
    house.top_up(10)
    for _n in range(3):
        house.sell(house.kind((house.hand, 2, 1, 150), price=200))
    with django_assert_max_num_queries(8):
        purse = queries.purse_of([house.lin.pk], store_id=house.lake.pk, at=house.now)
    assert (purse.amount, len(purse.cards), purse.cards[0].left) == (1000, 3, 3)
