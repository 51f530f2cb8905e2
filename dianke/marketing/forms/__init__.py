"""The four steps of a campaign: to whom, what they get, what they read, when."""

from dianke.marketing.forms.steps import AudienceForm, MessageForm, OfferForm, ScheduleForm, StepForm

__all__ = ["AudienceForm", "MessageForm", "OfferForm", "ScheduleForm", "StepForm"]
