"""How the API is described: shapes by their own names, by their noun too where two share one, and each refusal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import is_list_serializer
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.serializers import BaseSerializer

# What a program is told where something was not done, by status.
REFUSALS = {
    "400": "What was sent does not fit; `errors` says why, by field.",
    "401": "There is no token, or it is not valid.",
    "403": "This member, or this token, may not do that.",
    "404": "There is no such row here.",
    "409": "The row is not in a state in which this can be done.",
    "415": "The body is not JSON.",
    "429": "Too often; `Retry-After` says for how many seconds to wait.",
}
WRITING = {"POST", "PUT", "PATCH", "DELETE"}
URL = serializers.URLField
BLANK = (serializers.ChoiceField, URL)


class Contract(AutoSchema):
    """Tells shapes of one name apart, so that a client made of the schema does not take one for another."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        problem = OpenApiResponse(RefusalSerializer)
        for status in self._refused():
            said = self._get_response_for_code(problem, status, ["application/problem+json"], direction)  # type: ignore[no-untyped-call]
            bodies.setdefault(status, {**said, "description": REFUSALS[status]})
        return bodies

    def _refused(self) -> list[str]:
        is_writing = self.method in WRITING
        # A cursor that leads nowhere is a 404 too, and so is a row that is asked for by a parameter.
        asked = any(isinstance(one, OpenApiParameter) and one.location == "query" for one in self._overridden())
        sent = {"404": "{" in self.path or self._is_list_view() or asked, "409": is_writing, "415": is_writing}
        return [status for status in REFUSALS if sent.get(status, True)]

    def _overridden(self) -> list[Any]:
        return list(self.get_override_parameters())

    def _is_list_view(self, serializer: Any = None) -> bool:
        # What answers a `list` of its own says itself whether it is several; a policy is there once.
        if getattr(self.view, "action", "") == "list" and not isinstance(self.view, ListModelMixin):
            said = serializer or self.get_response_serializers()
            said = said[min(said, key=str)] if isinstance(said, dict) and said else said
            return bool(is_list_serializer(said))
        return bool(super()._is_list_view(serializer))

    def _get_paginator(self) -> Any:
        # What was changed comes back whole.
        return None if self.method in WRITING else super()._get_paginator()  # type: ignore[no-untyped-call]

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        if field.read_only and isinstance(field, BLANK):
            # What is only read is not told by its serializer that it may be empty.
            field.allow_blank = field.allow_blank or _may_be_empty(field)
        shape = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        if isinstance(field, serializers.TimeField) or (isinstance(field, URL) and field.allow_blank):
            # The hour of a wall clock has no zone, as `time` asks for; and nothing is no address.
            shape = {name: said for name, said in shape.items() if name != "format"}
        return shape

    def _insert_field_validators(self, field: Any, schema: Any) -> None:
        super()._insert_field_validators(field, schema)  # type: ignore[no-untyped-call]
        if "pattern" in schema and _may_say_nothing(field):
            # The end of an address is of some letters, or there is none.
            schema["pattern"] = f"^$|{schema['pattern']}"

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """The name of a shape; `Line` of `listening.api.sources` is `LineOfSources` where there is another `Line`."""
        kind = type(serializer)
        noun = kind.__module__.rpartition(".")[2].title().replace("_", "")
        name = kind.__name__.removesuffix("Serializer")
        return f"{name}Of{noun}" if kind.__name__ in _shared() else name


class RefusalSerializer(serializers.Serializer[Any]):
    """Why something was not done (RFC 9457); some say more."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What to do, in a sentence.")
    errors: Any = serializers.DictField(
        required=False, help_text="Where what was sent does not fit: sentences, by field."
    )


def _may_say_nothing(field: Any) -> bool:
    if not field.read_only:
        return bool(getattr(field, "allow_blank", False))
    return hasattr(getattr(field.parent, "Meta", None), "model") and _may_be_empty(field)


def _may_be_empty(field: Any) -> bool:
    columns = {column.name: column for column in getattr(field.parent.Meta.model, "_meta").concrete_fields}  # noqa: B009
    return bool(getattr(columns.get(field.source), "blank", False))


@cache
def _shared() -> frozenset[str]:
    """The names that several shapes have; every view is loaded by the time that a schema is asked for."""
    named = Counter(name for name, _module in {(kind.__name__, kind.__module__) for kind in _shapes(BaseSerializer)})
    return frozenset(name for name, times in named.items() if times > 1)


def _shapes(above: type[Any]) -> Iterator[type[Any]]:
    kind: type[Any]
    for kind in above.__subclasses__():
        if ".api." in kind.__module__:
            yield kind
        yield from _shapes(kind)
