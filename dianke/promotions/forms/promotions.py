"""The form of a promotion: the fields of its kind, and the terms they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.forms.parts import AmountField, PercentField
from dianke.promotions.forms.parts import (
    ALIKE,
    AUDIENCE,
    GOODS,
    MEASURES,
    WHEN,
    GoodsCodesField,
    OfferForm,
    codes_of,
)
from dianke.promotions.models import Promotion
from dianke.promotions.operations.offers import bare_terms

STEPS, PARTS, GIFTS = 5, 4, 3
EXCLUSIONS = (
    ("NONE", _("Goes together with other promotions")),
    ("GOODS", _("Goods in it take no other promotion")),
    ("ORDER", _("The only promotion of the order")),
)
LATER = (
    ("COUPON", _("Coupons")),
    ("TIER", _("Member discount")),
    ("POINTS", _("Points as money")),
)
#: Kind to name, example and icon, in the order in which they are offered.
KINDS: tuple[tuple[str, Any, Any, str], ...] = (
    ("LADDER", _("Money off from an amount"), _("¥40 off from ¥300, ¥80 off from ¥500"), "stairs-up"),
    ("PERCENT_OFF", _("Percent off"), _("20% off all scarves"), "percentage"),
    ("MONEY_OFF", _("Money off each piece"), _("¥20 off each"), "minus"),
    ("FIXED_PRICE", _("Special price"), _("¥99 a piece"), "tag"),
    ("NTH_PIECE", _("n-th piece cheaper"), _("second piece half price"), "copy"),
    ("BUY_GET", _("Buy some, get some"), _("buy 2, get 1 free"), "gift"),
    ("BUNDLE", _("Together for one price"), _("scarf and gloves for ¥199"), "stack-2"),
    ("EVERY_FULL", _("Money off for every amount"), _("¥20 off for every ¥200"), "repeat"),
    ("GIFT", _("A gift from an amount"), _("a hand cream from ¥500"), "gift"),
    ("FREE_DELIVERY", _("Free delivery"), _("free delivery from ¥99"), "truck-delivery"),
)
KIND_NAMES = {code: name for code, name, _example, _icon in KINDS}


def _full(label: Any, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=12, decimal_places=2, min_value=0, **more)


def _pays(required: bool = True, **more: Any) -> PercentField:
    return PercentField(
        label=_("Customer pays"),
        min_value=0,
        max_value=100,
        required=required,
        help_text=more.pop("help_text", _("80 is 20% off; 0 is free.")),
        **more,
    )


def _count(label: Any, least: int = 1, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=100_000, **more)


def _measure() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("The threshold counts"), choices=MEASURES, initial="AMOUNT", widget=forms.RadioSelect
    )


def _alike() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Counted together"), choices=ALIKE, initial="SET")


def _pieces() -> forms.IntegerField:
    return _count(_("Pieces of an order at most"), required=False)


def _ladder() -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {"measure": _measure()}
    for n in range(1, STEPS + 1):
        fields[f"full_{n}"] = _full(pgettext_lazy("threshold", "From"), required=n == 1)
        fields[f"off_{n}"] = AmountField(label=pgettext_lazy("of an offer", "Money off"), required=False)
        fields[f"pays_{n}"] = _pays(
            required=False, help_text="" if n > 1 else _("Instead of money: 80 is 20% off.")
        )
    return fields


def _bundle() -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {"amount": AmountField(label=_("Together for"))}
    for n in range(1, PARTS + 1):
        fields[f"part_{n}"] = GoodsCodesField(label=_("Goods by code"), required=n <= 2)
        fields[f"count_{n}"] = _count(_("Pieces of them"), initial=1, required=n <= 2)
    return fields


def _gift() -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {"measure": _measure()}
    for n in range(1, GIFTS + 1):
        fields[f"full_{n}"] = _full(pgettext_lazy("threshold", "From"), required=n == 1)
        fields[f"gift_{n}"] = GoodsCodesField(label=_("Gifts by code"), required=n == 1)
        fields[f"pick_{n}"] = _count(_("The customer picks"), initial=1, required=False)
    fields["is_repeated"] = forms.BooleanField(label=_("Again for every so much"), required=False)
    return fields


_FIELDS: Mapping[str, Callable[[], dict[str, forms.Field]]] = {
    "LADDER": _ladder,
    "PERCENT_OFF": lambda: {"pays_bp": _pays(), "max_pieces": _pieces()},
    "MONEY_OFF": lambda: {"off_amount": AmountField(label=_("Off each piece")), "max_pieces": _pieces()},
    "FIXED_PRICE": lambda: {"amount": AmountField(label=_("A piece costs")), "max_pieces": _pieces()},
    "NTH_PIECE": lambda: {
        "nth": _count(_("Every n-th piece"), 2, initial=2),
        "pays_bp": _pays(),
        "alike": _alike(),
    },
    "BUY_GET": lambda: {
        "buy": _count(_("Buy"), initial=2),
        "get": _count(_("Get"), initial=1),
        "pays_bp": _pays(required=False, help_text=_("Of what is got: 0 or empty is free.")),
        "get_codes": GoodsCodesField(
            label=_("What is got, by code"), required=False, help_text=_("Empty: of the same goods.")
        ),
        "alike": _alike(),
    },
    "BUNDLE": _bundle,
    "EVERY_FULL": lambda: {
        "measure": _measure(),
        "full": _full(pgettext_lazy("threshold", "For every")),
        "off_amount": AmountField(label=pgettext_lazy("of an offer", "Money off")),
    },
    "GIFT": _gift,
    "FREE_DELIVERY": lambda: {
        "full": _full(pgettext_lazy("threshold", "From"), required=False),
        "max_amount_off": AmountField(label=_("At most off the delivery"), required=False),
    },
}


def threshold(value: Decimal | None, measure: str) -> int:
    """What was typed as the terms take it: money in minor units, or pieces."""
    if value is None:
        return 0
    return int(value * 100) if measure == "AMOUNT" else int(value)


def shown_threshold(value: int, measure: str) -> Decimal:
    return Decimal(value) / 100 if measure == "AMOUNT" else Decimal(value)


class PromotionForm(OfferForm):
    """`kind` is one of `KINDS`; a promotion that stands gives the fields their values."""

    name = forms.CharField(label=pgettext_lazy("of an offer", "Name"), max_length=40)
    starts_at = forms.DateTimeField(label=pgettext_lazy("period", "From"))
    ends_at = forms.DateTimeField(
        label=pgettext_lazy("period", "To"), required=False, help_text=_("Empty: until you end it.")
    )
    budget_amount = AmountField(
        label=_("Budget"), required=False, help_text=_("It stops when so much was given away.")
    )
    budget_count = _count(_("Times at most"), required=False)
    per_customer_count = _count(_("Times for one customer"), required=False)
    max_amount = AmountField(label=_("Off an order at most"), required=False)
    max_times = _count(_("Times in an order at most"), required=False)
    exclusion = forms.ChoiceField(
        label=_("Together with others"), choices=EXCLUSIONS, initial="NONE", widget=forms.RadioSelect
    )
    shuts = forms.MultipleChoiceField(
        label=_("Shuts out for its goods"),
        required=False,
        choices=LATER,
        widget=forms.CheckboxSelectMultiple,
    )
    priority = forms.IntegerField(
        label=_("Priority"),
        required=False,
        min_value=0,
        max_value=10_000,
        help_text=_("The higher goes first. Empty: 0."),
    )
    wide = ("name",)
    affix = {"pays_bp": "%", "pays_1": "%", "pays_2": "%", "pays_3": "%", "pays_4": "%", "pays_5": "%"}

    def __init__(self, *args: Any, kind: str, promotion: Promotion | None = None, **kwargs: Any) -> None:
        self.kind, self.promotion = kind, promotion
        own = _FIELDS[kind]()
        self.base_fields = {"name": self.base_fields["name"]} | own | self.base_fields  # type: ignore[misc]
        if promotion is not None:
            kwargs["initial"] = self._initial(promotion) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        if kind == "BUNDLE":
            for name in GOODS:
                del self.fields[name]
        self.sections = (
            (pgettext_lazy("of an offer", "What it does"), tuple(own)),
            *(() if kind == "BUNDLE" else ((_("For which goods"), GOODS),)),
            (pgettext_lazy("of an offer", "When"), ("starts_at", "ends_at", *WHEN)),
            (_("Where and for whom"), AUDIENCE),
            (
                _("How much"),
                ("budget_amount", "budget_count", "per_customer_count", "max_amount", "max_times"),
            ),
            (_("With other discounts"), ("exclusion", "shuts", "priority")),
        )

    # --- out ---------------------------------------------------------------------------------------------------------
    def terms(self) -> dict[str, Any]:
        """As operations take them."""
        data = self.cleaned_data
        terms = self.common_terms() | {"rule": {"kind": self.kind} | self._rule(data)}
        if data.get("exclusion") and data["exclusion"] != "NONE":
            terms["exclusion"] = data["exclusion"]
        for name in ("priority", "max_amount", "max_times"):
            if data.get(name):
                terms[name] = data[name]
        if data.get("shuts"):
            terms["shuts"] = data["shuts"]
        if self.promotion is not None:
            terms |= {
                key: self.promotion.terms[key] for key in ("group", "basis") if key in self.promotion.terms
            }
        return terms

    def promotion_values(self) -> dict[str, Any]:
        """What operations take as `values`."""
        data = self.cleaned_data
        limits = ("budget_amount", "budget_count", "per_customer_count")
        return {name: data.get(name) for name in ("name", "starts_at", "ends_at", *limits)} | {
            "terms": self.terms()
        }

    def _rule(self, data: Mapping[str, Any]) -> dict[str, Any]:
        measure = data.get("measure") or "AMOUNT"
        match self.kind:
            case "LADDER":
                return {"measure": measure, "steps": self._steps(data, measure)}
            case "GIFT":
                return {"measure": measure, "steps": self._gifts(data, measure)} | (
                    {"is_repeated": True} if data.get("is_repeated") else {}
                )
            case "EVERY_FULL":
                full = threshold(data["full"], measure)
                return {"measure": measure, "full": full, "off_amount": data["off_amount"]}
            case "FREE_DELIVERY":
                return _known(
                    full=threshold(data.get("full"), "AMOUNT"), max_amount=data.get("max_amount_off")
                )
            case "BUNDLE":
                parts = [
                    {"goods": data[f"part_{n}"], "count": data.get(f"count_{n}") or 1}
                    for n in range(1, PARTS + 1)
                    if data.get(f"part_{n}")
                ]
                return {"amount": data["amount"], "parts": parts}
            case "BUY_GET":
                more = {"get_goods": data["get_codes"]} if data.get("get_codes") else {}
                pays = data.get("pays_bp") or 0
                return {
                    "buy": data["buy"],
                    "get": data["get"],
                    "pays_bp": pays,
                    "alike": data["alike"],
                } | more
        names = [
            name for name in ("pays_bp", "off_amount", "amount", "nth", "alike", "max_pieces") if name in data
        ]
        return _known(**{name: data[name] for name in names})

    @staticmethod
    def _steps(data: Mapping[str, Any], measure: str) -> list[dict[str, Any]]:
        steps = []
        for n in range(1, STEPS + 1):
            if data.get(f"full_{n}") is not None:
                one = _known(off_amount=data.get(f"off_{n}"), pays_bp=data.get(f"pays_{n}"))
                steps.append({"full": threshold(data[f"full_{n}"], measure)} | one)
        return steps

    @staticmethod
    def _gifts(data: Mapping[str, Any], measure: str) -> list[dict[str, Any]]:
        steps = []
        for n in range(1, GIFTS + 1):
            if data.get(f"full_{n}") is None or not data.get(f"gift_{n}"):
                continue
            steps.append(
                {
                    "full": threshold(data[f"full_{n}"], measure),
                    "pick": data.get(f"pick_{n}") or 1,
                    "choices": [{"variant_id": pk} for pk in single_variants(data[f"gift_{n}"])],
                }
            )
        return steps

    # --- in ----------------------------------------------------------------------------------------------------------
    def _initial(self, promotion: Promotion) -> dict[str, Any]:
        terms = bare_terms(promotion)
        rule = dict(terms.get("rule") or {})
        measure = rule.get("measure", "AMOUNT")
        limits = ("budget_amount", "budget_count", "per_customer_count")
        values = self.common_initial(terms) | {
            "name": promotion.name,
            "starts_at": _local(promotion.starts_at),
            "ends_at": _local(promotion.ends_at),
            **{name: getattr(promotion, name) for name in limits},
            **{name: terms.get(name) for name in ("max_amount", "max_times", "shuts", "priority")},
            "exclusion": terms.get("exclusion", "NONE"),
        }
        steps = rule.pop("steps", ())
        for n, step in enumerate(steps, 1):
            values[f"full_{n}"] = shown_threshold(step["full"], measure)
            values[f"off_{n}"], values[f"pays_{n}"] = step.get("off_amount"), step.get("pays_bp")
            if "choices" in step:
                goods = {"variant_ids": [choice["variant_id"] for choice in step["choices"]]}
                values[f"gift_{n}"], values[f"pick_{n}"] = codes_of(goods), step.get("pick", 1)
        for n, part in enumerate(rule.pop("parts", ()), 1):
            values[f"part_{n}"], values[f"count_{n}"] = codes_of(part.get("goods") or {}), part["count"]
        if "full" in rule:
            rule["full"] = shown_threshold(rule["full"], measure)
        if promotion.kind == "FREE_DELIVERY":
            rule["max_amount_off"] = rule.pop("max_amount", None)
        if "get_goods" in rule:
            values["get_codes"] = codes_of(rule.pop("get_goods"))
        rule.pop("kind", None)
        return values | rule

    def place_of(self, path: str) -> str:
        parts = path.split(".")
        if parts[:2] == ["rule", "steps"]:
            number = int(parts[2]) + 1 if len(parts) > 2 and parts[2].isdecimal() else 1
            return f"full_{number}"
        if parts[:2] == ["rule", "parts"]:
            return f"part_{int(parts[2]) + 1}" if len(parts) > 2 and parts[2].isdecimal() else "part_1"
        return super().place_of(path)


def _local(moment: Any) -> Any:
    return timezone.localtime(moment) if moment else None


def _known(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def single_variants(found: Mapping[str, Any]) -> list[int]:
    """The articles that codes name; of a product its first one."""
    from dianke.catalog.models import Variant

    of_products = Variant.objects.filter(product__in=found.get("product_ids", ()))
    first: dict[int, int] = {}
    for pk, product_id in of_products.order_by("position", "pk").values_list("pk", "product_id"):
        first.setdefault(product_id, pk)
    return sorted({*found.get("variant_ids", ()), *first.values()})
