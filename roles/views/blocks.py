"""In which hours of the week somebody does what."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from roles import clock
from roles.actions.people import Block, set_time_blocks
from roles.activities import Activity
from roles.keys import key_in
from roles.models import Member, TimeBlock, Weekday
from roles.permissions import require
from roles.respond import MemberRequest, back_to, done, needs, page

ROWS = 4  # more than are there can be added, so many at a time


class TimeBlockForm(forms.Form):
    """One time block; left empty it is none."""

    activity = forms.ChoiceField(label=gettext_lazy("What"), choices=Activity.choices, initial=Activity.RESPONDING)
    weekday = forms.TypedChoiceField(label=gettext_lazy("Day"), choices=Weekday.choices, coerce=int)
    begins = forms.TimeField(
        label=gettext_lazy("From"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    ends = forms.TimeField(
        label=gettext_lazy("Until"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )

    def clean(self) -> dict[str, object]:
        said = super().clean() or {}
        if (said.get("begins") is None) != (said.get("ends") is None):
            raise ValidationError(_("Say from when and until when."))
        return said


@require_http_methods(["GET", "HEAD", "POST"])
@needs("roles.set_availability")
def time_blocks(request: MemberRequest, pk: int) -> HttpResponse:
    """Show and change what a member does in which hours of the week."""
    who = get_object_or_404(Member.objects.with_positions(), pk=pk)
    member = request.member
    require(member, "roles.set_availability", who)
    forms_ = _forms(request, who)
    problem = ""
    if request.method == "POST" and all(form.is_valid() for form in forms_):
        said = [form.cleaned_data for form in forms_]
        blocks = [Block(**row) for row in said if row["begins"] is not None]
        try:
            set_time_blocks(who, blocks=blocks, by=member, at=clock.now())
        except ValidationError as found:
            problem = " ".join(found.messages)
        else:
            to = back_to(request, reverse("roles:member", args=[pk]))
            return done(request, _("Saved; it holds from now on."), to=to)
    status = 422 if request.method == "POST" else 200
    context = {
        "who": who,
        "forms": forms_,
        "problem": problem,
        "next": request.POST.get("next", request.GET.get("next", "")),
    }
    return page(request, "roles/time_blocks.html", context, status=status)


def _forms(request: MemberRequest, who: Member) -> list[TimeBlockForm]:
    if request.method == "POST":
        count = min(key_in(request.POST.get("count", "")) or 0, 60)
        return [TimeBlockForm(request.POST, prefix=f"b{number}") for number in range(count)]
    rows: list[TimeBlock] = list(who.time_blocks.all())
    known: list[dict[str, object]] = [
        {"weekday": row.weekday, "begins": row.begins, "ends": row.ends, "activity": row.activity} for row in rows
    ]
    fresh: list[dict[str, object]] = [{"weekday": number} for number in range(ROWS + 1)]
    return [TimeBlockForm(initial=said, prefix=f"b{number}") for number, said in enumerate(known + fresh)]
