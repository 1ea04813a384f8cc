"""What of the calendar is asked for: it stands in the address, so that it can be kept, shared and gone back to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from content.models import Publication
from content.planning import zone_of
from roles.keys import key_in
from roles.tenancy import active_organization

VIEWS = {"month": _("Month"), "week": _("Week"), "list": _("List")}


@dataclass(frozen=True)
class Wanted:
    """A stretch of the calendar and what of it to show; what makes no sense says nothing."""

    view: str = "month"
    day: date | None = None
    channel: int | None = None
    campaign: int | None = None
    department: int | None = None
    state: str = ""
    zone_name: str = ""
    after: int | None = None

    @classmethod
    def read(cls, said: Mapping[str, str]) -> Self:
        """Read the parameters of an address."""
        view, state = said.get("view", ""), said.get("state", "")
        return cls(
            view=view if view in VIEWS else "month",
            day=_day(said.get("from", "")),
            channel=key_in(said.get("channel", "")),
            campaign=key_in(said.get("campaign", "")),
            department=key_in(said.get("department", "")),
            state=state if state in Publication.State.values else "",
            zone_name=_zone(said.get("zone", "")),
            after=key_in(said.get("after", "")),
        )

    @classmethod
    def at_address(cls, address: str) -> Self:
        """Read the address of a page as it stands in the browser."""
        try:
            return cls.read(dict(parse_qsl(urlsplit(address).query)))
        except ValueError:  # no browser writes such an address
            return cls.read({})

    @property
    def zone(self) -> ZoneInfo:
        """In whose time it is shown: in that of the organization, where nobody asked for another."""
        return ZoneInfo(self.zone_name or active_organization().time_zone)

    @property
    def narrows(self) -> bool:
        """Whether it leaves something out."""
        return bool(self.channel or self.campaign or self.department or self.state)

    def as_query(self) -> dict[str, str]:
        """The parameters that say it."""
        said = {
            "view": self.view,
            "from": self.day.isoformat() if self.day else "",
            "channel": str(self.channel or ""),
            "campaign": str(self.campaign or ""),
            "department": str(self.department or ""),
            "state": self.state,
            "zone": self.zone_name,
            "after": str(self.after or ""),
        }
        return {name: value for name, value in said.items() if value}

    def but(self, **changed: Any) -> str:
        """The end of the address of the same with something else; where one had read on to is forgotten."""
        return "?" + urlencode(replace(self, **{"after": None, **changed}).as_query())

    def from_day(self, view: str) -> str:
        """The beginning of the addresses of the same from some day on: the day, as ISO has it, is put behind it."""
        said = self.but(view=view, day=None)
        return f"{said}&from="

    @property
    def all_of_it(self) -> str:
        """The end of the address of the same days without anything left out."""
        return self.but(channel=None, campaign=None, department=None, state="")

    @property
    def choice(self) -> dict[str, int | None]:
        """The keys of what it is narrowed to."""
        return {"channel": self.channel, "campaign": self.campaign, "department": self.department}

    def narrow(self, rows: Any, *, of: str = "variant__") -> Any:
        """Leave out of publications, or with `of=""` of variants, what was not asked for."""
        if self.channel:
            rows = rows.filter(channel=self.channel)
        if self.campaign:
            rows = rows.filter(**{f"{of}piece__campaign": self.campaign})
        if self.department:
            rows = rows.filter(**{f"{of}piece__department": self.department})
        return rows

    def publications(self) -> Any:
        """The publications that it shows, of whatever day."""
        rows = self.narrow(Publication.objects.all())
        return rows.filter(state=self.state) if self.state else rows.on_calendar()


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1971 <= day.year < 2199 else None


def _zone(text: str) -> str:
    try:
        return zone_of(text).key if text else ""
    except ValidationError:
        return ""
