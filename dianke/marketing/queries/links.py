"""The tracked link of a member: short, signed, and without anything personal in it."""

from __future__ import annotations

from django.core.signing import Signer, b62_decode, b62_encode
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from dianke.marketing.models import Member
from dianke.web.addresses import site_address

_SALT = "dianke.marketing.link"
_SIGN = 10


def link_token(member_id: int) -> str:
    """The number of the member and ten characters (60 bits) that only this merchant's key makes."""
    return b62_encode(member_id) + _sign(member_id)


def tracked_link(member_id: int) -> str:
    """The address that stands in a message; a campaign with a link is handed in only where `site_address` is known."""
    return site_address() + reverse("marketing:link", args=[link_token(member_id)])


def member_of_link(token: str) -> Member | None:
    """Whose link it is; None for one that is not ours."""
    number, sign = token[:-_SIGN], token[-_SIGN:]
    try:
        member_id = b62_decode(number)
    except (ValueError, IndexError):
        return None
    if member_id <= 0 or not constant_time_compare(sign, _sign(member_id)):
        return None
    found: Member | None = Member.objects.select_related("campaign").filter(pk=member_id).first()
    return found


def _sign(member_id: int) -> str:
    return Signer(salt=_SALT).signature(str(member_id))[:_SIGN]
