"""Money is exact, splits without losing a fen, and reads what people type."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.core import money
from dianke.core.errors import InvalidInput
from dianke.core.money import Money

CURRENCIES = st.sampled_from(["CNY", "JPY", "KWD", "HKD"])
UNITS = st.integers(-(10**15), 10**15)
WEIGHTS = st.lists(
    st.one_of(
        st.integers(0, 10**9),
        st.decimals(0, 10**6, places=4, allow_nan=False),
        st.fractions(0, 10**6, max_denominator=10**4),
    ),
    min_size=1,
    max_size=30,
)


def yuan(amount: str) -> Money:
    return Money(amount, "CNY")


def texts(parts: list[Money]) -> list[str]:
    return [f"{part.amount:f}" for part in parts]


@pytest.mark.parametrize(("currency", "digits"), [("CNY", 2), ("JPY", 0), ("KWD", 3), ("HKD", 2)])
def test_a_currency_has_the_decimals_of_cldr(currency: str, digits: int) -> None:
    assert money.digits_of(currency) == digits


@pytest.mark.parametrize("currency", ["RMB", "cny", "", "???"])
def test_an_unknown_currency_is_refused_by_name(currency: str) -> None:
    with pytest.raises(money.UnknownCurrency):
        Money(1, currency)


@pytest.mark.parametrize("amount", [1.5, True, None])
def test_an_amount_is_never_a_float(amount: object) -> None:
    with pytest.raises(TypeError):
        Money(amount, "CNY")  # type: ignore[arg-type]


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "twelve", Decimal("-Infinity")])
def test_an_amount_is_a_finite_number(amount: str | Decimal) -> None:
    with pytest.raises(ValueError, match=r"number|finite"):
        Money(amount, "CNY")


def test_money_is_a_value() -> None:
    assert yuan("1.50") == yuan("1.5")
    assert len({yuan("1.50"), yuan("1.5")}) == 1
    assert yuan("2") != Money(2, "JPY")
    with pytest.raises(AttributeError):
        yuan("1").amount = Decimal(2)  # type: ignore[misc]


def test_arithmetic_stays_in_one_currency() -> None:
    assert yuan("1.10") + yuan("2.20") - yuan("0.30") == yuan("3.00")
    assert yuan("19.99") * 3 == Decimal(3) * yuan("19.99") == yuan("59.97")
    assert -yuan("2") < yuan("0") <= abs(-yuan("2"))
    assert Money.sum([yuan("1"), yuan("2")], "CNY") == yuan("3")
    assert Money.sum([], "JPY") == Money.zero("JPY")
    for clash in (lambda: yuan("1") + Money(1, "HKD"), lambda: yuan("1") < Money(1, "HKD")):
        with pytest.raises(money.CurrencyMismatch):
            clash()
    with pytest.raises(money.CurrencyMismatch):
        Money.sum([Money(1, "HKD")], "CNY")


@pytest.mark.parametrize("other", [1, 1.5, "1"])
def test_money_and_a_bare_number_do_not_add(other: object) -> None:
    with pytest.raises(TypeError):
        yuan("1") + other  # type: ignore[operator]
    with pytest.raises(TypeError):
        yuan("1") * 1.5  # type: ignore[operator]


def test_minus_zero_is_zero() -> None:
    assert str(-yuan("0")) == "0 CNY"
    assert yuan("-0.00").format() == "¥0.00"


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ("0.125", "0.13"),
        ("0.115", "0.12"),
        ("-0.125", "-0.13"),
        ("0.1249999999999999999999999999999999", "0.12"),
        ("2.345", "2.35"),
        ("2", "2"),
        ("-0.004", "0"),
    ],
)
def test_halves_round_away_from_zero(exact: str, rounded: str) -> None:
    assert yuan(exact).round() == yuan(rounded)


def test_a_third_of_an_amount_is_rounded_once() -> None:
    assert yuan("100").scaled(Fraction(1, 3)) == yuan("33.33")
    assert yuan("0.05").scaled(Fraction(1, 2)) == yuan("0.03")
    assert Money(1000, "JPY").scaled(Fraction(2, 3)) == Money(667, "JPY")
    assert yuan("30").ratio_to(yuan("90")) == Fraction(1, 3)


def test_minor_units_come_and_go() -> None:
    assert yuan("12.50").to_minor() == 1250
    assert Money.from_minor(1250, "JPY") == Money(1250, "JPY")
    assert Money.from_minor(-1, "KWD") == Money("-0.001", "KWD")
    with pytest.raises(money.AmountNotRounded):
        yuan("0.005").to_minor()


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        ("100.00", [1, 1, 1], ["33.34", "33.33", "33.33"]),
        ("-100.00", [1, 1, 1], ["-33.34", "-33.33", "-33.33"]),
        ("0.05", [1, 1], ["0.03", "0.02"]),
        ("10.00", [0, 3, 0], ["0.00", "10.00", "0.00"]),
        ("10.00", [0, 0, 0], ["3.34", "3.33", "3.33"]),
        ("0.00", [5, 7], ["0.00", "0.00"]),
        # Quotas 2.857…, 5.714…, 1.428…: the units left over go to the remainders .857 and .714.
        ("0.10", [2, 4, 1], ["0.03", "0.06", "0.01"]),
        ("88.88", [Decimal("59.90"), Decimal("30.10"), Decimal("10")], ["53.24", "26.75", "8.89"]),
        ("1.00", [Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)], ["0.50", "0.33", "0.17"]),
    ],
)
def test_an_amount_is_split_by_the_largest_remainder(
    total: str, weights: list[int], parts: list[str]
) -> None:
    assert texts(yuan(total).allocate(weights)) == parts


def test_splitting_over_nobody_is_only_right_for_nothing() -> None:
    assert yuan("0").allocate([]) == []
    with pytest.raises(money.WrongWeights):
        yuan("1").allocate([])
    with pytest.raises(money.WrongWeights):
        yuan("1").allocate([1, -1])
    with pytest.raises(money.AmountNotRounded):
        yuan("0.001").allocate([1])
    with pytest.raises(TypeError):
        yuan("1").allocate([0.5, 0.5])  # type: ignore[list-item]


@given(UNITS, CURRENCIES, WEIGHTS)
def test_parts_add_up_and_stay_within_one_unit_of_their_quota(
    units: int, currency: str, weights: list[money.Weight]
) -> None:
    whole = Money.from_minor(units, currency)
    parts = whole.allocate(weights)
    assert Money.sum(parts, currency) == whole
    exact = [Fraction(weight) for weight in weights]
    if any(exact):
        for part, weight in zip(parts, exact, strict=True):
            assert abs(part.to_minor() - units * weight / sum(exact)) < 1
            assert weight or part.is_zero


@given(UNITS, WEIGHTS)
def test_a_negative_split_mirrors_the_positive_one(units: int, weights: list[money.Weight]) -> None:
    whole = Money.from_minor(units, "CNY")
    assert (-whole).allocate(weights) == [-part for part in whole.allocate(weights)]


@given(UNITS, WEIGHTS, st.integers(1, 1000))
def test_a_split_depends_on_the_proportions_only(
    units: int, weights: list[money.Weight], factor: int
) -> None:
    whole = Money.from_minor(units, "CNY")
    scaled = [Fraction(weight) * factor for weight in weights]
    assert whole.allocate(scaled) == whole.allocate(weights)


@given(UNITS, WEIGHTS)
def test_a_heavier_weight_never_gets_less(units: int, weights: list[money.Weight]) -> None:
    parts = Money.from_minor(abs(units), "CNY").allocate(weights)
    by_weight = sorted(zip(weights, parts, strict=True), key=lambda pair: Fraction(pair[0]))
    for (lighter, less), (heavier, more) in pairwise(by_weight):
        assert Fraction(lighter) == Fraction(heavier) or less <= more


@given(st.decimals(-(10**12), 10**12, places=6), CURRENCIES)
def test_rounding_is_nearest_symmetric_and_repeatable(amount: Decimal, currency: str) -> None:
    exact = Money(amount, currency)
    rounded = exact.round()
    assert rounded.is_rounded
    assert rounded.round() == rounded
    assert (-exact).round() == -rounded
    assert abs(rounded.amount - amount) <= Decimal(5).scaleb(-money.digits_of(currency) - 1)


@given(UNITS, CURRENCIES)
def test_minor_units_lose_nothing(units: int, currency: str) -> None:
    assert Money.from_minor(units, currency).to_minor() == units


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "shown"),
    [
        ("1234.5", "CNY", "zh-hans", "¥1,234.50"),
        ("-12.5", "CNY", "zh-hans", "-¥12.50"),
        ("0.125", "CNY", "zh-hans", "¥0.13"),
        ("1234", "JPY", "en", "¥1,234"),
        ("1234.5", "USD", "en", "$1,234.50"),
    ],
)
def test_an_amount_is_shown_as_the_reader_writes_it(
    amount: str, currency: str, locale: str, shown: str
) -> None:
    assert Money(amount, currency).format(locale) == shown


@pytest.mark.parametrize(
    ("amount", "locale", "shown"),
    [
        ("126000", "zh-hans", "¥12.6万"),
        ("126500", "zh-hans", "¥12.7万"),
        ("-126000", "zh-hans", "-¥12.6万"),
        ("120000", "zh-hans", "¥12万"),
        ("9999.99", "zh-hans", "¥9,999.99"),
        ("10000", "zh-hans", "¥1万"),
        ("99999499.99", "zh-hans", "¥9,999.9万"),
        ("99999500", "zh-hans", "¥1亿"),
        ("1234567890", "zh-hans", "¥12.3亿"),
        ("126000", "zh-hant", "CN¥12.6萬"),
        ("126000", "en", "CN¥126K"),
    ],
)
def test_a_headline_is_short(amount: str, locale: str, shown: str) -> None:
    assert yuan(amount).headline(locale) == shown


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1234.5", "1234.50"),
        (" 1,234.50 ", "1234.50"),
        ("１，２３４．５０", "1234.50"),
        ("¥12", "12"),
        ("￥12.00", "12"),
        ("12元", "12"),
        ("12 块", "12"),
        ("人民币12元", "12"),
        ("CNY 12", "12"),
        ("rmb12", "12"),
        ("1.2万", "12000"),
        ("1.2万元", "12000"),
        ("1.2w", "12000"),
        ("3千", "3000"),
        ("5k", "5000"),
        ("1.5亿", "150000000"),
        ("12元5角", "12.50"),
        ("12元5角3分", "12.53"),
        ("3块5", "3.50"),
        ("3块5毛", "3.50"),
        ("12。5", "12.50"),
        (".5", "0.50"),
        ("5.", "5"),
        ("-12.5", "-12.50"),
        ("－¥12.5", "-12.50"),
        ("¥-12.5", "-12.50"),
        ("+8", "8"),
        ("12.500", "12.50"),
        ("0", "0"),
    ],
)
def test_what_people_type_is_understood(typed: str, amount: str) -> None:
    assert money.parse(typed) == yuan(amount)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", money.AmountMissing),
        ("   ", money.AmountMissing),
        ("abc", money.NotAnAmount),
        ("¥", money.NotAnAmount),
        ("-", money.NotAnAmount),
        ("1.2.3", money.NotAnAmount),
        ("--1", money.NotAnAmount),
        ("-¥-1", money.NotAnAmount),
        ("12 34元x", money.NotAnAmount),
        ("1万2", money.NotAnAmount),
        ("1e5", money.NotAnAmount),
        ("12.345", money.TooManyDecimals),
        ("0.0000001万", money.TooManyDecimals),
        ("12,34", money.MisplacedSeparator),
        ("1,2345", money.MisplacedSeparator),
        (",123", money.NotAnAmount),
        ("$12", money.WrongCurrencySign),
        ("12 USD", money.WrongCurrencySign),
        ("HK$12", money.WrongCurrencySign),
        ("12 krw", money.WrongCurrencySign),
        ("10000000000001", money.AmountTooLarge),
        ("9" * 100, money.AmountTooLarge),
        ("1000000亿", money.AmountTooLarge),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(typed: str, error: type[InvalidInput]) -> None:
    with pytest.raises(error) as refused:
        money.parse(typed, field="price")
    assert type(refused.value) is error
    assert refused.value.field == "price"
    assert str(refused.value)


def test_another_currency_has_its_own_signs_and_decimals() -> None:
    assert money.parse("$12.30", "USD") == Money("12.30", "USD")
    assert money.parse("HK$1,200", "HKD") == Money(1200, "HKD")
    assert money.parse("1200円", "JPY") == Money(1200, "JPY")
    with pytest.raises(money.TooManyDecimals):
        money.parse("12.5", "JPY")


@given(st.integers(-(10**12), 10**12), CURRENCIES)
def test_what_is_shown_can_be_typed_again(units: int, currency: str) -> None:
    amount = Money.from_minor(units, currency)
    assert money.parse(amount.format("zh-hans"), currency) == amount
    assert money.parse(str(amount), currency) == amount


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused_by_name(typed: str) -> None:
    with suppress(InvalidInput):
        assert money.parse(typed).is_rounded
