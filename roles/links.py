"""Whole addresses for what leaves the house: e-mails, exports, other people's programs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import get_script_prefix, reverse, set_script_prefix

from roles.tenancy import active_organization


def inside_address(name: str, *args: Any) -> str:
    """Return the full address of a page of the active organization, for its members."""
    return inside(root_path(name, *args))


def inside(path: str) -> str:
    """Return the full address of a path below the active organization."""
    return f"{settings.SITE_URL}/o/{active_organization().slug}{path}"


def outside_address(name: str, *args: Any) -> str:
    """Return a page's full address as SITE_URL says, whatever host or organization the request came by."""
    return f"{settings.SITE_URL}{root_path(name, *args)}"


def reply_address(token: str) -> str:
    """Return the address at which a reply with this token is received; empty where none is received."""
    local, at, host = settings.INBOUND_MAIL_ADDRESS.rpartition("@")
    return f"{local}+{token}@{host}" if at and local else ""


def root_path(name: str, *args: Any) -> str:
    """Return a page's path without the organization that the request came for."""
    prefix = get_script_prefix()
    set_script_prefix("/")
    try:
        return reverse(name, args=args)
    finally:
        set_script_prefix(prefix)
