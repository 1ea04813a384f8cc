"""What a coach fills in to prepare for more than usual."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.models import RoutingRule, SavedReply
from listening.models import TrackingQuery
from maturity.models import SurgePlan
from roles.days import MomentField
from roles.models import Department, Member, Role
from roles.permissions import decide
from roles.tenancy import active_organization

MOMENT, FORMAT = {"type": "datetime-local"}, "%Y-%m-%dT%H:%M"
# What a plan brings, by the name of the field and of the part's column.
PARTS = (("members", "member"), ("on_call", "member"), ("rules", "rule"), ("saved_replies", "saved_reply"))


class SurgeForm(forms.ModelForm):  # type: ignore[type-arg]
    """A surge plan, and what it brings."""

    class Meta:
        model = SurgePlan
        fields = (
            "department", "title", "note", "factor", "trigger", "starts_at", "ends_at", "severity", "query",
            "lasts_minutes", "first_response_minutes", "capacity", "holds_content",
        )  # fmt: skip
        field_classes = {"starts_at": MomentField, "ends_at": MomentField}
        widgets = {
            "note": forms.Textarea({"rows": 4}),
            "starts_at": forms.DateTimeInput(MOMENT, FORMAT),
            "ends_at": forms.DateTimeInput(MOMENT, FORMAT),
        }

    def __init__(self, *args: Any, member: Member, **options: Any) -> None:
        super().__init__(*args, **options)
        plan = self.instance if self.instance.pk else None
        self._say_where(member, is_new=plan is None)
        parts = list(plan.parts.all()) if plan is not None else []
        held = {
            name: [
                key for part in parts if (key := getattr(part, f"{one}_id")) and part.is_on_call == (name == "on_call")
            ]
            for name, one in PARTS
        }
        self.initial = {**self.initial, **held}
        rules = RoutingRule.objects.filter(is_active=False) | RoutingRule.objects.filter(pk__in=held["rules"])
        replies = SavedReply.objects.exclude(state=SavedReply.State.IN_USE)
        replies |= SavedReply.objects.filter(pk__in=held["saved_replies"])
        self.fields["members"] = _several(
            Member.objects.active().select_related("user").by_name(), _("Who helps"),
            _("They answer there while it is in force, besides what they do otherwise."),
        )  # fmt: skip
        self.fields["on_call"] = _several(
            Member.objects.active().with_role(Role.COACH).select_related("user").by_name(), _("Who is on call"),
            _("Warnings and what waits too long reach them first while it is in force."),
        )  # fmt: skip
        self.fields["rules"] = _several(
            rules.order_by("position", "pk"), _("Routing rules that come into force"),
            _("Rules that are written and switched off; each keeps its place in the order."),
        )  # fmt: skip
        self.fields["saved_replies"] = _several(
            replies.order_by("title", "pk"), _("Saved replies that come into force"), _("Proposed and retired ones.")
        )

        query = self.fields["query"]
        assert isinstance(query, forms.ModelChoiceField)
        query.queryset, query.empty_label = TrackingQuery.objects.order_by("name"), str(_("Any warning"))
        if plan is not None and plan.query_id and plan.query is None:
            # What waited for one query must not begin to wait for all.
            query.required, query.empty_label = True, str(_("Its query is gone: choose another"))

    def _say_where(self, member: Member, *, is_new: bool) -> None:
        if not is_new:
            del self.fields["department"]
            return
        whole = bool(decide(member, "maturity.plan_surges", active_organization()))
        mine = [position.department_id for position in member.held_positions if position.department_id]
        field = self.fields["department"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Department.objects.all() if whole else Department.objects.filter(pk__in=mine)
        field.required = not whole
        field.empty_label = str(_("The whole organization")) if whole else None

    def said(self) -> dict[str, Any]:
        """Everything but where, as the action takes it."""
        found = {name: value for name, value in self.cleaned_data.items() if name != "department"}
        return found | {name: list(found[name]) for name, _one in PARTS}

    def _post_clean(self) -> None:
        """Leave it to the action to judge the row: it knows the moment."""


class LessonsForm(forms.Form):
    """What was learned."""

    text = forms.CharField(
        label=_("What we learned"), max_length=4000, required=False, widget=forms.Textarea({"rows": 4})
    )


def _several(rows: Any, label: Any, help_text: Any) -> forms.ModelMultipleChoiceField[Any]:
    """Rows to be ticked."""
    return forms.ModelMultipleChoiceField(
        rows, label=label, help_text=help_text, required=False, widget=forms.CheckboxSelectMultiple
    )
