"""What templates ask of a journey: the variables that come with the message."""

from __future__ import annotations

from collections.abc import Mapping

from dianke.messaging.models import Template
from dianke.messaging.queries.variables import given_codes, known_codes
from dianke.messaging.rules.words import read_wording

OF_COUPON = frozenset({"coupon", "coupon_code"})
FESTIVAL = "festival"
#: What a journey can give, by what it takes to have it.
GIVEN: Mapping[str, str] = {
    "coupon": "coupon",
    "coupon_code": "coupon",
    "date": "anchor",
    FESTIVAL: "festival",
}


def given_in(template: Template) -> set[str]:
    """The variables of its words that somebody has to bring along."""
    texts = (template.subject, template.body)
    used = {name for text in texts for name in read_wording(text, known_codes()).variables}
    return used & given_codes()
