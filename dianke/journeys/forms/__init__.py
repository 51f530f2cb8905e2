"""Forms of the room."""

from dianke.journeys.forms.care import CareForm
from dianke.journeys.forms.plans import BeginForm, StepForm

__all__ = ["BeginForm", "CareForm", "StepForm"]
