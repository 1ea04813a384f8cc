"""Filters in the address of a list, checked before they are used."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request


class Filter(serializers.Serializer[Any]):
    """What a list may be narrowed to; every field is optional."""

    @classmethod
    def of(cls, request: Request) -> dict[str, Any]:
        """Return the filters that the address names; raises a validation error for what makes no sense."""
        said = cls(data=request.query_params.dict())
        said.is_valid(raise_exception=True)
        found: dict[str, Any] = said.validated_data
        return found
