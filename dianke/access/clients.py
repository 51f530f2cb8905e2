"""What is known about the other end of a request: its address and its browser, and how to say them to people."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Client:
    """Address (None when unknown) and user agent (cut at 300 characters) of a request."""

    ip: str | None = None
    user_agent: str = ""


def client_of(request: HttpRequest) -> Client:
    """The client of a request, as the tables of this room keep it."""
    return Client(ip=client_ip(request), user_agent=request.META.get("HTTP_USER_AGENT", "")[:300])


def client_ip(request: HttpRequest) -> str | None:
    """The peer's address; behind our own proxies the one the outermost of them saw.

    Only the last `DIANKE_PROXY_COUNT` entries of X-Forwarded-For were written by our proxies; whatever stands
    before them was sent by the client and is never believed.
    """
    address = request.META.get("REMOTE_ADDR", "")
    count = settings.DIANKE_PROXY_COUNT
    if count:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if len(hops) >= count:
            address = hops[-count]
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None


def describe_address(ip: str | None) -> str:
    """Address with what kind of place it is: this computer, the shop's network, the internet."""
    if not ip:
        return str(_("unknown address"))
    address = ipaddress.ip_address(ip)
    if address.is_loopback:
        return str(_("this computer"))
    if address.is_private:
        return str(_("shop network %(ip)s")) % {"ip": ip}
    return ip


# Order matters: browsers of apps also say Chrome or Safari, Edge also says Chrome, Chrome also says Safari.
_BROWSERS = (
    ("MicroMessenger", _("WeChat")),
    ("DingTalk", _("DingTalk")),
    ("Lark", _("Feishu")),
    ("AlipayClient", _("Alipay")),
    ("HuaweiBrowser", _("Huawei Browser")),
    ("MiuiBrowser", _("Mi Browser")),
    ("QQBrowser", _("QQ Browser")),
    ("UCBrowser", _("UC Browser")),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("OpenHarmony", "HarmonyOS"),
    ("HarmonyOS", "HarmonyOS"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def describe_browser(user_agent: str) -> str:
    """Browser and system in two words ("Chrome · Windows"), as far as the user agent admits them."""
    browser = str(next((name for mark, name in _BROWSERS if mark in user_agent), ""))
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return " · ".join(part for part in (browser, system) if part) or str(_("unknown device"))
