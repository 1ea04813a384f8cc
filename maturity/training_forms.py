"""The form of a training path, and of its steps."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from maturity.actions.training import MOST_STEPS, Asked
from maturity.models import GuidelineSection, TrainingPath, TrainingStep
from roles.forms import RoleField, WhereField, WithRole
from roles.keys import key_in

# More than are there can be added, so many at a time.
FRESH = 3
Kind = TrainingStep.Kind


class TrainingPathForm(WithRole):
    """For whom, and by when."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    role = RoleField(label=gettext_lazy("For everybody who is"))
    department = WhereField(label=gettext_lazy("Where"))
    due_days = forms.IntegerField(label=gettext_lazy("Days to finish"), min_value=1, max_value=365, initial=30)
    renew_months = forms.IntegerField(
        label=gettext_lazy("Again after months"), min_value=1, max_value=60, required=False,
        help_text=gettext_lazy("Empty: once is enough."),
    )  # fmt: skip
    holds_replies = forms.BooleanField(
        label=gettext_lazy("Newcomers do not reply alone before they have finished"), required=False,
        help_text=gettext_lazy("Somebody else sees their replies first. Who holds the role already is trusted."),
    )  # fmt: skip

    @staticmethod
    def values_of(path: TrainingPath) -> dict[str, Any]:
        """What the form shows of a path."""
        names = ("name", "department", "due_days", "renew_months", "holds_replies")
        role = f"own-{path.custom_role_id}" if path.custom_role_id else path.role
        return {name: getattr(path, name) for name in names} | {"role": role}


class StepForm(forms.Form):
    """One step; left empty it is none."""

    kind = forms.ChoiceField(label=gettext_lazy("What to do"), required=False, choices=[("", "–"), *Kind.choices])
    title = forms.CharField(label=gettext_lazy("What"), max_length=200, required=False)
    section = forms.ModelChoiceField(
        label=gettext_lazy("Guideline to acknowledge"), queryset=GuidelineSection.objects.none(), required=False,
        empty_label="–",
    )  # fmt: skip
    url = forms.URLField(
        label=gettext_lazy("Where it is"), max_length=400, required=False, assume_scheme="https",
        validators=[URLValidator(("http", "https"))],
    )  # fmt: skip

    def __init__(self, *args: Any, sections: QuerySet[GuidelineSection], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        section = self.fields["section"]
        assert isinstance(section, forms.ModelChoiceField)
        section.queryset = sections
        # Read once for the forms of all steps.
        section.choices = [("", section.empty_label), *((row.pk, str(row)) for row in sections)]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        kind, title, section = said.get("kind"), said.get("title"), said.get("section")
        if title and not kind:
            raise ValidationError({"kind": _("Say what is to be done.")})
        if section is not None and kind != Kind.ACKNOWLEDGE:
            raise ValidationError({"section": _("A yes is asked where one acknowledges.")})
        if kind and not title and kind not in TrainingStep.SHOWN:
            raise ValidationError({"title": _("Say what.")})
        return said

    def asked(self) -> Asked | None:
        """The step as it is written; None where the line was left empty."""
        said = self.cleaned_data
        if not said["kind"]:
            return None
        alone = _("A first piece, in-house") if said["kind"] == Kind.PUBLISH else _("All guidelines")
        title = said["title"] or str(said["section"] or alone)
        return Asked(said["kind"], title, said["url"], said["section"])


def step_forms(data: Any, path: TrainingPath | None) -> list[StepForm]:
    """A form for each step of a path and some for more; or those that were sent."""
    sections = GuidelineSection.objects.in_force().in_order()
    if data is not None:
        count = min(key_in(data.get("count", "")) or 0, MOST_STEPS)
        return [StepForm(data, prefix=f"s{number}", sections=sections) for number in range(count)]
    rows = list(path.steps.select_related("section")) if path is not None else []
    known = [{"kind": row.kind, "title": row.title, "section": row.section_id, "url": row.url} for row in rows]
    fresh: list[dict[str, Any]] = [{} for _number in range(FRESH if rows else FRESH + 1)]
    return [
        StepForm(initial=said, prefix=f"s{number}", sections=sections)
        for number, said in enumerate([*known, *fresh][:MOST_STEPS])
    ]
