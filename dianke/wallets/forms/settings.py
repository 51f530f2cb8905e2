"""Offers, kinds of cards, dated rules: what the merchant sets up. Steps and services stand one per line."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.forms.parts import AmountField, plain_amount
from dianke.catalog.models import Product, Variant
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.core.money import parse
from dianke.stores.models import LegalEntity, Store
from dianke.wallets.models import CardKind, Offer
from dianke.wallets.operations import ItemIn, StepIn
from dianke.wallets.rules.terms import CARD_METHODS, MEANINGS, Shape, read_value
from dianke.web.forms import KitForm

_BETWEEN = re.compile(r"\s*[+＋,，/／\t ]\s*")
_SERVICES = 12


class OfferForm(KitForm):
    """充 1000 送 200 is one line of steps."""

    name = forms.CharField(label=pgettext_lazy("of an offer", "Name"), max_length=40)
    steps = forms.CharField(
        label=_("Steps"),
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "500+50\n1000+200"}),
        help_text=_("One per line in yuan: from how much on, and the bonus, like 1000+200."),
    )
    is_repeating = forms.BooleanField(
        label=_("Bonus for every multiple"),
        required=False,
        help_text=_("2000 paid at 1000+200 gives 400. Otherwise the highest step counts once."),
    )
    bonus_days = forms.IntegerField(
        label=_("Bonus good for"),
        min_value=1,
        max_value=36500,
        required=False,
        help_text=_("Empty: for ever."),
    )
    per_customer = forms.IntegerField(
        label=_("Times per customer"), min_value=1, max_value=9999, required=False
    )
    starts_at = forms.DateTimeField(label=pgettext_lazy("of an offer", "From"), required=False)
    ends_at = forms.DateTimeField(label=pgettext_lazy("of an offer", "Until"), required=False)
    levels = forms.CharField(
        label=_("Only for levels"),
        max_length=200,
        required=False,
        help_text=_("Names of levels with blanks between. Empty: everybody."),
    )
    stores = forms.ModelMultipleChoiceField(
        label=_("Only in stores"),
        queryset=Store.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: everywhere."),
    )
    affix = {"bonus_days": _("days")}
    sections = (
        (_("For whom, where and when"), ("starts_at", "ends_at", "per_customer", "levels", "stores")),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stores"].queryset = Store.objects.visible_to(actor).order_by("code")  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(offer: Offer) -> dict[str, Any]:
        """What stands, as the form shows it."""
        lines = [
            f"{plain_amount(step.paid_amount, offer.currency)}+{plain_amount(step.bonus_amount, offer.currency)}"
            for step in offer.steps.all()
        ]
        names = ("name", "is_repeating", "bonus_days", "per_customer", "starts_at", "ends_at")
        return {name: getattr(offer, name) for name in names} | {
            "steps": "\n".join(lines),
            "levels": " ".join(offer.levels),
            "stores": list(offer.stores.all()),
        }

    def clean_steps(self) -> list[StepIn]:
        steps = []
        for line in self.cleaned_data["steps"].splitlines():
            if not line.strip():
                continue
            parts = [part for part in _BETWEEN.split(line.strip()) if part]
            try:
                amounts = [parse(part, "CNY").to_minor() for part in parts]
            except InvalidInput as error:
                raise ValidationError(str(error)) from error
            if len(amounts) != 2:
                raise ValidationError(
                    _("“%(line)s” is no step. Write it like 1000+200.") % {"line": line.strip()}
                )
            steps.append(StepIn(amounts[0], amounts[1]))
        return steps

    def clean_levels(self) -> list[str]:
        return [word for word in re.split(r"[\s,，、]+", self.cleaned_data["levels"]) if word]

    def values(self) -> dict[str, Any]:
        """The fields of the offer itself."""
        names = ("name", "is_repeating", "bonus_days", "per_customer", "starts_at", "ends_at", "levels")
        return {name: self.cleaned_data[name] for name in names}


class CardKindForm(KitForm):
    """Services with their sessions stand one below the other."""

    name = forms.CharField(label=pgettext_lazy("session card", "Name"), max_length=60)
    price_amount = AmountField(label=_("Price"))
    valid_days = forms.IntegerField(
        label=_("Valid for"), min_value=1, max_value=36500, required=False, help_text=_("Empty: for ever.")
    )
    starts = forms.ChoiceField(label=_("Validity begins"), choices=CardKind.Starts.choices)
    needs_confirmation = forms.BooleanField(
        label=_("Customer confirms each use"),
        required=False,
        initial=True,
        help_text=_("By a code on their phone, so that nothing is taken without them."),
    )
    is_for_household = forms.BooleanField(label=_("Household may use it"), required=False)
    refund_method = forms.ChoiceField(
        label=_("Refund method"),
        required=False,
        choices=[("", _("As the rules say")), *CARD_METHODS.items()],
    )
    stores = forms.ModelMultipleChoiceField(
        label=_("Only in stores"),
        queryset=Store.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: everywhere."),
    )
    items = forms.CharField(
        label=_("Services and sessions"),
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "HL1 10+2\nHL2 3"}),
        help_text=_("One per line: code of the service, paid sessions, and gifted ones behind a plus."),
    )
    affix = {"price_amount": _("yuan"), "valid_days": _("days")}
    field_order = ("name", "price_amount", "items", "valid_days", "starts")
    sections = ((_("Use and refund"), ("needs_confirmation", "is_for_household", "refund_method", "stores")),)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.fields["stores"].queryset = Store.objects.visible_to(actor).order_by("code")  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(kind: CardKind) -> dict[str, Any]:
        """What stands, as the form shows it."""
        lines = [
            f"{item.variant.code} {item.paid_count}" + (f"+{item.gifted_count}" if item.gifted_count else "")
            for item in kind.items.select_related("variant")
        ]
        names = (
            "name",
            "price_amount",
            "valid_days",
            "starts",
            "needs_confirmation",
            "is_for_household",
            "refund_method",
        )
        return {name: getattr(kind, name) for name in names} | {
            "items": "\n".join(lines),
            "stores": list(kind.stores.all()),
        }

    def clean_items(self) -> list[ItemIn]:
        items = []
        for line in self.cleaned_data["items"].splitlines():
            if not line.strip():
                continue
            found = re.fullmatch(r"(\S+)\s*[\s×xX*,，]\s*(\d{1,4})(?:\s*[+＋]\s*(\d{1,4}))?", line.strip())
            if found is None:
                raise ValidationError(
                    _("“%(line)s” is no line of a card. Write it like HL1 10+2.") % {"line": line.strip()}
                )
            variant = (
                Variant.objects.visible_to(self.actor)
                .filter(code__iexact=found[1], product__kind=Product.Kind.SERVICE)
                .first()
            )
            if variant is None:
                raise ValidationError(
                    _("There is no service with the code %(code)s. Look it up under goods.")
                    % {"code": found[1]}
                )
            items.append(ItemIn(variant.pk, int(found[2]), int(found[3] or 0)))
        return items

    def values(self) -> dict[str, Any]:
        """The fields of the kind itself."""
        names = (
            "name",
            "price_amount",
            "valid_days",
            "starts",
            "needs_confirmation",
            "is_for_household",
            "refund_method",
        )
        return {name: self.cleaned_data[name] for name in names}


class TermForm(KitForm):
    """A rule from a day on, with where it comes from."""

    code = forms.ChoiceField(label=_("Rule"), choices=[(m.code, m.label) for m in MEANINGS.values()])
    value = forms.CharField(
        label=_("Value"),
        max_length=40,
        help_text=_(
            "Amounts in yuan, days as a number, yes or no as 1 or 0, else one of the words of the rule."
        ),
    )
    from_date = forms.DateField(label=_("In force from"))
    province = forms.CharField(
        label=_("Province"), max_length=20, required=False, help_text=_("Empty: everywhere.")
    )
    legal_entity = forms.ModelChoiceField(
        label=_("Only for company"), queryset=LegalEntity.objects.none(), required=False
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The rule or agreement it follows, so that anybody can check it."),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["legal_entity"].queryset = LegalEntity.objects.visible_to(actor)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        code, value = data.get("code"), data.get("value")
        if data.get("province") and data.get("legal_entity"):
            self.add_error("legal_entity", _("A rule is for a province or for a company, not both."))
        if code and value:
            try:
                data["value"] = term_value(code, value)
            except InvalidInput as error:
                self.add_error("value", str(error))
        return data


def term_value(code: str, text: str) -> str:
    """What was typed as the table holds it: yuan become fen, a word's label its code. Raises `InvalidInput`."""
    meaning = MEANINGS[code]
    if meaning.shape is Shape.AMOUNT:
        return str(parse(text, "CNY").to_minor())
    if meaning.shape is Shape.CHOICE:
        for word, label in (meaning.choices or {}).items():
            if text.strip() in (word, str(label)):
                return word
    read_value(code, text)
    return text.strip()


class EndTermForm(KitForm):
    """From which day on a rule holds no more."""

    to_date = forms.DateField(label=_("Holds no more from"))
