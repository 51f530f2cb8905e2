"""What a service takes, what a bundle holds, what is chosen of something made to order."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from decimal import Decimal
from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Router, Status

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.schemas import chosen, chosen_or_none
from dianke.catalog.api import recipe_schemas as schemas
from dianke.catalog.models import (
    BundleItem,
    ConfigurationChoice,
    ConfigurationGroup,
    ConfigurationRule,
    Consumable,
    Product,
    ServiceDetail,
    Variant,
)
from dianke.catalog.operations import bundles, configuration, service_details
from dianke.catalog.operations.service_details import Part
from dianke.catalog.queries.reading import configured
from dianke.work.models import Skill

router = Router(tags=["product recipes"])
VIEW = "catalog.view_products"
MANAGE = "catalog.manage_products"


def _product(request: Request, pk: int) -> Product:
    found: Product = get_object_or_404(Product.objects.visible_to(request.actor), pk=pk)
    return found


def _variant(request: Request, pk: int) -> Variant:
    rows = Variant.objects.visible_to(request.actor).select_related("product")
    found: Variant = get_object_or_404(rows, pk=pk)
    return found


def _parts(request: Request, given: list[dict[str, Any]], field: str) -> list[Part]:
    """The goods behind the ids of a body, asked for at once."""
    rows = Variant.objects.visible_to(request.actor).select_related("product")
    known = rows.in_bulk([one["variant_id"] for one in given])
    return [
        Part(
            known.get(one["variant_id"]) or chosen(rows, one["variant_id"], field),
            Decimal(one["quantity"]),
            one.get("weight", 1),
        )
        for one in given
    ]


# --- services --------------------------------------------------------------------------------------------------------
@router.get("/products/{int:pk}/service", response=schemas.ServiceOut)
@requires(VIEW)
def get_service(request: Request, pk: int) -> Any:
    """Minutes and skills of a service; 404 while nobody has said them."""
    rows = ServiceDetail.objects.filter(product__in=Product.objects.visible_to(request.actor))
    return get_object_or_404(rows.prefetch_related("skills"), pk=pk)


@router.put("/products/{int:pk}/service", response=schemas.ServiceOut)
@requires(MANAGE)
def describe_service(request: Request, pk: int, payload: schemas.ServiceIn) -> Any:
    """How long a service takes and who can do it."""
    skills = [chosen(Skill.objects.all(), skill, "skill_ids") for skill in sorted(set(payload.skill_ids))]
    return service_details.describe_service(
        product=_product(request, pk),
        duration_minutes=payload.duration_minutes,
        buffer_minutes=payload.buffer_minutes,
        skills=skills,
        actor=request.actor,
        now=request.now,
    )


@router.get("/variants/{int:pk}/consumables", response=list[schemas.ConsumableOut])
@requires(VIEW)
def list_consumables(request: Request, pk: int) -> Any:
    """What one service uses up by the book."""
    return list(Consumable.objects.visible_to(request.actor).filter(service=_variant(request, pk)))


@router.put("/variants/{int:pk}/consumables", response=list[schemas.ConsumableOut])
@requires(MANAGE)
def set_consumables(request: Request, pk: int, payload: schemas.ConsumablesIn) -> Any:
    """The whole list of what one service uses up."""
    service = _variant(request, pk)
    parts = _parts(request, payload.dict()["consumables"], "consumables")
    return service_details.set_consumables(service=service, parts=parts, actor=request.actor, now=request.now)


# --- bundles ---------------------------------------------------------------------------------------------------------
@router.get("/variants/{int:pk}/bundle", response=list[schemas.BundleItemOut])
@requires(VIEW)
def list_bundle_items(request: Request, pk: int) -> Any:
    """What a bundle holds, in its order."""
    return list(BundleItem.objects.visible_to(request.actor).filter(bundle=_variant(request, pk)))


@router.put("/variants/{int:pk}/bundle", response=list[schemas.BundleItemOut])
@requires(MANAGE)
def set_bundle(request: Request, pk: int, payload: schemas.BundleIn) -> Any:
    """The whole content of a bundle."""
    bundle = _variant(request, pk)
    parts = _parts(request, payload.dict()["items"], "items")
    return bundles.set_bundle(bundle=bundle, parts=parts, actor=request.actor, now=request.now)


# --- made to order ---------------------------------------------------------------------------------------------------
def _group(request: Request, pk: int) -> ConfigurationGroup:
    rows = ConfigurationGroup.objects.visible_to(request.actor).prefetch_related("choices")
    found: ConfigurationGroup = get_object_or_404(rows, pk=pk)
    return found


def _choice(request: Request, pk: int) -> ConfigurationChoice:
    rows = ConfigurationChoice.objects.visible_to(request.actor).select_related("group")
    found: ConfigurationChoice = get_object_or_404(rows, pk=pk)
    return found


def _rules(product: Product) -> list[dict[str, Any]]:
    rows = ConfigurationRule.objects.filter(choice__group__product=product).order_by("pk")
    return [{"option_id": row.choice_id, "kind": row.kind, "other_id": row.other_id} for row in rows]


@router.get("/products/{int:pk}/configuration", response=schemas.ConfigurationOut)
@requires(VIEW)
def get_configuration(request: Request, pk: int) -> Any:
    """Groups of options and the rules between them."""
    product = _product(request, pk)
    groups = product.groups.prefetch_related("choices").order_by("position", "pk")
    return {"lead_days": product.lead_days, "groups": list(groups), "rules": _rules(product)}


@router.post("/products/{int:pk}/configuration/check", response=schemas.ConfigurationCheckOut)
@requires(VIEW)
def check_configuration(request: Request, pk: int, payload: schemas.ConfigurationCheckIn) -> Any:
    """Whether options go together, what they cost and how long it takes. Writes nothing."""
    product = _product(request, pk)
    sold = product.variants.filter(is_active=True).order_by("position", "pk")
    variant = sold.first() if payload.variant_id is None else chosen(sold, payload.variant_id, "variant_id")
    base = variant.price_amount if variant is not None and variant.price_amount is not None else 0
    made = configured(product, base, payload.option_ids)
    return {
        "is_valid": made.is_valid,
        "option_ids": [choice.id for choice in made.choices],
        "base_amount": base,
        "price_delta_amount": made.price_delta_amount,
        "price_amount": made.price_amount,
        "lead_days": made.lead_days,
        "problems": [
            {
                "code": problem.code,
                "text": str(problem),
                "group_id": problem.group_id,
                "option_ids": list(problem.choice_ids),
            }
            for problem in made.problems
        ],
    }


@router.put("/products/{int:pk}/configuration/rules", response=list[schemas.OptionRule])
@requires(MANAGE)
def set_option_rules(request: Request, pk: int, payload: schemas.OptionRulesIn) -> Any:
    """All rules between the options of a product."""
    product = _product(request, pk)
    rows = ConfigurationChoice.objects.visible_to(request.actor).select_related("group")
    known = rows.in_bulk([pk for rule in payload.rules for pk in (rule.option_id, rule.other_id)])
    rules = [
        (
            known.get(rule.option_id) or chosen(rows, rule.option_id, "rules"),
            rule.kind,
            known.get(rule.other_id) or chosen(rows, rule.other_id, "rules"),
        )
        for rule in payload.rules
    ]
    configuration.set_rules(product=product, rules=rules, actor=request.actor, now=request.now)
    return _rules(product)


@router.post("/products/{int:pk}/option-groups", response={201: schemas.OptionGroupOut})
@requires(MANAGE)
def add_option_group(request: Request, pk: int, payload: schemas.OptionGroupIn) -> Any:
    """A group of options, such as the leather of a sofa."""
    made = configuration.add_group(
        product=_product(request, pk),
        values=_placed(payload.dict()),
        actor=request.actor,
        now=request.now,
    )
    return Status(201, made)


def _placed(values: dict[str, Any]) -> dict[str, Any]:
    """Without a place that was left open: it goes to the end."""
    return {name: value for name, value in values.items() if name != "position" or value is not None}


@router.patch("/option-groups/{int:pk}", response=schemas.OptionGroupOut)
@requires(MANAGE)
def change_option_group(request: Request, pk: int, payload: schemas.OptionGroupPatch) -> Any:
    """Change what is named."""
    values = payload.dict(exclude_unset=True)
    return configuration.change_group(
        group=_group(request, pk), values=values, actor=request.actor, now=request.now
    )


@router.post("/option-groups/{int:pk}/options", response={201: schemas.ProductOptionOut})
@requires(MANAGE)
def add_option(request: Request, pk: int, payload: schemas.ProductOptionIn) -> Any:
    """An option: what it costs more, how much longer it takes, what it uses up."""
    values = _uses(request, payload.dict(exclude_unset=True))
    made = configuration.add_choice(
        group=_group(request, pk), values=values, actor=request.actor, now=request.now
    )
    return Status(201, made)


@router.patch("/options/{int:pk}", response=schemas.ProductOptionOut)
@requires(MANAGE)
def change_option(request: Request, pk: int, payload: schemas.ProductOptionPatch) -> Any:
    """Change what is named; with `is_active` false it is offered no more."""
    values = _uses(request, payload.dict(exclude_unset=True))
    return configuration.change_choice(
        choice=_choice(request, pk), values=values, actor=request.actor, now=request.now
    )


def _uses(request: Request, values: dict[str, Any]) -> dict[str, Any]:
    """With the goods behind `variant_id`."""
    if "variant_id" in values:
        rows = Variant.objects.visible_to(request.actor).select_related("product")
        values["variant"] = chosen_or_none(rows, values.pop("variant_id"), "variant_id")
    return _placed(values)
