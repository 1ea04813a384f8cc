"""The app's place in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "set_level": _("%(by)s set the level of %(subject)s"),
    "add_guideline": _("%(by)s wrote the guideline “%(subject)s”"),
    "change_guideline": _("%(by)s changed the guideline “%(subject)s”"),
    "move_guideline": _("%(by)s moved the guideline “%(subject)s”"),
    "retire_guideline": _("%(by)s retired the guideline “%(subject)s”"),
    "take_up_guideline": _("%(by)s took the guideline “%(subject)s” up again"),
    "acknowledge_guidelines": _("%(by)s read the guideline “%(subject)s” and said yes to it"),
    "report_gap": _("%(by)s reported that no guideline gives an answer: “%(subject)s”"),
    "withdraw_gap": _("%(by)s took back the gap report “%(subject)s”"),
    "close_gap": _("%(by)s closed the gap report “%(subject)s”"),
    "reopen_gap": _("%(by)s opened the gap report “%(subject)s” again"),
    "publish_guidelines": _("%(by)s opened an address at which anybody may read the guidelines"),
    "unpublish_guidelines": _("%(by)s revoked the address at which anybody could read the guidelines"),
    "set_canvas": _("%(by)s wrote the strategy of %(subject)s"),
    "add_goal": _("%(by)s set the goal “%(subject)s”"),
    "change_goal": _("%(by)s changed the goal “%(subject)s”"),
    "end_goal": _("%(by)s ended the goal “%(subject)s”"),
    "take_up_goal": _("%(by)s took the goal “%(subject)s” up again"),
    "note_in_huddle": _("%(by)s brought to the huddle: “%(subject)s”"),
    "withdraw_from_huddle": _("%(by)s took back from the huddle: “%(subject)s”"),
    "put_back_in_huddle": _("%(by)s put back into the huddle: “%(subject)s”"),
    "choose_digest": _("%(by)s chose whether to get the digest of the huddle"),
    "note_presence": _("%(by)s noted the presence “%(subject)s”"),
    "change_presence": _("%(by)s changed the presence “%(subject)s”"),
    "drop_presence": _("%(by)s took the presence “%(subject)s” off the inventory"),
    "take_up_presence": _("%(by)s put the presence “%(subject)s” on the inventory again"),
    "look_over_presences": _("%(by)s looked the inventory of presences over"),
    "name_expert": _("%(by)s said what %(subject)s knows first-hand"),
    "drop_expert": _("%(by)s took %(subject)s off the list of experts"),
    "note_duty": _("%(by)s noted that a standing duty was done: “%(subject)s”"),
    "assess": _("%(by)s kept an assessment of %(subject)s"),
    "attest": _("%(by)s attested: “%(subject)s”"),
    "withdraw_attestation": _("%(by)s withdrew what was attested: “%(subject)s”"),
    "open_early": _("%(by)s opened early: “%(subject)s”"),
    "set_budget": _("%(by)s planned the hours of %(subject)s"),
    "note_effort": _("%(by)s noted what is done today: “%(subject)s”"),
    "drop_effort": _("%(by)s took off the list of what is done today: “%(subject)s”"),
    # Training.
    "write_path": _("%(by)s wrote the training path “%(subject)s”"),
    "retire_path": _("%(by)s retired the training path “%(subject)s”"),
    "take_step": _("%(by)s took a step of training"),
    "confirm_step": _("%(by)s confirmed a step of the training of %(subject)s"),
    "finish_training": _("%(subject)s finished a training"),
    # Drills.
    "write_drill": _("%(by)s wrote the drill “%(subject)s”"),
    "start_drill": _("%(by)s started the drill “%(subject)s”"),
    "stop_drill": _("%(by)s ended the drill “%(subject)s”"),
    "drop_drill": _("%(by)s removed the drill “%(subject)s”"),
    "judge_answer": _("%(by)s said of an answer in the drill “%(subject)s” whether it is as the guidelines say"),
    "close_early": _("%(by)s left to the level again: “%(subject)s”"),
    "add_time": _("%(by)s entered time of their own: %(subject)s"),
    "correct_time": _("%(by)s corrected time of their own: %(subject)s"),
    "take_back_time": _("%(by)s took back what they had said of their time: %(subject)s"),
    "make_feed": _("%(by)s made a calendar address for their cadence"),
    "revoke_feed": _("%(by)s ended the calendar address of their cadence"),
    "set_reminder": _("%(by)s chose when they are reminded of their blocks"),
    "plan_surge": _("%(by)s planned for “%(subject)s”"),
    "change_surge": _("%(by)s changed the surge plan “%(subject)s”"),
    "drop_surge": _("%(by)s dropped the surge plan “%(subject)s”"),
    "promise_surge": _("%(by)s made the promise of the surge plan “%(subject)s”, now that its level allows it"),
    "switch_surge_on": _("%(by)s brought the surge plan “%(subject)s” into force"),
    "switch_surge_off": _("%(by)s ended the surge plan “%(subject)s”"),
    "write_lessons": _("%(by)s wrote down what was learned from “%(subject)s”"),
}
KINDS = {
    "attestation": _("attestation"),
    "canvas": _("strategy canvas"),
    "cadencesetting": _("cadence setting"),
    "earlyopening": _("early opening"),
    "drill": _("drill"),
    "effort": _("effort"),
    "gapreport": _("gap report"),
    "goal": _("goal"),
    "guidelineaddress": _("guideline address"),
    "trainingpath": _("training path"),
    "guidelinesection": _("guideline section"),
    "presence": _("presence"),
    "expert": _("expert"),
    "dutynote": _("standing duty"),
    "huddleentry": _("huddle entry"),
    "guidelineversion": _("guideline version"),
    "surgeplan": _("surge plan"),
    "timeentry": _("time entry"),
}
# What members are told of by mail.
NOTICE_KINDS = {
    "cadence": _("Reminders of your blocks"),
    "guidelines": _("Guidelines to read, and gaps in them"),
    "huddle": _("The digest of the huddle"),
    "strategy": _("Reviews that are due"),
    "surge": _("Surge plans"),
    "training": _("Training that is due"),
}


class MaturityConfig(AppConfig):
    """Maturity: where we stand."""

    name = "maturity"

    def ready(self) -> None:
        """Put the pages into the navigation, verbs into words, guidelines beside the composer; name the ladder."""
        from listening.offers import Offer, add_offer
        from maturity import belongings, beside, beside_pieces, giving, measured, rules, surge_rules, training_rules  # noqa: F401
        from maturity.first_steps import STEPS
        from maturity.ladder import ladder_address
        from maturity.places import PLACES
        from roles.navigation import add_places
        from roles.notice_kinds import add_notice_kinds
        from roles.permissions import show_ladder
        from roles.sentences import say
        from roles.setting_up import add_steps

        add_places(PLACES)
        huddle, icon = _("Bring to the huddle"), "chat-bubble-oval-left-ellipsis"
        add_offer(Offer("h", huddle, icon, "maturity:huddle", "maturity.note_in_huddle", leads=True))
        gap = _("No guideline covers this")
        add_offer(Offer("q", gap, "document-text", "maturity:report_gap_in_stream", "maturity.report_gap"))
        say(SENTENCES, kinds=KINDS)
        add_notice_kinds(NOTICE_KINDS)
        add_steps(STEPS)
        show_ladder(ladder_address)
        measured.tell_measurement()
