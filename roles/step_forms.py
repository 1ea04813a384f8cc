"""The part of a form that says who is asked, step by step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from roles.models import Member, NamedStep, Needs, Role
from roles.permissions import CAPABILITIES
from roles.steps import Step

STEPS = 3


class StepsForm(forms.Form):
    """Who is asked, step by step; a step that names nobody is none."""

    # What one must hold to be asked.
    decides: ClassVar[str] = ""
    # The fields of a step that say who is asked.
    asks: ClassVar[tuple[str, ...]] = ("roles", "members")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = Member.objects.who_may(self.decides).select_related("user").by_name()
        people = [(str(member.pk), str(member)) for member in able]
        roles = [(role.value, role.label) for role in Role if role in CAPABILITIES[self.decides]]
        for number in range(1, STEPS + 1):
            self.fields[f"roles_{number}"] = forms.MultipleChoiceField(
                label=_("Step %(n)s asks these roles") % {"n": number}, choices=roles, required=False,
                widget=forms.CheckboxSelectMultiple,
            )  # fmt: skip
            self.fields[f"members_{number}"] = forms.MultipleChoiceField(
                label=_("and these people"),
                choices=people,
                required=False,
                widget=forms.SelectMultiple(attrs={"size": 4}),
            )
            self.fields[f"needs_{number}"] = forms.ChoiceField(
                label=_("and needs the yes of"), choices=Needs.choices, initial=Needs.ANY, required=False
            )

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """The fields beside the steps, as the page draws them."""
        return [self[name] for name in self.base_fields]

    @property
    def step_groups(self) -> list[tuple[int, list[forms.BoundField], bool]]:
        """The steps as the page draws them: number, fields, and whether it is open; one that says nothing is folded."""
        found = []
        for number in range(1, STEPS + 1):
            fields = [self[name] for name in self.fields if name.endswith(f"_{number}")]
            said = any(self[f"{name}_{number}"].value() for name in self.asks)
            found.append((number, fields, number == 1 or said or any(field.errors for field in fields)))
        return found

    @property
    def fields_besides(self) -> dict[str, Any]:
        """What was said beside the steps."""
        return {name: self.cleaned_data[name] for name in self.base_fields}

    @property
    def steps(self) -> list[Any]:
        """The steps that name somebody."""
        found = [self.step(number) for number in range(1, STEPS + 1)]
        return [step for step in found if step.names_somebody]

    def step(self, number: int) -> Step:
        """One step as it was said."""
        said = self.cleaned_data
        return Step(
            "", said.get(f"needs_{number}") or Needs.ANY, tuple(said.get(f"roles_{number}") or ()),
            tuple(int(key) for key in said.get(f"members_{number}") or ()),
        )  # fmt: skip

    @staticmethod
    def values_of_steps(steps: Iterable[NamedStep | Step]) -> dict[str, Any]:
        """What the form shows of steps."""
        values: dict[str, Any] = {}
        for number, step in enumerate(steps, 1):
            values |= {
                f"roles_{number}": list(step.roles),
                f"members_{number}": [str(key) for key in step.member_ids],
                f"needs_{number}": step.needs,
            }
        return values
