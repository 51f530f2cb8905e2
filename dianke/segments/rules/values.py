"""What was entered for a rule, checked by the kind of its field; errors name the field and the remedy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput
from dianke.segments.rules.fields import Field, Kind

MOST_DAYS, MOST_CHOICES, MOST_NUMBER = 36_500, 200, 10**13
GOODS = ("any", "product", "category", "brand")
MEASURES = ("times", "quantity", "amount")


class FieldUnknown(InvalidInput):
    code = "segment_field_unknown"
    message = _("There is no field “%(code)s” here any more. Choose another, or take the rule out.")


class FieldNotYours(InvalidInput):
    code = "segment_field_not_yours"
    message = _("“%(label)s” is not yours to ask about. Take the rule out, or ask for the permission.")


class OperatorWrong(InvalidInput):
    code = "segment_operator_wrong"
    message = _("“%(label)s” cannot be compared in this way. Choose another comparison.")


class ValueMissing(InvalidInput):
    code = "segment_value_missing"
    message = _("“%(label)s”: nothing is chosen or filled in yet. Fill in what to compare with.")


class NotANumber(InvalidInput):
    code = "segment_value_not_a_number"
    message = _("“%(label)s” needs a number from 0 on, such as 3 or 99.50.")


class NotADay(InvalidInput):
    code = "segment_value_not_a_day"
    message = _("“%(label)s” needs a day, such as 2026-11-23.")


class NotDays(InvalidInput):
    code = "segment_value_not_days"
    message = _("“%(label)s” needs a number of days from 0 to %(most)s.")


class Backward(InvalidInput):
    code = "segment_value_backward"
    message = _("“%(label)s”: the first is above the last. Change them round.")


class ChoiceUnknown(InvalidInput):
    code = "segment_choice_unknown"
    message = _("“%(label)s”: one of the choices does not exist any more. Choose again.")


def clean(asked: Field, op: str, value: Any, *, path: str = "") -> Any:
    """The value as it is kept: choices as text, amounts in minor units, numbers as text where they have decimals, days
    as text, days from today as a number."""
    if op not in asked.operators:
        raise OperatorWrong(label=asked.label, field=path)
    if op in ("none", "yes", "no"):
        return None
    if asked.kind is Kind.BOUGHT:
        return _bought(asked, value, path)
    if asked.kind is Kind.CHOICE:
        return _choices(asked, value, path)
    if asked.kind is Kind.TEXT:
        text = str(value or "").strip()
        if not text:
            raise ValueMissing(label=asked.label, field=path)
        return text[:80]
    if op in ("last", "earlier", "next"):
        return _days(asked, value, path)
    if op == "between":
        return _between(asked, value, path)
    return _number(asked, value, path)


def _choices(asked: Field, value: Any, path: str) -> list[str]:
    if not isinstance(value, list | tuple) or not value:
        raise ValueMissing(label=asked.label, field=path)
    if len(value) > MOST_CHOICES:
        raise ChoiceUnknown(label=asked.label, field=path)
    texts = sorted({str(each) for each in value})
    if asked.is_id and not all(each.isascii() and each.isdecimal() and len(each) < 19 for each in texts):
        raise ChoiceUnknown(label=asked.label, field=path)
    return texts


def _days(asked: Field, value: Any, path: str) -> int:
    if value in (None, ""):
        raise ValueMissing(label=asked.label, field=path)
    text = str(value).strip()
    if isinstance(value, bool) or not text.isascii() or not text.isdecimal() or int(text) > MOST_DAYS:
        raise NotDays(label=asked.label, most=MOST_DAYS, field=path)
    return int(text)


def _between(asked: Field, value: Any, path: str) -> list[Any]:
    if not isinstance(value, list | tuple) or len(value) != 2 or any(each in (None, "") for each in value):
        raise ValueMissing(label=asked.label, field=path)
    is_day = asked.kind in (Kind.DATE, Kind.COMING)
    ends = [_day(asked, each, path) if is_day else _number(asked, each, path) for each in value]
    is_backward = str(ends[0]) > str(ends[1]) if is_day else Decimal(ends[0]) > Decimal(ends[1])
    if is_backward:
        raise Backward(label=asked.label, field=path)
    return ends


def _day(asked: Field, value: Any, path: str) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise NotADay(label=asked.label, field=path) from None


def _number(asked: Field, value: Any, path: str) -> int | str:
    if value in (None, ""):
        raise ValueMissing(label=asked.label, field=path)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise NotANumber(label=asked.label, field=path) from None
    if isinstance(value, bool) or not number.is_finite() or not 0 <= number < MOST_NUMBER:
        raise NotANumber(label=asked.label, field=path)
    if number == number.to_integral_value():
        return int(number)
    if asked.kind is Kind.AMOUNT:
        raise NotANumber(label=asked.label, field=path)
    return str(number)


def _bought(asked: Field, value: Any, path: str) -> dict[str, Any]:
    """{"goods": "category", "ids": [3], "measure": "times", "least": 2, "days": 90, "stores": [], "channels": []}; in
    place of "days" also "from" and "to", or nothing."""
    if not isinstance(value, Mapping):
        raise ValueMissing(label=asked.label, field=path)
    goods, measure = value.get("goods", "any"), value.get("measure", "times")
    if goods not in GOODS or measure not in MEASURES:
        raise OperatorWrong(label=asked.label, field=path)
    kept: dict[str, Any] = {"goods": goods, "measure": measure}
    if goods != "any":
        kept["ids"] = _ids(asked, value.get("ids"), path)
        if not kept["ids"]:
            raise ValueMissing(label=asked.label, field=path)
    least = value.get("least", 1)
    kept["least"] = 1 if least in (None, "") else _number(asked, least, path)
    if value.get("days") not in (None, ""):
        kept["days"] = _days(asked, value["days"], path)
    elif value.get("from") or value.get("to"):
        kept |= {key: _day(asked, value[key], path) for key in ("from", "to") if value.get(key)}
        if kept.get("from", "") > kept.get("to", "9999"):
            raise Backward(label=asked.label, field=path)
    if value.get("stores"):
        kept["stores"] = _ids(asked, value["stores"], path)
    if value.get("channels"):
        kept["channels"] = sorted({str(each)[:11] for each in value["channels"]})
    return kept


def _ids(asked: Field, value: Any, path: str) -> list[int]:
    found = value if isinstance(value, list | tuple) else []
    texts = [str(each) for each in found]
    if len(texts) > MOST_CHOICES or not all(
        each.isascii() and each.isdecimal() and len(each) < 19 for each in texts
    ):
        raise ChoiceUnknown(label=asked.label, field=path)
    return sorted({int(each) for each in texts})


def typed(asked: Field, op: str, value: Any) -> Any:
    """A kept value as statements and Python compare it: dates and decimals instead of text."""
    if op == "between":
        if asked.kind in (Kind.DATE, Kind.COMING):
            return [date.fromisoformat(each) for each in value]
        return [Decimal(str(each)) for each in value]
    if asked.kind in (Kind.NUMBER, Kind.AMOUNT) and op in ("gte", "lte"):
        return Decimal(str(value))
    if asked.is_id:
        return [int(each) for each in value]
    return value
