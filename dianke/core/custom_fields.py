"""Custom fields: what a merchant adds to the product's own fields, kept as JSON in one column of the row itself.

A room whose model takes them mixes in `CustomFieldsModel` and registers the model; the room `work` keeps the
definitions and answers `specs_for`. Cleaning a value is a pure rule: what goes in is what a form or the API
sent, what comes out is JSON (amounts and days as text), what is wrong is a named error of that field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.core import lunar
from dianke.core.errors import InvalidInput
from dianke.core.phone import parse as parse_phone

Text = str | Promise
MOST_TEXT, MOST_LONG_TEXT = 200, 4000


class FieldType(models.TextChoices):
    """What a field holds. PHONE is for numbers that are no secret (a supplier's switchboard): it is not encrypted."""

    TEXT = "TEXT", _("Short text")
    LONG_TEXT = "LONG_TEXT", _("Long text")
    NUMBER = "NUMBER", _("Number")
    MONEY = "MONEY", _("Amount")
    DATE = "DATE", _("Date")
    LUNAR_DATE = "LUNAR_DATE", _("Lunar date")
    YES_NO = "YES_NO", _("Yes or no")
    CHOICE = "CHOICE", _("One of several")
    MULTI_CHOICE = "MULTI_CHOICE", _("Several of several")
    PHONE = "PHONE", _("Public phone number")
    URL = "URL", _("Web address")
    STAFF = "STAFF", _("Colleague")


@dataclass(frozen=True, slots=True)
class Option:
    """A choice. An archived one stays readable on old rows and cannot be chosen any more."""

    code: str
    label: str
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field as rules, forms, lists and the API need it. `key` names its value in the row's `custom`."""

    key: str
    label: str
    type: FieldType
    help: str = ""
    unit: str = ""
    is_required: bool = False
    default: Any = None
    options: tuple[Option, ...] = ()
    section: str = ""
    trade: str = ""
    in_list: bool = False
    in_filter: bool = False
    in_search: bool = False

    @property
    def form_name(self) -> str:
        """Its name in forms and in `errors[].field` of the API."""
        return f"custom_{self.key}"

    @property
    def choosable(self) -> tuple[Option, ...]:
        return tuple(option for option in self.options if not option.is_archived)


class CustomFieldUnknown(InvalidInput):
    code = "custom_field_unknown"
    message = _("There is no field “%(key)s” here. See the list of custom fields for the right key.")


class CustomFieldRequired(InvalidInput):
    code = "custom_field_required"
    message = _("“%(label)s” is still empty. Please fill it in.")


class CustomFieldTooLong(InvalidInput):
    code = "custom_field_too_long"
    message = _("“%(label)s” is too long: at most %(limit)s characters.")


class CustomFieldNotANumber(InvalidInput):
    code = "custom_field_not_a_number"
    message = _("“%(label)s” must be a number, such as 12 or 3.5.")


class CustomFieldNotAnAmount(InvalidInput):
    code = "custom_field_not_an_amount"
    message = _("“%(label)s” must be an amount with at most two decimals, such as 88.00.")


class CustomFieldNotADate(InvalidInput):
    code = "custom_field_not_a_date"
    message = _("“%(label)s” must be a date, such as 2026-11-21.")


class CustomFieldNotAnAddress(InvalidInput):
    code = "custom_field_not_an_address"
    message = _("“%(label)s” must be a web address that begins with https:// or http://.")


class CustomFieldChoiceUnknown(InvalidInput):
    code = "custom_field_choice_unknown"
    message = _("“%(choice)s” is not among the choices of “%(label)s”. Choose one from the list.")


def clean_value(spec: FieldSpec, raw: Any, *, before: Any = None) -> Any:
    """The JSON value of what was entered; None for nothing.

    Numbers and amounts become text ("3.5", "88.00"), days ISO text, a lunar day `{"month", "day", "is_leap",
    "text"}`, several choices a list of codes in the order of the field. `before` is the row's present value: an
    archived choice may stay, but not come new. Raises the errors above with `field` set.
    """
    if raw is None or raw == "" or raw == [] or (isinstance(raw, str) and not raw.strip()):
        if spec.is_required:
            raise CustomFieldRequired(label=spec.label, field=spec.form_name)
        return None
    return _CLEANERS[spec.type](spec, raw, before)


def clean_values(
    specs: Sequence[FieldSpec], values: Mapping[str, Any], *, before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The whole `custom` of a row after `values` are put in; keys not given stay as they are.

    A new row (`before` None) gets the defaults of the fields that are not given. Raises `CustomFieldUnknown` and what
    `clean_value` raises.
    """
    known = {spec.key: spec for spec in specs}
    for key in values:
        if key not in known:
            raise CustomFieldUnknown(key=key, field=f"custom_{key}")
    kept = dict(before or {})
    for key, spec in known.items():
        if key in values:
            raw = values[key]
        elif before is None:
            raw = spec.default
        else:
            continue
        cleaned = clean_value(spec, raw, before=kept.get(key))
        if cleaned is None:
            kept.pop(key, None)
        else:
            kept[key] = cleaned
    return kept


def _text(spec: FieldSpec, raw: Any, before: Any) -> str:
    text = " ".join(str(raw).split())
    if len(text) > MOST_TEXT:
        raise CustomFieldTooLong(label=spec.label, limit=MOST_TEXT, field=spec.form_name)
    return text


def _long_text(spec: FieldSpec, raw: Any, before: Any) -> str:
    text = str(raw).strip()
    if len(text) > MOST_LONG_TEXT:
        raise CustomFieldTooLong(label=spec.label, limit=MOST_LONG_TEXT, field=spec.form_name)
    return text


def _decimal(raw: Any) -> Decimal | None:
    if isinstance(raw, bool):
        return None
    try:
        number = Decimal(str(raw).replace(",", "").replace("，", "").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal(10) ** 15 else None


def _number(spec: FieldSpec, raw: Any, before: Any) -> str:
    number = _decimal(raw)
    if number is None:
        raise CustomFieldNotANumber(label=spec.label, field=spec.form_name)
    plain = format(number.normalize(), "f")
    return "0" if number == 0 else plain


def _money(spec: FieldSpec, raw: Any, before: Any) -> str:
    # A sign before and one character behind are how people write amounts: ¥88, 88 yuan in Chinese.
    written = re.fullmatch(r"[¥￥]?\s*(-?[\d,，]*\.?\d+)\s*\D?", str(raw).strip())
    number = _decimal(written[1]) if written else None
    if number is None or number != number.quantize(Decimal("0.01")):
        raise CustomFieldNotAnAmount(label=spec.label, field=spec.form_name)
    return str(number.quantize(Decimal("0.01")))


def _date(spec: FieldSpec, raw: Any, before: Any) -> str:
    if isinstance(raw, date):
        return raw.isoformat()
    numbers = re.fullmatch(r"(\d{4})\D(\d{1,2})\D(\d{1,2})\D?", str(raw).strip())
    try:
        return date(*(int(part) for part in numbers.groups())).isoformat() if numbers else _bad_date(spec)
    except ValueError:
        return _bad_date(spec)


def _bad_date(spec: FieldSpec) -> str:
    raise CustomFieldNotADate(label=spec.label, field=spec.form_name)


def _lunar_date(spec: FieldSpec, raw: Any, before: Any) -> dict[str, Any]:
    if isinstance(raw, Mapping):
        try:
            numbers = int(raw["month"]), int(raw["day"])
        except (KeyError, TypeError, ValueError) as error:
            raise lunar.NotALunarDate(text=str(dict(raw)), field=spec.form_name) from error
        day = lunar.LunarDate(*numbers, bool(raw.get("is_leap")), str(raw.get("text", "")))
    else:
        day = lunar.parse(str(raw), field=spec.form_name)
    return {"month": day.month, "day": day.day, "is_leap": day.is_leap, "text": day.text}


def _yes_no(spec: FieldSpec, raw: Any, before: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    answer = str(raw).strip().casefold()
    if answer in {"yes", "true", "1", "on", str(_("Yes")).casefold()}:
        return True
    if answer in {"no", "false", "0", "off", str(_("No")).casefold()}:
        return False
    raise CustomFieldChoiceUnknown(choice=str(raw), label=spec.label, field=spec.form_name)


def _choice(spec: FieldSpec, raw: Any, before: Any) -> str:
    for option in spec.options:
        # People and imports write the label, programs the code.
        if str(raw).strip() in (option.code, option.label) and (
            not option.is_archived or option.code == before
        ):
            return option.code
    raise CustomFieldChoiceUnknown(choice=str(raw), label=spec.label, field=spec.form_name)


def _multi_choice(spec: FieldSpec, raw: Any, before: Any) -> list[str]:
    several = re.split(r"[,，、;；]", raw) if isinstance(raw, str) else list(raw)
    held = before if isinstance(before, list) else []
    chosen = {
        _choice(spec, one, one if one in held else None)
        for one in several
        if not isinstance(one, str) or one.strip()
    }
    return [option.code for option in spec.options if option.code in chosen]


def _phone(spec: FieldSpec, raw: Any, before: Any) -> str:
    return parse_phone(str(raw), field=spec.form_name).e164


def _url(spec: FieldSpec, raw: Any, before: Any) -> str:
    text = str(raw).strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or len(text) > 500
        or re.search(r"\s", text)
    ):
        raise CustomFieldNotAnAddress(label=spec.label, field=spec.form_name)
    return text


def _staff(spec: FieldSpec, raw: Any, before: Any) -> int:
    return int(_choice(spec, raw, None if before is None else str(before)))


_CLEANERS: dict[FieldType, Callable[[FieldSpec, Any, Any], Any]] = {
    FieldType.TEXT: _text,
    FieldType.LONG_TEXT: _long_text,
    FieldType.NUMBER: _number,
    FieldType.MONEY: _money,
    FieldType.DATE: _date,
    FieldType.LUNAR_DATE: _lunar_date,
    FieldType.YES_NO: _yes_no,
    FieldType.CHOICE: _choice,
    FieldType.MULTI_CHOICE: _multi_choice,
    FieldType.PHONE: _phone,
    FieldType.URL: _url,
    FieldType.STAFF: _staff,
}


def shown(spec: FieldSpec, value: Any) -> Any:
    """A stored value as lists and records show it: labels for codes, a Decimal, a day; None for nothing."""
    if value is None or value == "" or value == []:
        return None
    if spec.type in (FieldType.NUMBER, FieldType.MONEY):
        return _decimal(value)
    if spec.type is FieldType.DATE:
        return date.fromisoformat(value)
    if spec.type is FieldType.LUNAR_DATE:
        return lunar.LunarDate(value["month"], value["day"], value["is_leap"]).format()
    if spec.type in (FieldType.CHOICE, FieldType.MULTI_CHOICE, FieldType.STAFF):
        labels = {option.code: option.label for option in spec.options}
        codes = value if isinstance(value, list) else [value]
        return "、".join(labels.get(str(code), str(code)) for code in codes)
    return value


def json_schema(specs: Sequence[FieldSpec]) -> dict[str, Any]:
    """JSON Schema of `custom` for these fields, for whoever writes rows through the API."""
    kinds: dict[FieldType, dict[str, Any]] = {
        FieldType.NUMBER: {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
        FieldType.MONEY: {"type": "string", "pattern": r"^-?\d+\.\d{2}$"},
        FieldType.DATE: {"type": "string", "format": "date"},
        FieldType.YES_NO: {"type": "boolean"},
        FieldType.URL: {"type": "string", "format": "uri"},
        FieldType.STAFF: {"type": "integer"},
        FieldType.LUNAR_DATE: {
            "type": "object",
            "properties": {
                "month": {"type": "integer"},
                "day": {"type": "integer"},
                "is_leap": {"type": "boolean"},
                "text": {"type": "string"},
            },
        },
    }
    properties: dict[str, Any] = {}
    for spec in specs:
        codes = [option.code for option in spec.options]
        kind = dict(kinds.get(spec.type, {"type": "string"}))
        if spec.type is FieldType.CHOICE:
            kind = {"type": "string", "enum": codes}
        elif spec.type is FieldType.MULTI_CHOICE:
            kind = {"type": "array", "items": {"type": "string", "enum": codes}}
        properties[spec.key] = {
            "title": spec.label,
            **({"description": spec.help} if spec.help else {}),
            **kind,
        }
    return {
        "type": "object",
        "properties": properties,
        "required": [spec.key for spec in specs if spec.is_required],
        "additionalProperties": False,
    }


class CustomFieldsModel(models.Model):
    """Mixed into a model that takes custom fields: their values stand in the row, so no list joins for them.

    Add `custom_fields_index("room_model_custom")` to the indexes of the model: filters ask `custom @> {...}`.
    """

    custom = models.JSONField(_("custom fields"), default=dict, blank=True)

    class Meta:
        abstract = True


def custom_fields_index(name: str) -> GinIndex:
    """The index that filters by custom fields use (containment only, half the size of the general one)."""
    return GinIndex(fields=["custom"], name=name, opclasses=["jsonb_path_ops"])


# --- ports ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class CustomModel:
    """A kind of record that takes custom fields: `code` is its model label, as in "work.task"."""

    code: str
    label: Text
    icon: str = "list"


_models: dict[str, CustomModel] = {}
_specs: Callable[[str, str | None], Sequence[FieldSpec]] | None = None


def register_model(model: CustomModel) -> None:
    """Called from the `ready()` of the room that owns the model."""
    _models[model.code] = model


def custom_models() -> Mapping[str, CustomModel]:
    """All kinds of records that take custom fields, by code."""
    return _models


def provide_specs(function: Callable[[str, str | None], Sequence[FieldSpec]]) -> None:
    """Sets who keeps the definitions."""
    global _specs
    _specs = function


def specs_for(model_code: str, trade: str | None = None) -> Sequence[FieldSpec]:
    """Fields in use for a model, in their order: for rows of one trade, or (None) those of every trade."""
    return _specs(model_code, trade) if _specs else ()
