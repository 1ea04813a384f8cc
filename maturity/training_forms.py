"""The form of a training path."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from maturity.actions.training import Asked
from maturity.models import GuidelineSection, TrainingPath, TrainingStep
from roles.forms import RoleField, WhereField, WithRole
from roles.models import Department


class TrainingPathForm(WithRole):
    """For whom, by when, and what."""

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
    steps = forms.CharField(
        label=gettext_lazy("Steps"),
        widget=forms.Textarea({"rows": 8, "class": "code-input"}),
        help_text=gettext_lazy(
            "One line each: read, acknowledge, shadow or drill, then a colon and what; an address at the end if there "
            "is one. “acknowledge: Our tone” asks for a yes to the guideline of that title; with other words, to all "
            "guidelines. “shadow: An hour beside Ana” and “drill: …” are confirmed by somebody else."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = Department.objects.all()  # type: ignore[attr-defined]

    def clean_steps(self) -> list[Asked]:
        found, problems = [], []
        sections = {row.title.lower(): row for row in GuidelineSection.objects.in_force()}
        for number, line in enumerate(self.cleaned_data["steps"].splitlines(), 1):
            if not line.strip():
                continue
            kind, _colon, what = (part.strip() for part in line.partition(":"))
            title, _space, url = what.rpartition(" ")
            title, url = (title, url) if url.startswith(("https://", "http://")) else (what, "")
            if kind.lower() not in TrainingStep.Kind.values or not title.strip() or len(title) > 200:
                said = _("Line %(number)s: begin with read, acknowledge, shadow or drill, then a colon and what.")
                problems.append(said % {"number": number})
                continue
            try:
                if url:
                    URLValidator(("http", "https"))(url)
            except ValidationError:
                problems.append(_("Line %(number)s: the address is none.") % {"number": number})
            wanted = sections.get(title.strip().lower()) if kind.lower() == TrainingStep.Kind.ACKNOWLEDGE else None
            found.append(Asked(kind.lower(), title.strip(), url, wanted))
        if problems:
            raise ValidationError(problems)
        return found

    @staticmethod
    def values_of(path: TrainingPath) -> dict[str, Any]:
        """What the form shows of a path."""
        names = ("name", "department", "due_days", "renew_months", "holds_replies")
        # A section may have another title by now.
        lines = (
            f"{row.kind}: {row.section or row.title} {row.url}".strip() for row in path.steps.select_related("section")
        )
        role = f"own-{path.custom_role_id}" if path.custom_role_id else path.role
        return {name: getattr(path, name) for name in names} | {"role": role, "steps": "\n".join(lines)}
