"""The addresses of maturity."""

from __future__ import annotations

from django.urls import URLPattern, path

from maturity.views import (
    assessments,
    budget,
    gaps,
    guidelines,
    huddle,
    openings,
    playbook,
    practices,
    reading,
    staffing,
    strategy,
)

app_name = "maturity"
urlpatterns: list[URLPattern] = [
    path("playbook/", playbook.playbook, name="playbook"),
    path("playbook/set-level/", playbook.set_organization_level, name="set_organization_level"),
    path("playbook/open-early/", openings.open_early, name="open_early"),
    path("playbook/openings/<int:pk>/close-early/", openings.close_early, name="close_early"),
    path("playbook/departments/<int:pk>/", playbook.department, name="department"),
    path("playbook/departments/<int:pk>/set-level/", playbook.set_department_level, name="set_department_level"),
    path(
        "playbook/departments/<int:pk>/open-early/", openings.open_early_in_department, name="open_early_in_department"
    ),
    path("playbook/assess/", assessments.assess, name="assess"),
    path("playbook/assessments/<int:pk>/", assessments.assessment, name="assessment"),
    path("playbook/practices/<slug:key>/", practices.practice, name="practice"),
    path("playbook/practices/<slug:key>/attest/", practices.attest, name="attest"),
    path("playbook/attestations/<int:pk>/withdraw/", practices.withdraw_attestation, name="withdraw_attestation"),
    path("guidelines/", guidelines.guidelines, name="guidelines"),
    path("guidelines/add/", guidelines.add_guideline, name="add_guideline"),
    path("guidelines/<int:pk>/", guidelines.guideline, name="guideline"),
    path("guidelines/<int:pk>/change/", guidelines.change_guideline, name="change_guideline"),
    path("guidelines/<int:pk>/move/", guidelines.move_guideline, name="move_guideline"),
    path("guidelines/<int:pk>/retire/", guidelines.retire_guideline, name="retire_guideline"),
    path("guidelines/<int:pk>/take-up/", guidelines.take_up_guideline, name="take_up_guideline"),
    path("guidelines/<int:pk>/changes/", guidelines.guideline_changes, name="guideline_changes"),
    path("guidelines/acknowledge/", reading.acknowledge_guidelines, name="acknowledge_guidelines"),
    path("guidelines/readers/", reading.readers, name="readers"),
    path("guidelines/book/", reading.book, name="book"),
    path("guidelines/publish/", reading.publish_guidelines, name="publish_guidelines"),
    path("guidelines/addresses/<int:pk>/unpublish/", reading.unpublish_guidelines, name="unpublish_guidelines"),
    path("guidelines/at/<str:token>/", reading.public_guidelines, name="public_guidelines"),
    path("guidelines/gaps/", gaps.gaps, name="gaps"),
    path("guidelines/gaps/<int:pk>/close/", gaps.close_gap, name="close_gap"),
    path("guidelines/gaps/<int:pk>/reopen/", gaps.reopen_gap, name="reopen_gap"),
    path("guidelines/gaps/<int:pk>/withdraw/", gaps.withdraw_gap, name="withdraw_gap"),
    path("queue/<int:pk>/report-gap/", gaps.report_gap, name="report_gap"),
    path("playbook/strategy/", strategy.strategy, name="strategy"),
    path("playbook/strategy/set-canvas/", strategy.set_canvas, name="set_canvas"),
    path("playbook/goals/add/", strategy.add_goal, name="add_goal"),
    path("playbook/goals/<int:pk>/change/", strategy.change_goal, name="change_goal"),
    path("playbook/goals/<int:pk>/end/", strategy.end_goal, name="end_goal"),
    path("playbook/goals/<int:pk>/take-up/", strategy.take_up_goal, name="take_up_goal"),
    path("huddle/", huddle.huddle, name="huddle"),
    path("huddle/note/", huddle.note_in_huddle, name="note_in_huddle"),
    path("huddle/<int:pk>/withdraw/", huddle.withdraw_from_huddle, name="withdraw_from_huddle"),
    path("huddle/<int:pk>/put-back/", huddle.put_back_in_huddle, name="put_back_in_huddle"),
    path("huddle/choose-digest/", huddle.choose_digest, name="choose_digest"),
    path("playbook/budget/", budget.budget, name="budget"),
    path("playbook/budget/set/", budget.set_budget, name="set_budget"),
    path("playbook/efforts/note/", budget.note_effort, name="note_effort"),
    path("playbook/efforts/<int:pk>/drop/", budget.drop_effort, name="drop_effort"),
    path("playbook/staffing/", staffing.staffing, name="staffing"),
]
