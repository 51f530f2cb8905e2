import pytest

from dianke.access.passwords import common_passwords
from dianke.access.rules import (
    PasswordProblem,
    PinProblem,
    hotp_code,
    matching_counter,
    password_problem,
    pin_problem,
    totp_counter,
)

RFC_SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("counter", "code"),
    [
        (0, "755224"),
        (1, "287082"),
        (2, "359152"),
        (3, "969429"),
        (4, "338314"),
        (5, "254676"),
        (6, "287922"),
        (7, "162583"),
        (8, "399871"),
        (9, "520489"),
    ],
)
def test_counter_codes_are_those_of_rfc_4226_appendix_d(counter, code):
    assert hotp_code(RFC_SECRET, counter) == code


@pytest.mark.parametrize(
    ("timestamp", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_time_codes_are_those_of_rfc_6238_appendix_b(timestamp, code):
    assert hotp_code(RFC_SECRET, totp_counter(timestamp), digits=8) == code


def test_a_code_is_accepted_in_its_step_and_the_next_one_only():
    code = hotp_code(RFC_SECRET, 100)
    assert matching_counter(RFC_SECRET, code, 99 * 30 + 29) is None
    assert matching_counter(RFC_SECRET, code, 100 * 30) == 100
    assert matching_counter(RFC_SECRET, code, 101 * 30 + 29) == 100
    assert matching_counter(RFC_SECRET, code, 102 * 30) is None


def test_a_code_used_once_or_older_than_the_last_used_is_refused():
    code = hotp_code(RFC_SECRET, 100)
    assert matching_counter(RFC_SECRET, code, 100 * 30, after=100) is None
    assert matching_counter(RFC_SECRET, code, 101 * 30, after=101) is None


CONTEXT = {"linxiaoman", "林小满", "xiaoman", "云裳美容"}


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("short1!", PasswordProblem.TOO_SHORT),
        ("沙发很软", PasswordProblem.TOO_SHORT),
        ("a" * 129, PasswordProblem.TOO_LONG),
        ("password1", PasswordProblem.COMMON),
        ("PassWord1", PasswordProblem.COMMON),
        ("iloveyou", PasswordProblem.COMMON),
        ("woaini1314", PasswordProblem.COMMON),
        ("dianke888", PasswordProblem.COMMON),
        ("Dianke@2026", PasswordProblem.COMMON),
        ("laoban666888", PasswordProblem.COMMON),
        ("admin12345", PasswordProblem.COMMON),
        ("8ik,9ol.0p;/", PasswordProblem.PATTERN),
        ("tyuiopghjkl;", PasswordProblem.PATTERN),
        ("abcdefgh98765432", PasswordProblem.PATTERN),
        ("19900101", PasswordProblem.PATTERN),
        ("520131419990101", PasswordProblem.PATTERN),
        ("abcabcabcabc", PasswordProblem.PATTERN),
        ("aaaaaaaaaaaa", PasswordProblem.PATTERN),
        ("linxiaoman123", PasswordProblem.ABOUT_YOU),
        ("LinXiaoman!!", PasswordProblem.ABOUT_YOU),
        ("namoaixnil99", PasswordProblem.ABOUT_YOU),
        ("云裳美容云裳美容1", PasswordProblem.ABOUT_YOU),
        ("四季青沙发搬进店里", None),
        ("我在dianke卖沙发三年了", None),
        ("correct horse battery staple", None),
        ("xiaoman loves green tea", None),
        ("qwerty的反面是什么", None),
        ("hunter7 umbrella", None),
        ("z" * 2 + "kV9-molten-brick", None),
        ("阿" + "b很长的一句话" * 15, None),
    ],
)
def test_password_is_refused_for_what_attackers_try_first_and_nothing_else(password, problem):
    assert password_problem(password, context=CONTEXT, common=common_passwords()) == problem


def test_no_kind_of_character_is_demanded():
    assert password_problem("mostbirdscanflyhigh") is None
    assert password_problem("会飞的鸟都在天上飞着") is None


@pytest.mark.parametrize(
    ("pin", "problem"),
    [
        ("123", PinProblem.FORM),
        ("1234567", PinProblem.FORM),
        ("12a4", PinProblem.FORM),
        ("１２３４", PinProblem.FORM),
        ("1111", PinProblem.REPEATED),
        ("1212", PinProblem.REPEATED),
        ("636363", PinProblem.REPEATED),
        ("456456", PinProblem.REPEATED),
        ("1234", PinProblem.SEQUENCE),
        ("9876", PinProblem.SEQUENCE),
        ("8901", PinProblem.SEQUENCE),
        ("345678", PinProblem.SEQUENCE),
        ("0521", PinProblem.DATE),
        ("1231", PinProblem.DATE),
        ("1990", PinProblem.DATE),
        ("900101", PinProblem.DATE),
        ("199012", PinProblem.DATE),
        ("2580", PinProblem.COMMON),
        ("147258", PinProblem.COMMON),
        ("772277", PinProblem.COMMON),
        ("4071", None),
        ("83915", None),
        ("730284", None),
    ],
)
def test_pin_is_refused_when_a_colleague_would_try_it(pin, problem):
    assert pin_problem(pin) == problem
