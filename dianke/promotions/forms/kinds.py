"""The forms of coupons: a kind of coupon, giving coupons, codes to be printed, revoking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.forms.parts import AmountField
from dianke.customers.models import Tag
from dianke.promotions.forms.parts import AUDIENCE, GOODS, WHEN, GoodsCodesField, OfferForm, codes_of
from dianke.promotions.forms.promotions import _count, _known, _pays, single_variants
from dianke.promotions.models import CouponKind
from dianke.promotions.operations.kinds import bare_terms
from dianke.web.forms import KitForm
from dianke.web.models import SavedView

#: Kind to name, example and icon, in the order in which they are offered.
KINDS: tuple[tuple[str, Any, Any, str], ...] = (
    ("CASH", _("Cash coupon"), _("¥20 off from ¥100"), "cash"),
    ("PERCENT", _("Percent coupon"), _("10% off, ¥50 at most"), "percentage"),
    ("GIFT", _("Gift coupon"), _("a hand cream as a gift"), "gift"),
    ("EXCHANGE", _("Exchange coupon"), _("one cup of tea for the coupon"), "arrows-exchange"),
    ("FREE_DELIVERY", _("Delivery coupon"), _("free delivery"), "truck-delivery"),
)
KIND_NAMES = {code: name for code, name, _example, _icon in KINDS}

_FIELDS: Mapping[str, Callable[[], dict[str, forms.Field]]] = {
    "CASH": lambda: {"amount": AmountField(label=pgettext_lazy("of an offer", "Money off"))},
    "PERCENT": lambda: {
        "pays_bp": _pays(),
        "max_amount": AmountField(label=_("At most off"), required=False),
    },
    "GIFT": lambda: {
        "gift_codes": GoodsCodesField(label=_("Gifts by code")),
        "pick": _count(_("The customer picks"), initial=1),
    },
    "EXCHANGE": lambda: {
        "pieces": _count(_("Pieces"), initial=1),
        "pays_amount": AmountField(label=_("The customer pays for each"), required=False),
    },
    "FREE_DELIVERY": lambda: {"max_amount": AmountField(label=_("At most off"), required=False)},
}
COLUMNS = (
    "name",
    "note",
    "total_limit",
    "per_customer_limit",
    "validity",
    "valid_from",
    "valid_to",
    "valid_days",
    "starts_after_days",
    "grace_days",
    "notice_days",
    "giving",
    "is_claimable",
    "claim_from",
    "claim_to",
)


class CouponKindForm(OfferForm):
    """`kind` is one of `KINDS`; a kind that stands gives the fields their values."""

    name = forms.CharField(label=pgettext_lazy("of an offer", "Name"), max_length=40)
    note = forms.CharField(
        label=_("What the customer reads"), max_length=200, required=False, help_text=_("Beside the terms.")
    )
    threshold_amount = AmountField(
        label=_("From an amount of"), required=False, help_text=_("Empty: from the first fen.")
    )
    is_alone = forms.BooleanField(label=_("With no other coupon in an order"), required=False)
    joins_promotions = forms.BooleanField(
        label=_("Also on goods that a promotion has made cheaper"), required=False, initial=True
    )
    max_per_order = _count(_("Of these in an order at most"), required=False)
    validity = forms.ChoiceField(
        label=_("Good"),
        choices=CouponKind.Validity.choices,
        initial="AFTER_CLAIM",
        widget=forms.RadioSelect,
    )
    valid_days = forms.IntegerField(
        label=_("Days from claiming"), min_value=1, max_value=3650, initial=30, required=False
    )
    starts_after_days = forms.IntegerField(
        label=_("Begins after"), min_value=0, max_value=3650, initial=0, required=False
    )
    valid_from = forms.DateField(label=_("Good from"), required=False)
    valid_to = forms.DateField(label=_("Good until"), required=False, help_text=_("This day included."))
    notice_days = forms.IntegerField(
        label=_("Reminder before the end"), min_value=0, max_value=60, initial=3, required=False
    )
    grace_days = forms.IntegerField(
        label=_("Days of grace"),
        min_value=0,
        max_value=3650,
        initial=0,
        required=False,
        help_text=_("A coupon that comes back expired is good again for so long."),
    )
    total_limit = _count(_("How many at most"), required=False)
    per_customer_limit = _count(_("For one customer"), required=False, initial=1)
    giving = forms.ChoiceField(label=_("Who gives it"), choices=CouponKind.Giving.choices, initial="ISSUERS")
    is_claimable = forms.BooleanField(label=_("Customers claim it on their phone"), required=False)
    claim_from = forms.DateTimeField(label=_("Claimed from"), required=False)
    claim_to = forms.DateTimeField(label=_("Claimed until"), required=False)
    wide = ("name", "note")
    affix = {
        "pays_bp": "%",
        "valid_days": _("days"),
        "starts_after_days": _("days"),
        "notice_days": _("days"),
        "grace_days": _("days"),
    }

    def __init__(self, *args: Any, kind: str, row: CouponKind | None = None, **kwargs: Any) -> None:
        self.kind, self.row = kind, row
        own = _FIELDS[kind]()
        first = {name: self.base_fields[name] for name in ("name", "note")}
        self.base_fields = first | own | self.base_fields  # type: ignore[misc]
        if row is not None:
            kwargs["initial"] = self._initial(row) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["stores"].help_text = _("Where it is given and taken. None ticked: every store.")
        self.sections = (
            (
                _("What it gives"),
                (*own, "threshold_amount", "is_alone", "joins_promotions", "max_per_order"),
            ),
            (
                _("How long it is good"),
                (
                    "validity",
                    "valid_days",
                    "starts_after_days",
                    "valid_from",
                    "valid_to",
                    "notice_days",
                    "grace_days",
                ),
            ),
            (
                _("How many and who gives it"),
                (
                    "total_limit",
                    "per_customer_limit",
                    "giving",
                    "is_claimable",
                    "claim_from",
                    "claim_to",
                ),
            ),
            (_("For which goods"), GOODS),
            (_("Days and hours"), WHEN),
            (_("Where and for whom"), AUDIENCE),
        )

    def terms(self) -> dict[str, Any]:
        """As operations take them."""
        data = self.cleaned_data
        terms = self.common_terms() | {"rule": {"kind": self.kind} | self._rule(data)}
        if data.get("threshold_amount"):
            terms["threshold_amount"] = data["threshold_amount"]
        if data.get("is_alone"):
            terms["is_alone"] = True
        if not data.get("joins_promotions"):
            terms["joins_promotions"] = False
        if data.get("max_per_order"):
            terms["max_per_order"] = data["max_per_order"]
        if self.row is not None:
            terms |= {key: self.row.terms[key] for key in ("group", "basis") if key in self.row.terms}
        return terms

    def _rule(self, data: Mapping[str, Any]) -> dict[str, Any]:
        match self.kind:
            case "CASH":
                return {"amount": data["amount"]}
            case "PERCENT":
                return _known(pays_bp=data["pays_bp"], max_amount=data.get("max_amount"))
            case "GIFT":
                choices = [{"variant_id": pk} for pk in single_variants(data["gift_codes"])]
                return {"pick": data["pick"], "choices": choices}
            case "EXCHANGE":
                return _known(pieces=data["pieces"], pays_amount=data.get("pays_amount") or 0)
        return _known(max_amount=data.get("max_amount"))

    def kind_values(self) -> dict[str, Any]:
        """What operations take as `values`."""
        data = self.cleaned_data
        values = {name: data.get(name) for name in COLUMNS}
        for name in ("starts_after_days", "grace_days", "notice_days"):
            values[name] = values[name] or 0
        if values["validity"] == "FIXED":
            values |= {"valid_days": None, "starts_after_days": 0}
        else:
            values |= {"valid_from": None, "valid_to": None}
        return values | {"terms": self.terms()}

    def _initial(self, row: CouponKind) -> dict[str, Any]:
        terms = bare_terms(row)
        rule = dict(terms["rule"])
        values = self.common_initial(terms) | {name: getattr(row, name) for name in COLUMNS}
        for name in ("claim_from", "claim_to"):
            values[name] = timezone.localtime(values[name]) if values[name] else None
        if "choices" in rule:
            goods = {"variant_ids": [choice["variant_id"] for choice in rule.pop("choices")]}
            values["gift_codes"] = codes_of(goods)
        rule.pop("kind")
        extra = ("threshold_amount", "is_alone", "max_per_order")
        return (
            values
            | rule
            | {name: terms.get(name) for name in extra}
            | {"joins_promotions": terms.get("joins_promotions", True)}
        )


class GiveForm(KitForm):
    """Whom to give a coupon: one customer, everybody with a tag, or numbers typed in."""

    kind = forms.ModelChoiceField(label=_("Coupon"), queryset=CouponKind.objects.none())
    numbers = forms.CharField(
        label=_("Member numbers"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("With blanks or lines between."),
    )
    tag = forms.ModelChoiceField(
        label=_("Everybody with the tag"), queryset=Tag.objects.none(), required=False
    )
    view = forms.ModelChoiceField(
        label=_("Everybody on the saved list"), queryset=SavedView.objects.none(), required=False
    )
    each = forms.IntegerField(label=_("Coupons for each"), min_value=1, max_value=20, initial=1)
    to_be_claimed = forms.BooleanField(
        label=_("The customer claims it on the phone first"),
        required=False,
        help_text=_("The days run from claiming."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
    wide = ("kind", "reason")


class PrintForm(KitForm):
    """Codes to be printed."""

    name = forms.CharField(
        label=pgettext_lazy("of an offer", "Name"),
        max_length=40,
        help_text=_("Where they go: leaflets at the opening."),
    )
    count = forms.IntegerField(label=_("Codes"), min_value=1, max_value=50_000, initial=100)
    use_by = forms.DateField(
        label=_("Good until"), required=False, help_text=_("This day included. Empty: as the kind says.")
    )
    reference = forms.CharField(widget=forms.HiddenInput, max_length=100)
    wide = ("name",)


class RevokeForm(KitForm):
    """Why coupons are taken back."""

    ids = forms.CharField(widget=forms.HiddenInput, max_length=20_000)
    reason = forms.CharField(label=_("Reason"), max_length=200)
    wide = ("reason",)
