"""The app's place in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "assign": _("%(by)s gave “%(subject)s” to somebody"),
    "claim": _("%(by)s claimed “%(subject)s”"),
    "release": _("%(by)s gave “%(subject)s” back"),
    "hand_off": _("%(by)s handed off “%(subject)s”"),
    "hand_over": _("%(by)s handed “%(subject)s” over for somebody"),
    "escalate": _("Nobody took “%(subject)s” in time, so it became more urgent"),
    "set_policy": _("%(by)s changed how work finds a person"),
    "hand_back": _("%(by)s handed “%(subject)s” back"),
    "ask_again": _("The story of “%(subject)s” grew, so the rules were asked again"),
    "set_priority": _("%(by)s said how urgent “%(subject)s” is"),
    "put_priority_back": _("%(by)s took back how urgent “%(subject)s” is"),
    "snooze": _("%(by)s snoozed “%(subject)s”"),
    "wake": _("%(by)s woke “%(subject)s”"),
    "note": _("%(by)s wrote a note about “%(subject)s”"),
    "resolve": _("%(by)s resolved “%(subject)s”"),
    "reopen": _("%(by)s opened “%(subject)s” again"),
    "return_to_pool": _("%(by)s took “%(subject)s” back from somebody who is not there"),
    "share_draft": _("%(by)s opened a draft about “%(subject)s” to colleagues"),
    "keep_draft": _("%(by)s took a shared draft about “%(subject)s” back"),
    "plan_follow_up": _("%(by)s planned when to look again at “%(subject)s”"),
    "note_satisfaction": _("%(by)s noted whether the author of “%(subject)s” was content"),
    "reply": _("%(by)s replied to “%(subject)s”"),
    "accept_reply": _("The network took the reply “%(subject)s”"),
    "refuse_reply": _("The reply “%(subject)s” was refused"),
    "lose_reply": _("It is not known whether the reply “%(subject)s” arrived"),
    "settle_delivery": _("%(by)s settled the delivery of “%(subject)s”"),
    "reassign_delivery": _("%(by)s gave the delivery of “%(subject)s” to somebody"),
    "ask_for_approval": _("“%(subject)s” waits for approval"),
    "readdress_approval": _("Others are asked to approve “%(subject)s”: those who were asked cannot any more"),
    "approve": _("%(by)s approved “%(subject)s”"),
    "send_back": _("%(by)s sent “%(subject)s” back"),
    "add_policy": _("%(by)s wrote the approval policy “%(subject)s”"),
    "change_policy": _("%(by)s changed the approval policy “%(subject)s”"),
    "remove_policy": _("%(by)s removed the approval policy “%(subject)s”"),
    "stop_sending": _("%(by)s stopped everything that goes out: “%(subject)s”"),
    "lift_stop": _("%(by)s lifted the crisis stop “%(subject)s”"),
    "release_held": _("%(by)s let “%(subject)s” go, which was held"),
    "add_saved_reply": _("%(by)s wrote the saved reply “%(subject)s”"),
    "propose_saved_reply": _("%(by)s proposed the saved reply “%(subject)s”"),
    "change_saved_reply": _("%(by)s changed the saved reply “%(subject)s”"),
    "take_up_saved_reply": _("%(by)s took up the saved reply “%(subject)s”"),
    "retire_saved_reply": _("%(by)s retired the saved reply “%(subject)s”"),
    "set_repetition": _("%(by)s said how often the same text may go out"),
    "add_target": _("%(by)s wrote the response target “%(subject)s”"),
    "change_target": _("%(by)s changed the response target “%(subject)s”"),
    "remove_target": _("%(by)s removed the response target “%(subject)s”"),
    "consult": _("%(by)s asked the booth: “%(subject)s”"),
    "answer_consult": _("%(by)s answered “%(subject)s”"),
    "correct_answer": _("%(by)s corrected the answer to “%(subject)s”"),
    "close_consult": _("%(by)s closed the question “%(subject)s”"),
    "remind": _("Somebody was reminded of “%(subject)s”"),
    "replace": _("Somebody did not answer “%(subject)s” in time"),
    "set_consult_policy": _("%(by)s said when the booth is reminded"),
    "take_received": _("%(by)s took the mail “%(subject)s” as an answer"),
    "put_aside": _("%(by)s put the mail “%(subject)s” aside"),
    "join": _("%(by)s joined the conversation “%(subject)s”"),
    "add_starter": _("%(by)s planned to start “%(subject)s”"),
    "end_starter": _("%(by)s said what became of “%(subject)s”"),
    "limit_promotion": _("%(by)s said how much may be about ourselves"),
    "add_rule": _("%(by)s wrote the rule “%(subject)s”"),
    "change_rule": _("%(by)s changed the rule “%(subject)s”"),
    "move_rule": _("%(by)s moved the rule “%(subject)s”"),
    "restore_rules": _("%(by)s put the routing rules back to version %(subject)s"),
    "order_rules": _("%(by)s put the routing rules into another order"),
    "remove_rule": _("%(by)s removed the rule “%(subject)s”"),
}
KINDS = {
    "assignment": _("assignment"),
    "reply": _("reply"),
    "responsetarget": _("response target"),
    "routingrule": _("routing rule"),
    "assignmentpolicy": _("assignment policy"),
    "savedreply": _("saved reply"),
    "approvalpolicy": _("approval policy"),
    "sendingstop": _("crisis stop"),
    "repetitionpolicy": _("repetition policy"),
    "consult": _("consult"),
    "consultrequest": _("consult request"),
    "consultpolicy": _("consult policy"),
    "receivedmail": _("received mail"),
    "joining": _("joined conversation"),
    "starter": _("conversation starter"),
    "promotionpolicy": _("promotion policy"),
}


# What other programs can be told: its name outside, what it means, its verb in the log, and what of it leaves.
EVENTS = (
    ("assignment.given", _("An assignment was given to somebody"), "assign"),
    ("assignment.claimed", _("An assignment was claimed"), "claim"),
    ("assignment.handed_off", _("An assignment was handed off"), "hand_off"),
    ("assignment.escalated", _("An assignment became more urgent: nobody took it in time"), "escalate"),
    ("assignment.resolved", _("An assignment was resolved"), "resolve"),
    ("assignment.reopened", _("An assignment was opened again"), "reopen"),
    ("reply.written", _("A reply was written"), "reply"),
    ("reply.sent", _("A reply was taken by its network"), "accept_reply", ("remote_id", "remote_url")),
    ("reply.refused", _("A reply was refused by its network"), "refuse_reply"),
    ("reply.unknown", _("Nobody knows whether a reply arrived"), "lose_reply"),
    ("consult.asked", _("The booth was asked"), "consult"),
    ("consult.answered", _("The booth answered"), "answer_consult"),
    ("sending.stopped", _("A crisis stop began"), "stop_sending"),
    ("sending.resumed", _("A crisis stop was lifted"), "lift_stop"),
)
# What members are told of by mail.
NOTICE_KINDS = {
    "approval": _("Replies that wait for your approval, and what became of yours"),
    "consult": _("Questions to you, and answers to yours"),
    "delivery": _("Replies of which it is not known whether they arrived"),
    "escalation": _("Assignments that nobody took in time"),
    "missed": _("Promises that were missed"),
    "note": _("Notes that name you"),
}


class EngagementConfig(AppConfig):
    """Engagement, and who hears its news."""

    name = "engagement"

    def ready(self) -> None:
        """Hear the news from below, learn the rules, and put the pages into the navigation."""
        from engagement import (  # noqa: F401
            belongings,
            called,
            consulting,
            helping,
            history,
            mail_keeping,
            promised,
            receivers,
            rules,
            why,
        )
        from engagement.first_steps import STEPS
        from engagement.given import given_to
        from engagement.places import ACTIVITIES, PLACES
        from listening.webhooks.telling import add_event
        from roles.activities import spend
        from roles.navigation import add_places
        from roles.notice_kinds import add_news, add_notice_kinds
        from roles.sentences import name_when_read, say
        from roles.setting_up import add_steps

        say(SENTENCES, kinds=KINDS)
        add_notice_kinds(NOTICE_KINDS)
        add_news("assignment", _("Assignments that are given to you"), given_to)
        name_when_read("assignment", called.assignments)
        name_when_read("joining", called.joinings)
        for event in EVENTS:
            add_event(*event)
        add_places(PLACES)
        add_steps(STEPS)
        spend(ACTIVITIES)
