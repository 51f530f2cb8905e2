"""What the endpoints of services, bundles and made-to-order products take and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from dianke.api.schemas import Body, Id, line, partial
from dianke.catalog.api.schemas import MOST, Quantity
from dianke.catalog.models import ConfigurationGroup, ServiceDetail

OptionRuleKind = Literal["REQUIRES", "EXCLUDES"]
Delta = Annotated[int, Field(gt=-MOST, lt=MOST, description="Minor units, may be below zero")]


# --- services --------------------------------------------------------------------------------------------------------
class ServiceOut(Schema):
    product_id: int
    duration_minutes: int
    buffer_minutes: int
    skill_ids: list[int] = Field(description="Whoever does it has one of each")

    @staticmethod
    def resolve_skill_ids(detail: ServiceDetail) -> list[int]:
        return sorted(skill.pk for skill in detail.skills.all())


class ServiceIn(Body):
    duration_minutes: int = Field(ge=1, le=1440)
    buffer_minutes: int = Field(0, ge=0, le=1440, description="For tidying up; customers do not see them")
    skill_ids: list[Id] = Field(default=[], max_length=50)


class ConsumableOut(Schema):
    variant_id: int
    quantity: Decimal = Field(description="In the unit of the goods")


class ConsumableIn(Body):
    variant_id: Id
    quantity: Quantity


class ConsumablesIn(Body):
    consumables: list[ConsumableIn] = Field(max_length=200, description="All of them, each variant once")


# --- bundles ---------------------------------------------------------------------------------------------------------
class BundleItemOut(Schema):
    variant_id: int
    quantity: Decimal
    weight: int = Field(description="Share of the price, against the weights of the others")


class BundleItemIn(Body):
    variant_id: Id
    quantity: Quantity
    weight: int = Field(1, ge=0, le=1_000_000)


class BundleIn(Body):
    items: list[BundleItemIn] = Field(min_length=1, max_length=50, description="All of them, in their order")


# --- made to order ---------------------------------------------------------------------------------------------------
class ProductOptionOut(Schema):
    id: int
    group_id: int
    name: str
    price_delta_amount: int
    extra_lead_days: int
    variant_id: int | None = Field(description="What making it takes from stock")
    quantity: Decimal | None
    position: int
    is_active: bool


class OptionGroupOut(Schema):
    id: int
    product_id: int
    name: str
    min_choices: int
    max_choices: int | None = Field(description="Null: as many as there are")
    position: int
    options: list[ProductOptionOut]

    @staticmethod
    def resolve_options(group: ConfigurationGroup) -> list[Any]:
        return list(group.choices.all())


class OptionGroupIn(Body):
    name: Annotated[str, line(40)]
    min_choices: int = Field(1, ge=0, le=1000)
    max_choices: Annotated[int, Field(ge=1, le=1000)] | None = 1
    position: int | None = Field(None, ge=0, le=32_000)


@partial
class OptionGroupPatch(Body):
    name: Annotated[str, line(40)]
    min_choices: int = Field(ge=0, le=1000)
    max_choices: Annotated[int, Field(ge=1, le=1000)] | None
    position: int = Field(ge=0, le=32_000)


class ProductOptionIn(Body):
    name: Annotated[str, line(60)]
    price_delta_amount: Delta = 0
    extra_lead_days: int = Field(0, ge=0, le=3650)
    variant_id: Id | None = None
    quantity: Quantity | None = None
    position: int | None = Field(None, ge=0, le=32_000)


@partial
class ProductOptionPatch(Body):
    name: Annotated[str, line(60)]
    price_delta_amount: Delta
    extra_lead_days: int = Field(ge=0, le=3650)
    variant_id: Id | None
    quantity: Quantity | None
    position: int = Field(ge=0, le=32_000)
    is_active: bool


class OptionRule(Body):
    """Stands in what is sent and in what is answered."""

    option_id: Id
    kind: OptionRuleKind
    other_id: Id


class OptionRulesIn(Body):
    rules: list[OptionRule] = Field(max_length=1000, description="All of them")


class ConfigurationOut(Schema):
    lead_days: int = Field(description="Without options")
    groups: list[OptionGroupOut]
    rules: list[OptionRule]


class ConfigurationCheckIn(Body):
    variant_id: Id | None = Field(None, description="Whose base price counts; the first unless given")
    option_ids: list[Id] = Field(max_length=500)


class ConfigurationProblemOut(Schema):
    code: str
    text: str
    group_id: int | None
    option_ids: list[int]


class ConfigurationCheckOut(Schema):
    is_valid: bool
    option_ids: list[int] = Field(description="Those that count, in the order of the groups")
    base_amount: int
    price_delta_amount: int
    price_amount: int
    lead_days: int
    problems: list[ConfigurationProblemOut]
