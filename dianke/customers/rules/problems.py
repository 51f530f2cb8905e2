"""What can be wrong with an entry, each said so that the person can put it right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput


class EntryProblems(InvalidInput):
    """Everything that is wrong with an entry: `errors` by field. Reads as the first of them."""

    code = "entry_problems"
    message = _("Something entered here is not right. Please check it and try again.")

    errors: dict[str, InvalidInput]

    def __init__(self, errors: Mapping[str, InvalidInput] | None = None, **more: Any) -> None:
        self.errors = dict(errors or {})
        super().__init__(field=next(iter(self.errors), None), **({} if self.errors else more))

    def __str__(self) -> str:
        return str(next(iter(self.errors.values()))) if self.errors else super().__str__()


class NothingEntered(InvalidInput):
    code = "nothing_entered"
    message = _("Enter at least a name or a phone number.")
    default_field = "name"


class FieldMissing(InvalidInput):
    code = "field_missing"
    message = _("Please fill this in; the shop asks for it.")


class FieldTooShort(InvalidInput):
    code = "field_too_short"
    message = _("This needs at least %(limit)s characters.")


class FieldTooLong(InvalidInput):
    code = "field_too_long"
    message = _("This is too long: at most %(limit)s characters.")


class FieldNotInPattern(InvalidInput):
    code = "field_not_in_pattern"
    message = _("This does not look right. %(hint)s")


class NameSaysNothing(InvalidInput):
    code = "name_says_nothing"
    message = _("“%(name)s” does not say who it is. Enter the name, or leave it empty.")
    default_field = "name"


class NotAName(InvalidInput):
    code = "not_a_name"
    message = _("“%(name)s” is not a name. Was it meant for another field?")
    default_field = "name"


class PhoneSaysNothing(InvalidInput):
    code = "phone_says_nothing"
    message = _("%(phone)s stands for “no number”. Leave the phone empty instead.")
    default_field = "phone"


class PhoneIsOurs(InvalidInput):
    code = "phone_is_ours"
    message = _("%(phone)s is a number of the shop itself. Enter the customer's own, or leave it empty.")
    default_field = "phone"


class NotAnEmail(InvalidInput):
    code = "not_an_email"
    message = _("“%(text)s” is not an email address. It looks like name@example.com.")
    default_field = "email"


class NotAnIdentifier(InvalidInput):
    code = "not_an_identifier"
    message = _("“%(text)s” has characters that do not occur in such an account.")


class GenderUnknown(InvalidInput):
    code = "gender_unknown"
    message = _("“%(text)s” is not among the choices. Choose female, male, or leave it empty.")
    default_field = "gender"


class KindUnknown(InvalidInput):
    code = "customer_kind_unknown"
    message = _("A customer is a person or a company.")
    default_field = "kind"


class GuardianMissing(InvalidInput):
    code = "guardian_missing"
    message = _("Under 14, a parent or guardian has to agree. Enter who agreed.")
    default_field = "guardian"


class SensitiveNotAgreed(InvalidInput):
    code = "sensitive_not_agreed"
    message = _(
        "Health and other sensitive details are kept only with the customer's own consent to it (SENSITIVE). "
        "Ask the customer and note the consent, or leave this empty."
    )
    default_field = "sensitive"


class ConsentUnknown(InvalidInput):
    code = "consent_unknown"
    message = _("There is no consent for “%(what)s”.")
    default_field = "consents"


class TooMuch(InvalidInput):
    code = "entry_too_much"
    message = _("That is too much at once: at most %(limit)s.")
