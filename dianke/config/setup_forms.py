"""The questions of the first start, one form each. They ask little and guess much."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from dianke.access.forms import PASSWORD_HINT, SHOW
from dianke.access.rules import MAX_LENGTH
from dianke.config.presets import presets
from dianke.core.names import pinyin_tokens
from dianke.stores.forms import CURRENCIES
from dianke.web.forms import KitForm

#: Where a store may stand: code -> (name, what follows from it, currency, zone).
PLACES: dict[str, tuple[Any, Any, str, str]] = {
    "CN": (_("Mainland China"), _("Renminbi, Beijing time"), "CNY", "Asia/Shanghai"),
    "HK": (_("Hong Kong, China"), _("Hong Kong dollar"), "HKD", "Asia/Hong_Kong"),
    "MO": (_("Macau, China"), _("Macau pataca"), "MOP", "Asia/Macau"),
    "TW": (_("Taiwan, China"), _("New Taiwan dollar"), "TWD", "Asia/Taipei"),
    "SG": (_("Singapore"), _("Singapore dollar"), "SGD", "Asia/Singapore"),
    "MY": (_("Malaysia"), _("Ringgit"), "MYR", "Asia/Kuala_Lumpur"),
    "OTHER": (_("Somewhere else"), _("Choose currency and time zone yourself"), "", ""),
}
#: What a browser's language says about where it stands.
GUESSES = (
    ("zh-hk", "HK"),
    ("zh-mo", "MO"),
    ("zh-tw", "TW"),
    ("zh-sg", "SG"),
    ("en-sg", "SG"),
    ("ms", "MY"),
    ("en-my", "MY"),
)
MORE_CURRENCIES = [
    "MYR",
    "JPY",
    "KRW",
    "THB",
    "VND",
    "PHP",
    "IDR",
    "AUD",
    "NZD",
    "CAD",
    "GBP",
    "EUR",
    "CHF",
    "AED",
]


def guess_place(accept_language: str) -> str:
    """The likeliest place of who asks with this `Accept-Language`; mainland China when it says nothing."""
    first = accept_language.lower().split(",")[0].strip()
    return next((place for start, place in GUESSES if first.startswith(start)), "CN")


def suggest_username(name: str) -> str:
    """A sign-in name for a person: the name in pinyin, or its letters; "admin" when nothing is left."""
    spelled = pinyin_tokens(name).full
    letters = re.sub(r"[^a-z0-9]", "", (spelled[0] if spelled else name).lower())
    return letters[:32] or "admin"


def suggest_store_code(name: str) -> str:
    """A short code for a store: the initials of its name and a number, such as LSMR01."""
    initials = pinyin_tokens(name).initials
    letters = re.sub(r"[^A-Z]", "", (initials[0] if initials else name).upper())
    return f"{letters[:4] or 'S'}01"


class NameForm(KitForm):
    merchant = forms.CharField(
        label=_("What is your business called?"),
        max_length=80,
        help_text=_("As customers know you; shown on receipts. You can change it any time."),
        widget=forms.TextInput(
            attrs={
                "autofocus": True,
                "autocomplete": "organization",
                "class": "form-control form-control-big",
            }
        ),
    )
    wide = ("merchant",)


class TradeForm(KitForm):
    trade = forms.ChoiceField(
        label=_("What do you sell?"),
        choices=lambda: [(preset.trade, str(preset.label)) for preset in presets().values()],
        widget=forms.RadioSelect,
        help_text=_("Each store may have a trade of its own later; modules can be switched at any time."),
    )


class LanguageForm(KitForm):
    language = forms.ChoiceField(
        label=_("Which language does your team work in?"),
        choices=settings.LANGUAGES,
        widget=forms.RadioSelect,
        help_text=_("Everybody may choose another one for themselves."),
    )


class PlaceForm(KitForm):
    place = forms.ChoiceField(
        label=_("Where is your shop?"),
        choices=[(code, row[0]) for code, row in PLACES.items()],
        widget=forms.RadioSelect,
        help_text=_("The currency stays once amounts are kept in it."),
    )
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
        currencies = [*CURRENCIES, *((code, code) for code in MORE_CURRENCIES)]
        self.fields["currency"].choices = [("", "—"), *currencies]  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = [("", "—"), *((zone, zone) for zone in zones)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("place") in PLACES and data["place"] != "OTHER":
            _name, _note, data["currency"], data["time_zone"] = PLACES[data["place"]]
        elif data.get("place") == "OTHER":
            for name in ("currency", "time_zone"):
                if not data.get(name):
                    self.add_error(name, _("Please choose one."))
        return data


class StoreForm(KitForm):
    store = forms.CharField(
        label=_("What is your first store called?"),
        max_length=60,
        help_text=_("With its place, if there will be several: “Xinhe Road store”."),
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    store_code = forms.CharField(
        label=_("Code of the store"),
        max_length=12,
        required=False,
        help_text=_("Short and lasting; begins order numbers. Leave it to us if you like."),
        widget=forms.TextInput(
            attrs={"data-suggest": "store", "autocapitalize": "characters", "autocomplete": "off"}
        ),
    )
    wide = ("store", "store_code")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["store_code"] = (data.get("store_code") or "").strip().upper()
        if data.get("store") and not data["store_code"]:
            data["store_code"] = suggest_store_code(data["store"])
        if not re.fullmatch(r"[A-Z0-9-]{1,12}", data["store_code"] or "-"):
            self.add_error("store_code", _("Use letters, digits and - only, for instance SH01."))
        return data


class AccountForm(KitForm):
    person = forms.CharField(
        label=_("Your name"),
        max_length=80,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "name"}),
    )
    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=64,
        required=False,
        help_text=_("Left empty, it is your name in pinyin."),
        widget=forms.TextInput(
            attrs={
                "data-suggest": "person",
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4 * MAX_LENGTH,
        help_text=PASSWORD_HINT,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "new-password", "data-shown": SHOW, "data-private": "1"}
        ),
    )
    wide = ("person", "username", "password")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["username"] = (data.get("username") or "").strip()
        if data.get("person") and not data["username"]:
            data["username"] = suggest_username(data["person"])
        return data


FORMS: dict[str, type[KitForm]] = {
    "name": NameForm,
    "trade": TradeForm,
    "language": LanguageForm,
    "place": PlaceForm,
    "store": StoreForm,
    "account": AccountForm,
}
