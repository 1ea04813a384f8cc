"""The API asks the same table as the pages; a token may be narrower than its member."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from roles.permissions import require
from roles.second_factor import is_missing

READING = {"GET", "HEAD", "OPTIONS"}


class HasCapability(BasePermission):
    """Lets a token's member do what the viewset's table names for this action, within the token's scopes."""

    def has_permission(self, request: Request, view: Any) -> bool:
        token: Any = request.auth
        if token is None:
            return False
        capability = view.capabilities.get(view.action)
        if capability is None:
            return True  # DRF answers 405 for an action that the viewset does not have
        scopes = set(token.scopes)
        reading = request.method in READING
        if scopes and capability not in scopes and not (reading and "read" in scopes):
            raise PermissionDenied(_("This token's scopes do not include “%s”.") % capability)
        if is_missing(token.member):
            raise PermissionDenied(_("A second factor is asked of this member, who must set one up first."))
        require(token.member, capability)
        return True
