"""Named errors: a code for machines, a sentence for people in their language."""

from __future__ import annotations

import pickle

import pytest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from dianke.core import (
    business_dates,
    codes,
    errors,
    identifiers,
    lunar,
    money,
    period,
    phone,
)
from dianke.core.errors import Conflict, DiankeError, InvalidInput


class ShelfFull(Conflict):
    code = "shelf_full"
    message = _("The shelf %(name)s is full.")


@pytest.mark.parametrize(
    ("family", "status"),
    [
        (errors.InvalidInput, 422),
        (errors.NotAllowed, 403),
        (errors.NotFound, 404),
        (errors.Conflict, 409),
        (errors.TemporarilyUnavailable, 503),
    ],
)
def test_a_family_has_its_status_and_a_sentence_of_its_own(family: type[DiankeError], status: int) -> None:
    assert family.status == status
    assert str(family()) not in {"", str(DiankeError())}


def test_an_error_carries_code_field_and_params() -> None:
    error = ShelfFull(name="A3", field="shelf")
    assert (error.code, error.field, error.params) == ("shelf_full", "shelf", {"name": "A3"})
    with override("en"):
        assert str(error) == "The shelf A3 is full."


def test_a_sentence_without_params_may_hold_a_percent_sign() -> None:
    class Discount(InvalidInput):
        code = "discount"
        message = "At most 30% off."

    assert str(Discount()) == "At most 30% off."


def test_an_error_survives_the_way_to_another_process() -> None:
    error = pickle.loads(pickle.dumps(phone.MobileTooShort(missing=2, field="phone")))
    assert type(error) is phone.MobileTooShort
    assert (error.field, error.params) == ("phone", {"missing": 2})


def test_the_sentence_follows_the_language_in_which_it_is_read() -> None:
    error = phone.MobileTooShort(missing=1)
    with override("zh-hans"):
        assert str(error) == "手机号少了 1 位，请补全"
    with override("en"):
        assert str(error) == "Digits missing from this mobile number: 1. Please complete it."


def test_codes_of_named_errors_are_not_used_twice() -> None:
    modules = (business_dates, codes, identifiers, lunar, money, period, phone)
    named = [
        member
        for module in modules
        for member in vars(module).values()
        if isinstance(member, type)
        and issubclass(member, DiankeError)
        and member.__module__ == module.__name__
    ]
    assert len(named) > 40
    assert len({error.code for error in named}) == len(named)
