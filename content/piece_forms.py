"""Forms of pieces and their variants."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from content.models import Campaign, Piece, Series, Variant
from content.shaping import form_of, takes_first_comment
from engagement.models.joinings import Step
from listening.languages import languages
from listening.models import Channel, Topic
from roles.forms import WhereField, WordsField


class TextField(forms.CharField):
    """Words in several lines; a form sends the ends of lines as two letters."""

    def __init__(self, *, rows: int = 4, is_quoted: bool = False, **options: Any) -> None:
        quoted = {"data-quoted-by": "#comment_quote"} if is_quoted else {}
        widget = forms.Textarea(attrs={"rows": rows, "dir": "auto", "data-writes": "", **quoted})
        super().__init__(widget=widget, required=False, strip=False, **options)

    def clean(self, value: Any) -> Any:
        return str(super().clean(value)).replace("\r\n", "\n").replace("\r", "\n").rstrip()


class BeginForm(forms.Form):
    """What a new piece is called, and what it is meant to be."""

    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("What you call it here."))
    kind = forms.ChoiceField(label=_("Kind"), choices=Piece.Kind)
    step = forms.ChoiceField(label=_("What it does for readers"), choices=Step, initial=Step.PROVIDE_VALUE)
    department = WhereField()


class BodyForm(BeginForm):
    """The body of a piece, and what it belongs to."""

    body = TextField(
        label=_("Text"),
        max_length=200_000,
        rows=16,
        is_quoted=True,
        help_text=_("In Markdown. Variants begin from it."),
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    topic = forms.ModelChoiceField(
        label=_("Topic"), queryset=Topic.objects.none(), required=False, empty_label=_("None")
    )
    campaign = forms.ModelChoiceField(
        label=_("Campaign"), queryset=Campaign.objects.order_by("name"), required=False, empty_label=_("None")
    )
    series = forms.ModelChoiceField(
        label=_("Series"), queryset=Series.objects.order_by("name"), required=False, empty_label=_("None")
    )
    series_number = forms.IntegerField(label=_("Number in the series"), required=False, min_value=1, max_value=100_000)
    rests_days = forms.IntegerField(
        label=_("May be said again after (days)"), required=False, min_value=1, max_value=3650,
        help_text=_("Empty: it is said only once."),
    )  # fmt: skip
    field_order = ("title", "body")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "piece_%s", **kwargs})
        self.fields["language"].choices = [("", _("Not said")), *languages()]  # type: ignore[attr-defined]
        topics = Topic.objects.active_or(self.initial.get("topic")).by_name()
        self.fields["topic"].queryset = topics  # type: ignore[attr-defined]
        self.fields["title"].widget.attrs["data-writes"] = ""

    @staticmethod
    def values_of(piece: Piece) -> dict[str, Any]:
        """What the form shows of a piece."""
        return {name: getattr(piece, name) for name in BodyForm.base_fields}


class VariantForm(forms.Form):
    """What goes out on one channel: only what there is at its network, and what was written although there is not."""

    text = TextField(label=_("Text"), max_length=200_000, rows=10, is_quoted=True)
    title = forms.CharField(label=_("Title"), max_length=300, required=False)
    link = forms.CharField(
        label=_("Link"), max_length=2000, required=False, widget=forms.TextInput(attrs={"inputmode": "url"})
    )
    first_comment = TextField(
        label=_("First comment"), max_length=10_000, rows=3, help_text=_("Goes out below it, as our own answer.")
    )
    warning = forms.CharField(
        label=_("Content warning"), max_length=300, required=False, help_text=_("Readers see it before the text.")
    )
    visibility = forms.ChoiceField(label=_("Who sees it"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    slug = forms.SlugField(
        label=_("End of its address"), max_length=200, required=False,
        help_text=_("Small letters, digits and hyphens. Empty: made of the title."),
    )  # fmt: skip
    categories = WordsField(label=_("Categories"), longest=100, help_text=_("With commas between them."))
    tags = WordsField(label=_("Tags"), longest=100, help_text=_("With commas between them, without #."))

    def __init__(self, *args: Any, variant: Variant, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "variant_%s", "initial": self.values_of(variant), **kwargs})
        shape = form_of(variant.channel)
        there = {
            "title": shape.title != "none",
            "first_comment": takes_first_comment(variant.channel),
            "warning": shape.warning != "none",
            "visibility": len(shape.visibilities) > 1,
            "slug": shape.has_slug,
            "categories": shape.most_categories != 0,
            "tags": shape.most_tags != 0,
        }
        for name, is_there in there.items():
            if not is_there and not getattr(variant, name):
                del self.fields[name]
        choices = [("", _("As the account has it")), *Variant.Visibility.choices]
        if "visibility" in self.fields:
            kept = {"", variant.visibility, *shape.visibilities}
            self.fields["visibility"].choices = [one for one in choices if one[0] in kept]  # type: ignore[attr-defined]
        self.fields["language"].choices = [("", _("As the piece says")), *languages()]  # type: ignore[attr-defined]
        counting = {"count": "variant_count", "limit": shape.limits.text, "link-length": shape.limits.link}
        counting["count-by"] = "" if shape.limits.unit == "graphemes" else shape.limits.unit
        counting["short-people"] = "1" if shape.limits.short_people else ""
        self.fields["text"].widget.attrs |= {f"data-{name}": value for name, value in counting.items() if value}
        if shape.is_markdown:
            self.fields["text"].help_text = _("In Markdown.")
        if shape.title == "card":
            self.fields["title"].help_text = _("Of the card that shows the link.")
        for name in ("title", "link", "warning"):
            if name in self.fields:
                self.fields[name].widget.attrs["data-writes"] = ""

    @staticmethod
    def values_of(variant: Variant) -> dict[str, Any]:
        """What the form shows of a variant."""
        return {name: getattr(variant, name) for name in VariantForm.base_fields}


class MoveVariantForm(forms.Form):
    """On which channel a piece is said instead."""

    channel = forms.ModelChoiceField(label=_("Channel"), queryset=Channel.objects.none(), empty_label=None)

    def __init__(self, *args: Any, channels: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "move_%s", **kwargs})
        self.fields["channel"].queryset = channels  # type: ignore[attr-defined]


class AddVariantForm(forms.Form):
    """On which channel a piece is said too."""

    channel = forms.ModelChoiceField(label=_("Channel"), queryset=Channel.objects.none(), empty_label=None)
    fill = forms.BooleanField(label=_("Begin with the text of the piece"), required=False)

    def __init__(self, *args: Any, channels: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "add_%s", "initial": {"fill": True}, **kwargs})
        self.fields["channel"].queryset = channels  # type: ignore[attr-defined]
