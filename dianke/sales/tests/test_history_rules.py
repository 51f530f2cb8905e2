"""What lines of the past are, which sale a return takes back, what goods are called: the tables of the algorithm."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.core.errors import InvalidInput
from dianke.sales.models import HistoryItem, HistoryLine
from dianke.sales.rules.history.classes import LineClass, class_of, shipped_terms, terms_from, terms_of
from dianke.sales.rules.history.matching import Back, Sold, match
from dianke.sales.rules.history.names import Said, name_of
from dianke.sales.rules.history.rows import minor, moment_of, past_row

NOW = datetime(2011, 3, 1, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/London")
TERMS = shipped_terms("online-retail")[-1]

#: number, code, description, quantity, unit price → class
CLASSES = [
    ("536365", "85123A", "WHITE HANGING HEART", "6", "2.55", "SALE"),
    ("536370", "POST", "POSTAGE", "3", "18.00", "FEE"),
    ("536544", "DOT", "DOTCOM POSTAGE", "1", "569.77", "FEE"),
    ("540000", "M", "Manual", "1", "1.25", "FEE"),
    ("562955", "PADS", "PADS TO MATCH ALL CUSHIONS", "1", "0.001", "FEE"),
    ("536540", "C2", "CARRIAGE", "1", "50.00", "FEE"),
    ("540658", "gift_0001_30", "Dotcomgiftshop Gift Voucher", "1", "25.00", "VOUCHER"),
    ("C536383", "35004C", "SET OF 3 COLOURED FLYING DUCKS", "-1", "4.65", "CANCELLATION"),
    ("C536758", "POST", "POSTAGE", "-1", "18.00", "FEE_BACK"),
    ("C536379", "D", "Discount", "-1", "27.50", "DISCOUNT"),
    ("537632", "AMAZONFEE", "AMAZON FEE", "1", "13541.33", "EXPENSE"),
    ("C537600", "AMAZONFEE", "AMAZON FEE", "-1", "1.00", "EXPENSE"),
    ("541508", "BANK CHARGES", "Bank Charges", "1", "15.00", "EXPENSE"),
    ("C562717", "CRUK", "CRUK Commission", "-1", "1.60", "EXPENSE"),
    ("C536595", "S", "SAMPLES", "-1", "9.74", "EXPENSE"),
    ("A563185", "B", "Adjust bad debt", "1", "11062.06", "EXPENSE"),
    ("A563186", "B", "Adjust bad debt", "1", "-11062.06", "EXPENSE"),
    ("536414", "22139", "", "56", "0", "CORRECTION"),
    ("536589", "21777", "", "-10", "0", "CORRECTION"),
    ("537032", "21275", "?", "-30", "0", "CORRECTION"),
    ("537197", "22841", "ROUND CAKE TIN", "1", "0", "CORRECTION"),
    ("600001", "22841", "damages", "-5", "2.10", "CORRECTION"),
    ("600002", "22841", "ROUND CAKE TIN", "-5", "2.10", "RETURN"),
    ("600003", "22841", "ROUND CAKE TIN", "1", "-2.10", "DISCOUNT"),
]


@pytest.mark.parametrize(("number", "code", "name", "quantity", "price", "expected"), CLASSES)
def test_a_line_is_what_its_number_code_and_words_say(number, code, name, quantity, price, expected):
    found = class_of(
        number=number,
        code=code.upper(),
        description=name,
        quantity=D(quantity),
        unit_price=D(price),
        terms=TERMS,
    )
    assert found == expected


def test_codes_of_one_system_mean_nothing_in_the_files_of_another():
    usual = shipped_terms()[-1]
    assert shipped_terms("unknown-system") == shipped_terms()
    assert [usual.class_of_code(code) for code in ("M", "S", "运费", "抹零")] == [
        None,
        None,
        "FEE",
        "DISCOUNT",
    ]
    assert not usual.bookkeeping.fullmatch("A1001")


def test_the_newest_terms_that_hold_on_the_day_are_asked():
    editions = terms_from(
        {
            "edition": [
                {"from": date(2020, 1, 1), "codes": {"EXPENSE": ["POST"]}},
                {"from": date(2000, 1, 1), "codes": {"FEE": ["POST"]}},
            ]
        }
    )
    days = (date(1999, 1, 1), date(2019, 12, 31), date(2020, 1, 1))
    assert [terms_of(day, editions).class_of_code("POST") for day in days] == ["FEE", "FEE", "EXPENSE"]


def test_classes_of_rules_and_tables_are_the_same():
    assert {kind.value for kind in LineClass} == set(HistoryLine.Kind.values)
    assert {"SINGLE", "CASE", "RECENT", "FREQUENT", "CODE", "KNOWN"} == set(HistoryItem.Why.values)


# --- which sale ----------------------------------------------------------------------------------------------------
KEY = ("17850", "85123A", D("2.55"))


def sold(pk: int, days: int, quantity: str, amount: int, key=KEY) -> Sold:
    return Sold(pk, key, NOW - timedelta(days=days), D(quantity), D(quantity), amount, amount)


def back(pk: int, days: int, quantity: str, key=KEY) -> Back:
    return Back(pk, key, NOW - timedelta(days=days), D(quantity))


def told(backs, sales):
    return [(m.back_id, m.sold_id, m.quantity, m.amount) for m in match(backs, sales)]


@pytest.mark.parametrize(
    ("backs", "sales", "expected"),
    [
        ([back(1, 0, "6")], [sold(10, 5, "6", 1530)], [(1, 10, D(6), 1530)]),
        # the latest sale first, then the one before it
        (
            [back(1, 0, "8")],
            [sold(10, 9, "6", 1530), sold(11, 5, "6", 1530)],
            [(1, 11, D(6), 1530), (1, 10, D(2), 510)],
        ),
        # in part: what is not found stays without a sale
        ([back(1, 0, "9")], [sold(10, 5, "6", 1530)], [(1, 10, D(6), 1530)]),
        # not later, not another buyer, item or price, and nobody's is nobody's
        ([back(1, 7, "6")], [sold(10, 5, "6", 1530)], []),
        ([back(1, 0, "6", ("13047", *KEY[1:]))], [sold(10, 5, "6", 1530)], []),
        ([back(1, 0, "6", (*KEY[:2], D("2.10")))], [sold(10, 5, "6", 1530)], []),
        ([back(1, 0, "6", ("", *KEY[1:]))], [sold(10, 5, "6", 1530, ("", *KEY[1:]))], []),
        # at the same moment counts; the earlier return is served first
        (
            [back(2, 0, "4"), back(1, 1, "4")],
            [sold(10, 1, "6", 1530)],
            [(1, 10, D(4), 1020), (2, 10, D(2), 510)],
        ),
    ],
)
def test_a_return_belongs_to_the_latest_sale_of_the_same_buyer_item_and_price(backs, sales, expected):
    assert told(backs, sales) == expected


_numbers = st.integers(1, 12).map(D)


@given(
    st.lists(st.tuples(st.integers(0, 9), _numbers, st.integers(0, 5_000)), max_size=8),
    st.lists(st.tuples(st.integers(0, 9), _numbers), max_size=8),
)
def test_no_more_is_matched_than_was_sold_or_taken_back_and_parts_make_the_whole(sales, backs):
    sales = [sold(n, days, str(quantity), amount) for n, (days, quantity, amount) in enumerate(sales)]
    whole = {line.id: (line.quantity, line.paid_amount, line.at) for line in sales}
    backs = [back(n, days, str(quantity)) for n, (days, quantity) in enumerate(backs)]
    found = match(backs, sales)
    for pk, (quantity, amount, at) in whole.items():
        mine = [each for each in found if each.sold_id == pk]
        assert sum(each.quantity for each in mine) <= quantity
        taken = sum(each.amount for each in mine)
        assert 0 <= taken <= amount
        if sum(each.quantity for each in mine) == quantity:
            assert taken == amount
        assert all(at <= backs[each.back_id].at for each in mine)
    for each in backs:
        assert sum(m.quantity for m in found if m.back_id == each.id) <= each.quantity


# --- names ---------------------------------------------------------------------------------------------------------
def said(name: str, count: int, days: int) -> Said:
    return Said(name, count, NOW - timedelta(days=days))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([said("CHILLI LIGHTS", 9, 3)], ("CHILLI LIGHTS", "SINGLE")),
        (
            [said("CHILLI LIGHTS", 9, 3), said("damaged", 40, 0), said("?", 3, 1), said("", 8, 1)],
            ("CHILLI LIGHTS", "SINGLE"),
        ),
        ([said("CHILLI LIGHTS", 2, 9), said("re dotcom quick fix.", 5, 0)], ("CHILLI LIGHTS", "CASE")),
        (
            [said("DOILEY STORAGE TIN", 124, 13), said("STORAGE TIN VINTAGE DOILY", 37, 0)],
            ("STORAGE TIN VINTAGE DOILY", "RECENT"),
        ),
        (
            [said("JUMBO BAG DOILEY PATTERNS", 515, 12), said("JUMBO BAG VINTAGE DOILY", 118, 0)],
            ("JUMBO BAG DOILEY PATTERNS", "FREQUENT"),
        ),
        ([said("羊毛开衫", 3, 9), said("羊毛 开衫", 1, 20)], ("羊毛开衫", "FREQUENT")),
        ([said("?", 3, 1), said("", 8, 1)], ("84123", "CODE")),
    ],
)
def test_goods_are_called_by_a_sensible_name_the_newer_one_if_it_is_used(names, expected):
    chosen = name_of("84123", names, TERMS)
    assert (chosen.name, chosen.why) == expected


# --- rows ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("2010-12-01 08:26:00", "YMD", "2010-12-01 08:26"),
        ("2010/12/1 8:26", "DMY", "2010-12-01 08:26"),
        ("2010年12月1日", "YMD", "2010-12-01 12:00"),
        ("01/12/2010 08:26", "DMY", "2010-12-01 08:26"),
        ("12/1/10 8:26 PM", "MDY", "2010-12-01 20:26"),
        ("40513.3513888889", "YMD", "2010-12-01 08:26"),
    ],
)
def test_times_are_read_as_people_and_spreadsheets_write_them(text, order, expected):
    assert f"{moment_of(text, ZONE, order):%Y-%m-%d %H:%M}" == expected


CELLS = {
    "number": "536365",
    "code": "85123a",
    "name": "  WHITE  HEART ",
    "quantity": "1,006",
    "unit_price": "£2.55",
    "at": "2010-12-01 08:26",
}


def test_a_row_is_a_line_with_an_exact_and_a_rounded_amount():
    line = past_row(2, CELLS | {"discount": "0.305"}, who="17850", zone=ZONE, day_order="YMD")
    assert (line.code, line.name, line.quantity) == ("85123A", "WHITE HEART", 1006)
    assert (line.exact, line.amount(2)) == (D("2564.995"), 256500)
    assert (minor(D("-0.005"), 2), minor(D("0.001"), 2), minor(D("1.5"), 0)) == (-1, 0, 2)


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"number": ""}, "number"),
        ({"code": "", "name": ""}, "code"),
        ({"quantity": "six"}, "quantity"),
        ({"quantity": "1.00001"}, "quantity"),
        ({"unit_price": "NaN"}, "unit_price"),
        ({"at": "01/12/2010"}, "at"),
        ({"at": "2010-02-30"}, "at"),
        ({"discount": "9999"}, "discount"),
        ({"name": "x" * 201}, "name"),
    ],
)
def test_what_is_wrong_with_a_row_is_told_with_its_field(cells, field):
    with pytest.raises(InvalidInput) as refused:
        past_row(2, CELLS | cells, who="", zone=ZONE, day_order="YMD")
    assert refused.value.field == field


@given(st.decimals(-1_000_000, 1_000_000, places=4), st.integers(0, 3))
def test_rounding_is_never_more_than_half_a_coin(amount, digits):
    assert abs(D(minor(amount, digits)).scaleb(-digits) - amount) <= D("0.5").scaleb(-digits)
