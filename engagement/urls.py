"""The addresses of engagement."""

from __future__ import annotations

from django.urls import path

from engagement.views import approvals, deliveries, policies, queue, rules, saved_replies, stops, verbs

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
    path("queue/<int:pk>/use-saved-reply/", saved_replies.use_saved_reply, name="use_saved_reply"),
    path("replies/<int:pk>/settle/", verbs.settle_delivery, name="settle_delivery"),
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/<int:pk>/", deliveries.delivery, name="delivery"),
    path("deliveries/<int:pk>/reassign/", deliveries.reassign_delivery, name="reassign_delivery"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/<int:pk>/", approvals.approval, name="approval"),
    path("approvals/<int:pk>/approve/", approvals.approve, name="approve"),
    path("approvals/<int:pk>/send-back/", approvals.send_back, name="send_back"),
    path("approval-policies/", policies.policies, name="approval_policies"),
    path("approval-policies/add/", policies.add_policy, name="add_policy"),
    path("approval-policies/<int:pk>/change/", policies.change_policy, name="change_policy"),
    path("approval-policies/<int:pk>/remove/", policies.remove_policy, name="remove_policy"),
    path("stop/", stops.stops, name="stops"),
    path("stop/begin/", stops.stop_sending, name="stop_sending"),
    path("stop/<int:pk>/lift/", stops.lift_stop, name="lift_stop"),
    path("stop/release-all/", stops.release_all, name="release_all"),
    path("replies/<int:pk>/release/", stops.release_held, name="release_held"),
    path("saved-replies/", saved_replies.saved_replies, name="saved_replies"),
    path("saved-replies/add/", saved_replies.add_saved_reply, name="add_saved_reply"),
    path("saved-replies/propose/", saved_replies.propose_saved_reply, name="propose_saved_reply"),
    path("saved-replies/repetition/", saved_replies.set_repetition, name="set_repetition"),
    path("saved-replies/<int:pk>/", saved_replies.saved_reply, name="saved_reply"),
    path("saved-replies/<int:pk>/change/", saved_replies.change_saved_reply, name="change_saved_reply"),
    path("saved-replies/<int:pk>/take-up/", saved_replies.take_up_saved_reply, name="take_up_saved_reply"),
    path("saved-replies/<int:pk>/retire/", saved_replies.retire_saved_reply, name="retire_saved_reply"),
    path("rules/", rules.rules, name="rules"),
    path("rules/add/", rules.add_rule, name="add_rule"),
    path("rules/order/", rules.order_rules, name="order_rules"),
    path("rules/<int:pk>/change/", rules.change_rule, name="change_rule"),
    path("rules/<int:pk>/move/", rules.move_rule, name="move_rule"),
    path("rules/<int:pk>/switch/", rules.switch_rule, name="switch_rule"),
    path("rules/<int:pk>/remove/", rules.remove_rule, name="remove_rule"),
]
