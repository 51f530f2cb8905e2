"""Forms of the programme: its numbers, levels, earning rules, gifts, rewards."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.models import Category
from dianke.loyalty.forms.parts import LinesField, PercentField, TimesField, YuanField
from dianke.loyalty.models import EarningRule, Gift, Level, Programme, Reward
from dianke.web.forms import KitForm

WEEKDAYS = (
    ("0", _("Monday")),
    ("1", _("Tuesday")),
    ("2", _("Wednesday")),
    ("3", _("Thursday")),
    ("4", _("Friday")),
    ("5", _("Saturday")),
    ("6", _("Sunday")),
)


class _RowForm(KitForm):
    """A form over the columns of a row; `values()` is what an operation takes."""

    row_fields: tuple[str, ...] = ()

    def __init__(self, data: Any = None, *, row: Any = None) -> None:
        initial = {name: getattr(row, name) for name in self.base_fields if hasattr(row, name)} if row else {}
        super().__init__(data, initial=initial)

    def values(self) -> dict[str, Any]:
        """What was entered, by column."""
        return dict(self.cleaned_data)


class LevelWindowForm(_RowForm):
    """Over which time purchases count, and what happens to who no longer reaches a level."""

    name = forms.CharField(label=_("Name of the programme"), max_length=40)
    window = forms.ChoiceField(label=_("Purchases count over"), choices=Programme.Window.choices)
    window_days = forms.IntegerField(
        label=_("How many days"), min_value=1, max_value=3660, help_text=_("Only for “the last days”.")
    )
    downgrade = forms.ChoiceField(
        label=_("Who no longer reaches the level goes"), choices=Programme.Downgrade.choices
    )
    grace_days = forms.IntegerField(label=_("After days of grace"), min_value=0, max_value=3660)
    keeps_after_refund = forms.BooleanField(
        label=_("A level stays through the period when what reached it is returned"), required=False
    )


class EarningForm(_RowForm):
    """What earns points, when they can be used, when they expire."""

    pending_days = forms.IntegerField(
        label=_("Points can be used after days"), min_value=0, max_value=365, help_text=_("0: at once.")
    )
    expiry = forms.ChoiceField(label=_("Points expire"), choices=Programme.Expiry.choices)
    expiry_count = forms.IntegerField(
        label=_("Months, or years after the year they came"), min_value=0, max_value=120
    )
    notice_days = forms.IntegerField(label=_("Told days before"), min_value=0, max_value=365)
    earns_on_tax = forms.BooleanField(label=_("Tax earns points"), required=False)
    earns_on_bonus = forms.BooleanField(label=_("What stored-value bonus pays earns points"), required=False)
    earns_on_shipping = forms.BooleanField(label=_("Delivery fees earn points"), required=False)
    earns_on_gift_cards = forms.BooleanField(label=_("Gift cards earn points when sold"), required=False)
    stored_value_earns = forms.ChoiceField(
        label=_("Stored value earns points"), choices=Programme.StoredValue.choices
    )


class UsingForm(_RowForm):
    """What points are worth, and what happens when a return asks for points that are spent."""

    worth_points = forms.IntegerField(label=_("So many points"), min_value=1)
    worth_amount = YuanField(label=_("are worth"))
    redeem_step = forms.IntegerField(label=_("Used in steps of"), min_value=1)
    redeem_minimum = forms.IntegerField(label=_("From points on"), min_value=0)
    redeem_cap_bp = PercentField(label=_("Of an order at most"))
    redeem_cap_amount = YuanField(label=_("And at most"), required=False)
    shortfall = forms.ChoiceField(
        label=_("When points of a return are spent"), choices=Programme.Shortfall.choices
    )
    return_grace_days = forms.IntegerField(
        label=_("Days to use points given back after they had expired"), min_value=0, max_value=3660
    )
    affix = {
        "worth_points": _("points"),
        "worth_amount": _("yuan"),
        "redeem_cap_bp": "%",
        "redeem_cap_amount": _("yuan"),
    }


class ReferringForm(_RowForm):
    """Whether and how members who bring members are rewarded."""

    is_referring = forms.BooleanField(label=_("Reward members who bring members"), required=False)
    referrer_points = forms.IntegerField(label=_("Points for who brings"), min_value=0)
    referred_points = forms.IntegerField(label=_("Points for who comes"), min_value=0)
    referral_least_amount = YuanField(label=_("After a first purchase of at least"))
    referral_limit = forms.IntegerField(
        label=_("At most so many rewards for one member"), min_value=1, max_value=32_000
    )
    referral_limit_days = forms.IntegerField(label=_("within days"), min_value=1, max_value=3660)
    affix = {"referral_least_amount": _("yuan")}


PARTS: dict[str, type[_RowForm]] = {
    "levels": LevelWindowForm,
    "earning": EarningForm,
    "using": UsingForm,
    "referring": ReferringForm,
}


class LevelForm(_RowForm):
    """A level: what leads to it and what it brings."""

    name = forms.CharField(label=pgettext_lazy("of a level", "Name"), max_length=20)
    code = forms.SlugField(
        label=_("Code"), max_length=24, help_text=_("Price lists and promotions name it; it never changes.")
    )
    least_amount = YuanField(label=_("Spent at least"), required=False)
    least_orders = forms.IntegerField(label=_("Purchases at least"), required=False, min_value=0)
    least_points = forms.IntegerField(label=_("Level points at least"), required=False, min_value=0)
    needs_all = forms.BooleanField(label=_("All of it is needed, not one of it"), required=False)
    points_bp = TimesField(label=_("Points, times"))
    discount_bp = PercentField(label=_("Discount"))
    price_amount = YuanField(label=_("Sold for"), required=False, help_text=_("Empty: it is not sold."))
    paid_days = forms.IntegerField(label=_("For days"), min_value=1, max_value=3660)
    benefits = LinesField(label=_("Other benefits, one in a line"), required=False)
    sections = (
        ("", ("name", "code")),
        (_("Reached by"), ("least_amount", "least_orders", "least_points", "needs_all")),
        (_("Brings"), ("points_bp", "discount_bp", "benefits")),
        (_("Sale of the level"), ("price_amount", "paid_days")),
    )
    affix = {
        "least_amount": _("yuan"),
        "price_amount": _("yuan"),
        "discount_bp": "%",
        "points_bp": pgettext_lazy("unit behind a number", "times"),
    }

    def __init__(self, data: Any = None, *, row: Level | None = None) -> None:
        super().__init__(data, row=row or Level())
        if row is not None:
            del self.fields["code"]


class _LevelChoices(_RowForm):
    """With the levels it is for."""

    def __init__(self, data: Any = None, *, row: Any = None) -> None:
        super().__init__(data, row=row)
        levels = Level.objects.in_use().order_by("rank").values_list("code", "name")
        self.fields["level_codes"].choices = list(levels)  # type: ignore[attr-defined]


def _levels() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("Only for levels"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: for everybody."),
    )


class RuleForm(_LevelChoices):
    """How points are earned."""

    name = forms.CharField(label=pgettext_lazy("of a rule", "Name"), max_length=40)
    kind = forms.ChoiceField(label=_("What it does"), choices=EarningRule.Kind.choices)
    points = forms.IntegerField(label=_("Points"), min_value=0)
    per_amount = YuanField(label=_("For each, or from"))
    factor_bp = TimesField(label=_("Times as many"))
    is_repeated = forms.BooleanField(label=_("Each time the amount is reached"), required=False)
    categories = forms.ModelMultipleChoiceField(
        label=_("Only for categories"),
        queryset=Category.objects.none(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )
    level_codes = _levels()
    weekdays = forms.MultipleChoiceField(
        label=_("Only on weekdays"), choices=WEEKDAYS, required=False, widget=forms.CheckboxSelectMultiple
    )
    birthday = forms.ChoiceField(label=_("Birthday"), choices=EarningRule.Birthday.choices, required=False)
    from_date = forms.DateField(label=_("First day"), required=False)
    to_date = forms.DateField(label=_("Last day"), required=False)
    is_active = forms.BooleanField(label=_("In use"), required=False)
    sections = (
        ("", ("name", "kind", "points", "per_amount", "factor_bp", "is_repeated")),
        (
            _("When it counts"),
            ("categories", "level_codes", "weekdays", "birthday", "from_date", "to_date", "is_active"),
        ),
    )
    affix = {
        "per_amount": _("yuan"),
        "factor_bp": pgettext_lazy("unit behind a number", "times"),
    }

    def __init__(self, data: Any = None, *, row: EarningRule | None = None) -> None:
        super().__init__(data, row=row or EarningRule())
        field = self.fields["categories"]
        field.queryset = Category.objects.filter(archived_at=None, merged_into=None)  # type: ignore[attr-defined]
        if row is not None:
            self.initial["categories"] = row.category_ids
            self.initial["weekdays"] = [str(day) for day in row.weekdays]

    def values(self) -> dict[str, Any]:
        values = super().values()
        values["category_ids"] = sorted(each.pk for each in values.pop("categories"))
        values["weekdays"] = sorted(int(day) for day in values["weekdays"])
        values["birthday"] = values["birthday"] or ""
        return values


class GiftForm(_LevelChoices):
    """What members get on a day."""

    name = forms.CharField(label=pgettext_lazy("of a gift", "Name"), max_length=40)
    occasion = forms.ChoiceField(label=_("Occasion of the gift"), choices=Gift.Occasion.choices)
    points = forms.IntegerField(label=_("Points"), min_value=0)
    valid_days = forms.IntegerField(label=_("Days to use them"), min_value=1, max_value=3660)
    days_before = forms.IntegerField(label=_("Given days before"), min_value=0, max_value=60)
    level_codes = _levels()
    is_active = forms.BooleanField(label=_("In use"), required=False)

    def __init__(self, data: Any = None, *, row: Gift | None = None) -> None:
        super().__init__(data, row=row or Gift(occasion=Gift.Occasion.BIRTHDAY, points=100))


class RewardForm(_LevelChoices):
    """What points can be exchanged for."""

    name = forms.CharField(label=pgettext_lazy("of a reward", "Name"), max_length=40)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[each for each in Reward.Kind.choices if each[0] != Reward.Kind.COUPON]
    )
    points = forms.IntegerField(label=_("Points"), min_value=1)
    note = forms.CharField(label=_("Note"), max_length=120, required=False)
    left_count = forms.IntegerField(
        label=_("How many are left"), required=False, min_value=0, help_text=_("Empty: any number.")
    )
    limit_per_member = forms.IntegerField(label=_("At most per member"), required=False, min_value=1)
    level_codes = _levels()
    from_date = forms.DateField(label=_("First day"), required=False)
    to_date = forms.DateField(label=_("Last day"), required=False)
    is_active = forms.BooleanField(label=_("In use"), required=False)

    def __init__(self, data: Any = None, *, row: Reward | None = None) -> None:
        super().__init__(data, row=row or Reward())
        if row is not None and row.kind == Reward.Kind.COUPON:
            del self.fields["kind"]
