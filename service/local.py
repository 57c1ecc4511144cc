"""Whether a call was made on this machine."""

from __future__ import annotations

import ipaddress

from starlette.requests import Request

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


def is_local(request: Request, host: str) -> bool:
    """Whether the call was made on this machine: the service listens on `host` or was reached at loopback.

    What a proxy handed on was made elsewhere, whatever its address says.
    """
    if any(name in request.headers for name in FORWARDED):
        return False
    return is_loopback(host) or is_loopback(request.client.host if request.client else "")


def is_loopback(address: str) -> bool:
    """Whether an address or host name is this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"
