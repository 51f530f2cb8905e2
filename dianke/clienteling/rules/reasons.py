"""Why somebody is contacted: what each reason is called, how much it weighs, which words are suggested, and how far its
days reach. docs/algorithms/clienteling.md tells the same with a worked table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Reason:
    """`base` is its weight, `days` how far it reaches unless the merchant says otherwise, `days_label` what these days
    are (empty: none are asked for). `purpose` is that of consent, as messages have it."""

    code: str
    label: Text
    base: int
    purpose: str
    words: Text
    days: int = 0
    days_label: Text = ""


REASONS: Mapping[str, Reason] = {
    row.code: row
    for row in (
        Reason(
            "AGAIN",
            pgettext_lazy("reason to contact", "Call again as agreed"),
            100,
            "SERVICE",
            _(
                "Hello {{ salutation }}, this is {{ me }} of {{ shop }}. We agreed that I would call again today."
            ),
        ),
        Reason(
            "QUOTE",
            pgettext_lazy("reason to contact", "Quote open"),
            70,
            "SERVICE",
            _(
                "Hello {{ salutation }}, this is {{ me }} of {{ shop }}. Have you had a look at the quote of "
                "{{ date }}? I am glad to change whatever does not suit you yet."
            ),
            2,
            _("Days since the quote, at least"),
        ),
        Reason(
            "DATE",
            pgettext_lazy("reason to contact", "A day to congratulate"),
            60,
            "CARE",
            _(
                "Hello {{ salutation }}, this is {{ me }} of {{ shop }}. {{ occasion }} on {{ date }}: "
                "all the best to you and your family!"
            ),
            7,
            _("Days before"),
        ),
        Reason(
            "CARD",
            pgettext_lazy("reason to contact", "Session card ends"),
            58,
            "SERVICE",
            _(
                "Hello {{ salutation }}, this is {{ me }} of {{ shop }}. Your card still holds {{ count }} sessions, "
                "to be used by {{ date }}. Which day suits you? I will keep a place."
            ),
            30,
            _("Days before"),
        ),
        Reason(
            "BALANCE",
            pgettext_lazy("reason to contact", "Credit expires"),
            57,
            "SERVICE",
            _(
                "Hello {{ salutation }}, this is {{ me }} of {{ shop }}. {{ count }} of the credit we gave you is "
                "valid until {{ date }}. I should be sorry if it were lost to you."
            ),
            30,
            _("Days before"),
        ),
        Reason(
            "POINTS",
            pgettext_lazy("reason to contact", "Points expire"),
            55,
            "SERVICE",
            _(
                "Hello {{ salutation }}, this is {{ me }} of {{ shop }}. {{ count }} of your points are valid until "
                "{{ date }}; they count as money at your next purchase."
            ),
            30,
            _("Days before"),
        ),
        Reason(
            "SLIPPING",
            pgettext_lazy("reason to contact", "Slipping away"),
            50,
            "MARKETING",
            _(
                "Hello {{ salutation }}, this is {{ me }} of {{ shop }}. We have not seen you for a while, and "
                "thought of you. {{ product }} has come in, which may be to your taste."
            ),
        ),
        Reason(
            "THANKS",
            pgettext_lazy("reason to contact", "After the purchase"),
            45,
            "CARE",
            _(
                "Hello {{ salutation }}, this is {{ me }} of {{ shop }}. How do you like what you bought on "
                "{{ date }}? Should anything not be as you wish, tell me at any time."
            ),
            3,
            _("Days after"),
        ),
        Reason(
            "DUE",
            pgettext_lazy("reason to contact", "Due again"),
            40,
            "MARKETING",
            _(
                "Hello {{ salutation }}, this is {{ me }} of {{ shop }}. It is about time again. "
                "{{ product }} is here; shall I put it aside for you?"
            ),
            3,
            _("Days before or after"),
        ),
        Reason(
            "NEW",
            pgettext_lazy("reason to contact", "First week"),
            35,
            "MARKETING",
            _(
                "Hello {{ salutation }}, this is {{ me }} of {{ shop }}. It was good to meet you. Whatever you would "
                "like to know, ask me. {{ product }} is liked by many here."
            ),
            7,
            _("Days since the first visit, at most"),
        ),
    )
}

#: Variables a reason fills by itself, beside those messages know, and what each is called.
OWN_VARIABLES: Mapping[str, Text] = {
    "me": pgettext_lazy("variable", "My name"),
    "occasion": pgettext_lazy("variable", "Occasion"),
    "count": pgettext_lazy("variable", "Number"),
    "date": pgettext_lazy("variable", "Date"),
    "product": pgettext_lazy("variable", "Product"),
}
MOST_URGENT = 14
MORE_REASON, MOST_MORE = 5, 10
#: So many times the usual interval means slipping away, and so many that the customer is gone.
SLIPS_AFTER, GONE_AFTER = Decimal("1.5"), Decimal(4)


def urgency(facts: Mapping[str, Any]) -> int:
    """What a near end adds: 14 on the day itself, 2 less for each day left. Slipping away: 10 for each further
    interval that passed."""
    if "left" in facts:
        return max(0, MOST_URGENT - 2 * abs(int(facts["left"])))
    if "interval" in facts:
        over = Decimal(facts["days"]) / Decimal(facts["interval"]) - SLIPS_AFTER
        return min(MOST_URGENT, int(10 * over))
    return 0


@dataclass(frozen=True, slots=True)
class Weighed:
    """`reasons` with the main one first; `parts` add up to `weight`."""

    reasons: Sequence[tuple[str, Mapping[str, Any]]]
    parts: Sequence[tuple[str, int]]

    @property
    def weight(self) -> int:
        return sum(points for _part, points in self.parts)


def weigh(reasons: Sequence[tuple[str, Mapping[str, Any]]], *, money_score: int = 0) -> Weighed:
    """Why somebody comes before somebody else: the heaviest reason, how urgent it is, how much the customer buys (2 for
    each score of money), 5 for each further reason, 10 at most."""
    ordered = sorted(
        reasons, key=lambda each: (-REASONS[each[0]].base - urgency(each[1]), -REASONS[each[0]].base, each[0])
    )
    code, facts = ordered[0]
    parts = [("REASON", REASONS[code].base), ("URGENT", urgency(facts)), ("VALUE", 2 * money_score)]
    parts.append(("MORE", min(MOST_MORE, MORE_REASON * (len(ordered) - 1))))
    return Weighed(ordered, [part for part in parts if part[1]])
