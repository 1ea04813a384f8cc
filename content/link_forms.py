"""The forms of tracked links."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from content.models import Campaign, LinkTemplate
from roles.forms import WordsField


class LinkForm(forms.Form):
    """Where a short link is to lead."""

    address = forms.CharField(
        label=_("Address"), max_length=2000, widget=forms.URLInput(attrs={"placeholder": "https://", "dir": "ltr"})
    )
    name = forms.CharField(
        label=_("What it is for"),
        max_length=200,
        required=False,
        help_text=_("A flyer, a talk, the profile at a network."),
    )
    campaign = forms.ModelChoiceField(
        label=_("Campaign"), queryset=Campaign.objects.order_by("name"), required=False, empty_label=_("None")
    )


class LinkTemplateForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when it runs
    """Whether links are tracked, and what is added to them."""

    hosts = WordsField(
        label=_("Only these servers"),
        longest=253,
        lower=True,
        help_text=_("With commas between them, such as shop.example.org. Empty: all links are tracked."),
    )

    class Meta:
        model = LinkTemplate
        fields = ("is_on", "source", "medium", "campaign_words", "content", "hosts")
        # What others call it by stands behind what it is.
        labels = {
            "source": _("Source (utm_source)"),
            "medium": _("Medium (utm_medium)"),
            "campaign_words": _("Campaign (utm_campaign)"),
            "content": _("Content (utm_content)"),
        }
        help_texts = {
            "source": _("{network}, {channel}, {campaign} and {piece} are filled in. Empty: it is not added."),
        }
