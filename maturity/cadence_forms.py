"""What a person chooses for their cadence."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from maturity.actions.cadence import REMINDERS


class ReminderForm(forms.Form):
    """How long before a block one is reminded by mail."""

    minutes = forms.TypedChoiceField(label=_("Remind me by e-mail"), coerce=int, required=False, empty_value=None)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        times = [(n, ngettext("%(n)s minute before", "%(n)s minutes before", n) % {"n": n}) for n in REMINDERS]
        self.fields["minutes"].choices = [("", _("Not at all")), *times]  # type: ignore[attr-defined]
