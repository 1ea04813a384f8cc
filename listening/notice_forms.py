"""The form of an address that one is told at."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from listening.models import NoticeAddress
from roles.notice_kinds import notice_kinds

FIELDS = ("name", "kinds", "pace", "daily_at", "quiet_from", "quiet_until", "warnings_always", "is_active")


class NoticeAddressForm(forms.Form):
    """Where, about what and when one is told."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Such as “Our room” or “My telephone”."))
    address = forms.CharField(
        label=_("Address"),
        max_length=2000,
        help_text=_(
            "As Apprise writes it: slack://…, discord://…, tgram://…, ntfy://…, matrixs://…, workflows://… for "
            "Microsoft Teams. It holds keys, so it is sealed and never shown again."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
    )
    kinds = forms.MultipleChoiceField(label=_("What about"), widget=forms.CheckboxSelectMultiple)
    pace = forms.ChoiceField(
        label=_("When"),
        choices=NoticeAddress.Pace.choices,
        initial=NoticeAddress.Pace.AT_ONCE,
        widget=forms.RadioSelect,
    )
    daily_at = forms.TimeField(
        label=_("Daily at"), required=False, help_text=_("Where you chose once a day. Empty: 9:00."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )  # fmt: skip
    quiet_from = forms.TimeField(
        label=_("Quiet from"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("What comes in quiet hours waits for their end."),
    )  # fmt: skip
    warnings_always = forms.BooleanField(label=_("Warnings also in quiet hours"), required=False)
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)

    def __init__(self, *args: Any, row: NoticeAddress | None = None, **kwargs: Any) -> None:
        if row is not None:
            kwargs.setdefault("initial", {name: getattr(row, name) for name in FIELDS})
        super().__init__(*args, **kwargs)
        field = self.fields["kinds"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = notice_kinds()
        if row is None:
            del self.fields["is_active"]
        else:
            self.fields["address"].required = False
            self.fields["address"].help_text = _("Empty: it stays as it is.")
