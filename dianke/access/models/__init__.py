"""Who signs in, with what, from where: people and roles, sign-ins and sessions, shared tills, API keys, reviews."""

from dianke.access.models.keys import ApiKey
from dianke.access.models.people import Role, User
from dianke.access.models.policy import PermissionReview, RateCount, SignInPolicy
from dianke.access.models.signins import PasswordTicket, Session, SignIn
from dianke.access.models.tills import Device, Pin, TillPerson

__all__ = [
    "ApiKey",
    "Device",
    "PasswordTicket",
    "PermissionReview",
    "Pin",
    "RateCount",
    "Role",
    "Session",
    "SignIn",
    "SignInPolicy",
    "TillPerson",
    "User",
]
