"""The addresses of engagement."""

from __future__ import annotations

from django.urls import path

from engagement.views import queue, rules, verbs

app_name = "engagement"
urlpatterns = [
    path("queue/", queue.queue, name="queue"),
    path("queue/newer/", queue.newer, name="newer"),
    path("queue/<int:pk>/", queue.assignment, name="assignment"),
    path("queue/<int:pk>/claim/", verbs.claim, name="claim"),
    path("queue/<int:pk>/release/", verbs.release, name="release"),
    path("queue/<int:pk>/hand-off/", verbs.hand_off, name="hand_off"),
    path("queue/<int:pk>/hand-back/", verbs.hand_back, name="hand_back"),
    path("queue/<int:pk>/assign/", verbs.assign, name="assign"),
    path("queue/<int:pk>/snooze/", verbs.snooze, name="snooze"),
    path("queue/<int:pk>/wake/", verbs.wake, name="wake"),
    path("queue/<int:pk>/note/", verbs.note, name="note"),
    path("queue/<int:pk>/resolve/", verbs.resolve, name="resolve"),
    path("queue/<int:pk>/reopen/", verbs.reopen, name="reopen"),
    path("queue/<int:pk>/reply/", verbs.reply, name="reply"),
    path("queue/<int:pk>/save-draft/", verbs.save_draft, name="save_draft"),
    path("replies/<int:pk>/settle/", verbs.settle_delivery, name="settle_delivery"),
    path("rules/", rules.rules, name="rules"),
    path("rules/add/", rules.add_rule, name="add_rule"),
    path("rules/<int:pk>/change/", rules.change_rule, name="change_rule"),
    path("rules/<int:pk>/move/", rules.move_rule, name="move_rule"),
    path("rules/<int:pk>/switch/", rules.switch_rule, name="switch_rule"),
    path("rules/<int:pk>/remove/", rules.remove_rule, name="remove_rule"),
]
