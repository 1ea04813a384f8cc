"""The part of everything that a report, or one of its blocks, tells of: kept as keys, said in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content.models import Campaign
from listening.models import Topic, TrackingQuery
from listening.networks import all_networks, label_of
from roles.models import Department
from roles.wording import listed

Only = Mapping[str, Any]
NETWORK = "network"
# By what it may be narrowed, in the order in which it is said: the rows it is chosen among, and the words for one.
_MODELS: Mapping[str, tuple[Any, str | Promise]] = {
    "department": (Department, gettext_lazy("the department %(name)s")),
    "query": (TrackingQuery, gettext_lazy("the tracking query “%(name)s”")),
    "topic": (Topic, gettext_lazy("the topic “%(name)s”")),
    "campaign": (Campaign, gettext_lazy("the campaign “%(name)s”")),
}
PARTS = (*_MODELS, NETWORK)


@dataclass(frozen=True)
class Names:
    """What the parts that some reports tell of are called; asked once for all of them."""

    known: Mapping[tuple[str, Any], str]

    @classmethod
    def of(cls, all_of_them: Iterable[Only]) -> Names:
        """Look up whatever is named in them."""
        wanted: dict[str, set[Any]] = {}
        for only in all_of_them:
            for part, key in only.items():
                wanted.setdefault(part, set()).add(key)
        known = {(NETWORK, key): label_of(key) for key in wanted.pop(NETWORK, ())}
        for part, keys in wanted.items():
            rows = _MODELS[part][0].objects.filter(pk__in=list(keys)).values_list("pk", "name")
            known |= {(part, key): name for key, name in rows}
        return cls(known)

    def of_part(self, only: Only) -> Named:
        """One of them in words."""
        return Named([(part, self.known.get((part, only[part]))) for part in PARTS if part in only])


@dataclass(frozen=True)
class Named:
    """A part in words; None is what was removed meanwhile, of which nothing can be told any more."""

    parts: Sequence[tuple[str, str | None]]

    @property
    def is_gone(self) -> bool:
        """Whether something of it was removed: to tell of all instead would tell something else."""
        return any(name is None for _part, name in self.parts)

    @property
    def short(self) -> str:
        """Its names alone; empty where it is everything."""
        return listed(name or _("removed") for _part, name in self.parts)

    @cached_property
    def sentence(self) -> str:
        """Say of what it tells; empty where it is everything."""
        if not self.parts:
            return ""
        if self.is_gone:
            return _("It was about a part that has been removed, so there is nothing to show.")
        words = [str(_MODELS[part][1]) % {"name": name} if part in _MODELS else str(name) for part, name in self.parts]
        if len(words) == 1:
            return _("This is shown for %(part)s alone.") % {"part": words[0]}
        told = {"parts": listed(words[:-1]), "last": words[-1]}
        return _("This shows only what belongs to %(parts)s and %(last)s at once.") % told


def clean_only(only: Mapping[str, Any] | None) -> dict[str, Any]:
    """Keep what is chosen; refuse what there is not, and what can never be told at once."""
    kept: dict[str, Any] = {}
    for part, key in (only or {}).items():
        if part not in PARTS:
            raise ValidationError(_("A report cannot be narrowed by “%(part)s”.") % {"part": part})
        if key in {None, ""}:
            continue
        if part == NETWORK:
            if key not in {network.name for network in all_networks()}:
                raise ValidationError(_("There is no such network."))
            kept[part] = str(key)
            continue
        row = key if isinstance(key, _MODELS[part][0]) else _row(part, key)
        kept[part] = row.pk
    heard, said = {"query", "topic"} & kept.keys(), {"department", "campaign"} & kept.keys()
    if (heard and said) or len(heard) > 1:
        raise ValidationError(_(
            "That would show nothing: what is heard belongs to a query or a topic, what is answered and "
            "published to a department, and only what is published to a campaign."
        ))  # fmt: skip
    return kept


def _row(part: str, key: Any) -> Any:
    row = _MODELS[part][0].objects.filter(pk=key).first() if isinstance(key, int) else None
    if row is None:
        raise ValidationError(_("There is no such %(part)s.") % {"part": part})
    return row


def both(first: Only, second: Only) -> dict[str, Any]:
    """A part of a part; where both say the same of it, the second does."""
    return {**first, **second}


def choices() -> list[tuple[Any, Any]]:
    """All single parts, each by what it is narrowed: “department-7”."""
    groups: list[tuple[Any, Any]] = []
    labels = {
        "department": _("Department"), "query": _("Tracking query"), "topic": _("Topic"), "campaign": _("Campaign"),
    }  # fmt: skip
    for part, label in labels.items():
        rows = _MODELS[part][0].objects.order_by("name").values_list("pk", "name")
        if found := [(f"{part}-{key}", name) for key, name in rows]:
            groups.append((label, found))
    return [*groups, (_("Network"), [(f"{NETWORK}-{name}", label) for name, label in networks_by_label()])]


def networks_by_label() -> list[tuple[str, str]]:
    """All networks by what they are called."""
    return sorted(((one.name, label_of(one.name)) for one in all_networks()), key=lambda pair: pair[1].lower())


def chosen(value: str) -> dict[str, Any]:
    """What one of these choices stands for."""
    part, _dash, key = value.partition("-")
    if part not in PARTS:
        return {}
    return {part: key if part == NETWORK else int(key)}


def as_choice(only: Only) -> str:
    """The choice that stands for a single part."""
    return next((f"{part}-{key}" for part, key in only.items()), "")
