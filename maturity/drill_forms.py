"""What a coach fills in to write a drill."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from listening.models import PracticePost
from maturity.models import Drill

# So many of the last posts on the field make a drill.
RECORDED = 20


class DrillForm(forms.Form):
    """What is said, how fast, and by when it is to be answered."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    questions = forms.CharField(
        label=gettext_lazy("Questions that want an answer, one a line"),
        widget=forms.Textarea({"rows": 6, "dir": "auto"}),
        help_text=gettext_lazy("“{us}” stands for your name on the practice field."),
    )
    passing = forms.CharField(
        label=gettext_lazy("What only passes by and is best left alone, one a line"), required=False,
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
    )  # fmt: skip
    seconds_between = forms.TypedChoiceField(
        label=gettext_lazy("A line"), coerce=int, choices=Drill.Pace.choices, initial=Drill.Pace.THIRTY
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Answered within (minutes)"), min_value=1, max_value=240, initial=10
    )

    def said(self) -> dict[str, Any]:
        """All of it, as the action takes it."""
        lines = {name: self.cleaned_data[name].splitlines() for name in ("questions", "passing")}
        return {**self.cleaned_data, **lines}


class PaceForm(forms.Form):
    """How fast the same is said again."""

    seconds_between = forms.TypedChoiceField(label=gettext_lazy("A line"), coerce=int, choices=Drill.Pace.choices)


def begun(*, recorded: bool = False) -> dict[str, Any]:
    """What a new drill begins with: something to start as it is, or what was last said on the practice field."""
    if recorded:
        posts = PracticePost.objects.filter(account__is_ours=False, thread=None, removed_at=None)
        said = posts.exclude(key__startswith="drill ").order_by("-pk").values_list("text", flat=True)[:RECORDED]
        lines = dict.fromkeys(" ".join(text.split()) for text in reversed(list(said)))
        return {"title": _("As it was said on the field"), "questions": "\n".join(lines)}
    return {
        "title": _("A busy morning"),
        "questions": "\n".join(
            (
                _("@{us} my order has not come, and your page says it was delivered. Where is it?"),
                _("@{us} are you open on Saturday?"),
                _("Third time I ask, @{us}: do I get my money back or not? This is a disgrace."),
                _("@{us} I write about your trade and want a comment by noon. Whom do I call?"),
                _("@{us} a friend got hurt with one of these. Do you know of a fault?"),
                _("Just wanted to say that your people were lovely on the phone today, @{us}."),
            )
        ),
        "passing": "\n".join((_("Coffee first, then everything else."), _("Does anybody know a good dentist here?"))),
    }
