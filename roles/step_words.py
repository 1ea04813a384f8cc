"""Steps in words: who is asked, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from roles.models import AskedStep, Member, Needs, Role
from roles.wording import in_a_sentence, listed


def keys_in(step: AskedStep) -> list[int]:
    """The keys of everybody whom a step asks, or means where somebody stands in."""
    return [*step.member_ids, *(int(name) for name in step.instead if name.isdecimal())]


def names_of(keys: Any) -> dict[int, str]:
    """The names of members by key."""
    wanted = set(keys)
    if not wanted:
        return {}
    return {member.pk: str(member) for member in Member.objects.filter(pk__in=wanted).select_related("user")}


def who_is_asked(step: Any, names: dict[int, str]) -> str:
    """Who is asked in a step, as one says it: “any of Coach, Wen”; whoever stands in with for whom."""
    whose: dict[int, list[str]] = {}
    for name, key in getattr(step, "instead", {}).items():
        whose.setdefault(key, []).append(names.get(int(name), "?") if name.isdecimal() else str(Role(name).label))
    people = [_for_whom(names.get(key, "?"), whose.get(key)) for key in step.member_ids]
    outside = [_("%(name)s (outside)") % {"name": name} for name in getattr(step, "outside_names", ())]
    named = [str(Role(role).label) for role in step.roles] + people + outside
    if len(named) == 1 and not step.roles:
        return named[0]
    if len(named) == 1:
        return _("any %(role)s") % {"role": in_a_sentence(named[0])}
    how = _("each of") if step.needs == Needs.ALL else _("any of")
    return f"{how} {listed(named)}"


def _for_whom(name: str, others: Sequence[str] | None) -> str:
    return _("%(name)s (for %(others)s)") % {"name": name, "others": listed(others)} if others else name
