"""How the shapes of the API are called in its schema: by their own names, and by their noun too where two share one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework.serializers import BaseSerializer


class Contract(AutoSchema):
    """Tells shapes of one name apart, so that a client made of the schema does not take one for another."""

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """The name of a shape; `Line` of `listening.api.sources` is `LineOfSources` where there is another `Line`."""
        kind = type(serializer)
        noun = kind.__module__.rpartition(".")[2].title().replace("_", "")
        name = kind.__name__.removesuffix("Serializer")
        return f"{name}Of{noun}" if kind.__name__ in _shared() else name


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
