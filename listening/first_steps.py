"""What a new organization does first in listening."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from listening.models import Mention, Source, TrackingQuery
from roles.setting_up import SetUpStep

STEPS = (
    SetUpStep(
        "query", 30, _("What to listen for"),
        _("A tracking query with your name. You see what it would have found before you save it."),
        "listening:add_query", _("Write a query"), "listening.manage_queries", (TrackingQuery.objects.all,),
    ),
    SetUpStep(
        "source", 40, _("Where to listen"),
        _("A feed, a site or the practice field: one is enough to hear something."),
        "listening:sources", _("Add a source"), "listening.manage_sources", (Source.objects.all,),
    ),
    SetUpStep(
        "heard", 45, _("The first mention"),
        _("As soon as a source brings what a query asks for, it stands in the stream."),
        "listening:stream", _("Open the stream"), "listening.triage", (Mention.objects.all,),
    ),
)  # fmt: skip
