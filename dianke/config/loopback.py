"""Whether a request comes from this very computer: what a demo and an unprotected first start are bound to."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port

from dianke.access.clients import client_ip

#: A request that went through somebody's proxy says so; unless the proxy is ours, we do not know whom it speaks for.
FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP")


def is_local(request: HttpRequest) -> bool:
    """Whether peer and name asked for are both this computer.

    The name counts too: a page of another site whose name points here (DNS rebinding) has our address but not our
    name. Browsers always send one; who sends none (a health check) is judged by the address alone.
    """
    if not settings.DIANKE_PROXY_COUNT and any(request.META.get(name) for name in FORWARDED):
        return False
    ip = client_ip(request)
    if ip is None or not ipaddress.ip_address(ip).is_loopback:
        return False
    host = request.META.get("HTTP_HOST", "")
    name = split_domain_port(host)[0].strip("[]")
    if not host or name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
