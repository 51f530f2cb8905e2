"""What is asked about an outcome, and what the merchant decides."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.clienteling.models import OutcomeKind, QueueRules
from dianke.clienteling.operations.outcomes import LEAVE_DAYS, MOST_AHEAD, MOST_LEAVE_DAYS
from dianke.clienteling.operations.rules import MOST_A_DAY, MOST_DAYS, MOST_REST
from dianke.clienteling.queries.rules import InForce
from dianke.clienteling.queries.ways import CHANNELS, LABELS, WECHAT
from dianke.clienteling.rules.reasons import OWN_VARIABLES
from dianke.messaging.forms.words import WordsField
from dianke.messaging.queries.variables import told
from dianke.web.forms import KitForm

BY_HAND = [("", _("Not said")), *[(code, LABELS[code]) for code in (CHANNELS[0], WECHAT)]]
USUALLY = 3  # days ahead, as a beginning
#: What suggested words are told they may hold.
OFFERED = ("salutation", "shop", *OWN_VARIABLES)


class OutcomeForm(KitForm):
    """A day where one was agreed, how long somebody is left alone, and what was said."""

    agreed_date = forms.DateField(label=_("Agreed for"), widget=forms.DateInput(attrs={"type": "date"}))
    rest_days = forms.TypedChoiceField(
        label=_("Leave alone for"),
        coerce=int,
        choices=[
            (30, _("30 days")),
            (LEAVE_DAYS, _("90 days")),
            (180, _("Half a year")),
            (365, _("A year")),
            (MOST_LEAVE_DAYS, _("Two years")),
        ],
        initial=LEAVE_DAYS,
    )
    channel = forms.ChoiceField(label=_("How"), choices=BY_HAND, required=False)
    note = forms.CharField(
        label=_("What was said"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Becomes a note on the customer's page."),
    )
    wide = ("note",)

    def __init__(self, *args: Any, kind: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind in (OutcomeKind.AGAIN, OutcomeKind.VISIT):
            field = self.fields["agreed_date"]
            field.initial = today + timedelta(days=USUALLY)
            field.widget.attrs |= {
                "min": (today + timedelta(days=kind == OutcomeKind.AGAIN)).isoformat(),
                "max": (today + timedelta(days=MOST_AHEAD)).isoformat(),
            }
        else:
            del self.fields["agreed_date"]
        if kind != OutcomeKind.LEAVE:
            del self.fields["rest_days"]


class QueueRulesForm(KitForm):
    day_limit = forms.IntegerField(
        label=_("Customers a day, for each employee"), min_value=1, max_value=MOST_A_DAY
    )
    rest_days = forms.IntegerField(
        label=_("Days somebody is left in peace once reached"),
        min_value=1,
        max_value=MOST_REST,
        help_text=_("Whoever reached them: nobody proposes them to anybody before."),
    )

    def __init__(self, *args: Any, row: QueueRules, **kwargs: Any) -> None:
        kwargs["initial"] = {"day_limit": row.day_limit, "rest_days": row.rest_days}
        super().__init__(*args, **kwargs)


class ReasonForm(KitForm):
    is_on = forms.BooleanField(label=pgettext_lazy("reason to contact", "In use"), required=False)
    days = forms.IntegerField(label=_("Days"), min_value=0, max_value=MOST_DAYS)
    words = WordsField(
        label=_("Suggested words"),
        own=OWN_VARIABLES,
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    wide = ("words",)

    def __init__(self, *args: Any, rule: InForce, **kwargs: Any) -> None:
        kwargs["initial"] = {"is_on": rule.is_on, "days": rule.days, "words": rule.words}
        super().__init__(*args, **kwargs)
        self.fields["words"].help_text = _(
            "%(places)s are filled in. A sentence in which something is missing is left out. Empty: the ready-made "
            "words."
        ) % {"places": "".join(told(f"{{{{ {code} }}}}", OWN_VARIABLES) for code in OFFERED)}
        if rule.reason.days_label:
            self.fields["days"].label = str(rule.reason.days_label)
        else:
            del self.fields["days"]
