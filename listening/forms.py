"""Forms of listening."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from listening import opml
from listening.matching import QueryError, parse
from listening.models import Connection, PracticeAccount, PracticePost, Source, TrackingQuery
from listening.networks import all_networks, can
from listening.networks.practice.parse import POST_LIMIT, count
from listening.networks.protocols import Reads
from listening.searching.places import at_the_place
from listening.source_querysets import SourceQuerySet
from listening.translating import translated
from roles.keys import key_in
from roles.models import Department
from roles.wording import labelled

PLACE_HELP = "#id_place_helptext"


class PracticePostForm(forms.Form):
    """Something that one of the cast says."""

    account = forms.ModelChoiceField(
        label=_("As"), queryset=PracticeAccount.objects.order_by("is_ours", "name"), empty_label=None
    )
    text = forms.CharField(
        label=_("Text"), widget=forms.Textarea(attrs={"rows": 3, "maxlength": 1000, "dir": "auto"}), max_length=1000
    )
    in_reply_to = forms.ModelChoiceField(
        queryset=PracticePost.objects.filter(removed_at=None), required=False, widget=forms.HiddenInput
    )

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"]).strip()
        if count(text) > POST_LIMIT:
            raise forms.ValidationError(_("At most %(limit)s characters fit into a post.") % {"limit": POST_LIMIT})
        return text


def _what_a_place_is(networks: Sequence[Any], *, chosen: str) -> SafeString:
    """What is typed as a place of the chosen network; without scripts of every network, one a line."""
    places = [(one.name, one.label, getattr(one, "places", "")) for one in networks]
    said = {name: labelled(translated(label), translated(words)) for name, label, words in places if words}
    every = format_html_join("", "<br>{}", ((words,) for words in said.values()))
    return format_html('<span class="needs-script">{}</span><noscript>{}</noscript>', said.get(chosen, ""), every)


class SourceForm(forms.Form):
    """A place to listen to."""

    network = forms.ChoiceField(
        label=_("Network"),
        # What stands below the place is that of the network which is chosen.
        widget=forms.Select(
            attrs={"hx-get": "", "hx-select": PLACE_HELP, "hx-target": PLACE_HELP, "hx-swap": "outerHTML"}
        ),
    )
    place = forms.CharField(
        label=_("Place"),
        max_length=2000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    name = forms.CharField(
        label=_("Name"), max_length=200, required=False, help_text=_("Empty: the name the place gives itself.")
    )
    connection = forms.ModelChoiceField(
        label=_("Through"),
        queryset=Connection.objects.by_name(),
        required=False,
        empty_label=_("None in particular"),
        help_text=_("The connection, where its network needs one and there are several."),
    )
    department = forms.ModelChoiceField(
        label=_("Department"), queryset=Department.objects.all(), required=False, empty_label=_("None in particular")
    )
    folder = forms.CharField(
        label=_("Folder"), max_length=120, required=False, help_text=_("Where it belongs in lists of feeds.")
    )
    quiet_hours = forms.IntegerField(
        label=_("Silent after (hours)"),
        min_value=1,
        max_value=24 * 400,
        required=False,
        help_text=_("This long without anything new is a sign of trouble. Empty: the place's own rhythm decides."),
    )
    is_internal = forms.BooleanField(label=_("Internal: never to be answered in public"), required=False)

    def __init__(self, *args: Any, source: Source | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        read = [one for one in all_networks() if can(one, Reads) and not getattr(one, "is_made_apart", False)]
        network_field = self.fields["network"]
        assert isinstance(network_field, forms.ChoiceField)
        network_field.choices = [(network.name, translated(network.label)) for network in read]
        if source is not None:
            # A source is its place; another place is another source.
            del self.fields["network"], self.fields["place"], self.fields["connection"]
            return
        wanted = str(self["network"].value())
        chosen = wanted if any(wanted == network.name for network in read) else read[0].name
        self.fields["place"].help_text = _what_a_place_is(read, chosen=chosen)
        if not Connection.objects.exists():
            self.fields["connection"].widget = forms.HiddenInput()

    @staticmethod
    def values_of(source: Source) -> dict[str, Any]:
        """What the form shows of a source."""
        names = ("name", "department", "folder", "quiet_hours", "is_internal")
        return {name: getattr(source, name) for name in names}


class SourceListForm:
    """Which sources to show; lives in the address."""

    KINDS = ("trouble", "silent", "paused", "internal")

    def __init__(self, said: Any) -> None:
        self.show = said.get("show", "") if said.get("show", "") in self.KINDS else ""
        self.words = " ".join(said.get("search", "").split())[:200]
        self._name, _sep, self._key = said.get("after", "").rpartition("~")

    def narrow(self, rows: SourceQuerySet, *, at: datetime) -> SourceQuerySet:
        """Keep the sources that are asked for."""
        narrowed = {
            "trouble": rows.in_trouble,
            "silent": lambda: rows.silent(at),
            "paused": rows.stopped,
            "internal": rows.internal,
        }
        rows = narrowed[self.show]() if self.show else rows
        if self.words:
            rows = rows.called(self.words)
        return rows.after(self._name, key_in(self._key) or 0) if self._key else rows


class OpmlForm(forms.Form):
    """A list of feeds, as a file or as text."""

    file = forms.FileField(label=_("OPML file"), required=False, help_text=_("As other readers of feeds export it."))
    text = forms.CharField(
        label=_("Or its text"),
        required=False,
        max_length=opml.LARGEST,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """Take the file, or the text where there is none."""
        said: dict[str, Any] = super().clean() or {}
        file, text = said.get("file"), said.get("text", "")
        if file is not None and file.size > opml.LARGEST:
            raise forms.ValidationError(_("The file is too large for a list of feeds."))
        said["document"] = file.read() if file is not None else text.encode()
        if not said["document"].strip():
            raise forms.ValidationError(_("Choose a file, or paste its text."))
        return said


class TrackingQueryForm(forms.Form):
    """What to listen for; knows its reading in words, and where it is wrong."""

    name = forms.CharField(label=_("Name"), max_length=120)
    expression = forms.CharField(
        label=_("Query"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "dir": "auto"}),
        help_text=_("Words, “phrases”, AND, OR, NOT, brackets, #tags and @handles."),
    )
    department = forms.ModelChoiceField(
        label=_("Department"), queryset=Department.objects.all(), required=False, empty_label=_("None in particular")
    )
    # Shown once it was said that the query is too wide.
    although_wide = forms.BooleanField(
        label=_("Save it anyway"), required=False, widget=forms.HiddenInput(attrs={"value": ""})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.trouble: tuple[str, str, str] | None = None
        self.reading = ""
        self.hints: list[str] = []
        if not self.is_bound and self.initial.get("expression"):
            self._read(str(self.initial["expression"]))

    def clean_expression(self) -> str:
        expression = str(self.cleaned_data["expression"]).strip()
        problem = self._read(expression)
        if problem:
            raise forms.ValidationError(problem)
        return expression

    def _read(self, expression: str) -> str:
        """Keep the reading, or the text before, at and after the place that is wrong; returns what is wrong."""
        try:
            query = parse(expression)
        except QueryError as problem:
            self.trouble = at_the_place(expression, problem.position, problem.length)
            return str(problem)
        self.reading, self.hints = query.reading(), [str(hint) for hint in query.hints]
        return ""

    def ask_whether_meant(self) -> None:
        """Show the tick by which a query that is too wide is saved all the same."""
        self.fields["although_wide"].widget = forms.CheckboxInput()

    @staticmethod
    def values_of(query: TrackingQuery) -> dict[str, Any]:
        """What the form shows of a query."""
        return {"name": query.name, "expression": query.expression, "department": query.department}


class RetentionForm(forms.Form):
    """How long one kind of what was heard is kept."""

    days = forms.IntegerField(
        label=_("Keep for this many days"),
        required=False,
        help_text=_("Empty: for ever."),
        min_value=7,
        max_value=36_500,
    )


class InsightForm(forms.Form):
    """What was learned, and whom it concerns."""

    title = forms.CharField(label=_("What was learned"), max_length=200, help_text=_("One line that stands alone."))
    text = forms.CharField(
        label=_("What it means"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    department = forms.ModelChoiceField(
        label=_("For"), queryset=Department.objects.all(), required=False, empty_label=_("Everybody")
    )


WEEKDAYS = [
    ("0", _("Monday")), ("1", _("Tuesday")), ("2", _("Wednesday")), ("3", _("Thursday")), ("4", _("Friday")),
    ("5", _("Saturday")), ("6", _("Sunday")),
]  # fmt: skip


class BriefPlanForm(forms.Form):
    """When a department's booth gets its brief."""

    department = forms.ModelChoiceField(
        label=_("For"), queryset=Department.objects.all(), required=False, empty_label=_("The whole organization")
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days"), choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    at_time = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    is_active = forms.BooleanField(label=_("Make and mail them"), required=False)


class VenueMapForm(forms.Form):
    """How far a map looks back."""

    days = forms.IntegerField(label=_("The last days"), min_value=7, max_value=366)
