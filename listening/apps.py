"""The app's place in Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "add_source": _("%(by)s added the source %(subject)s"),
    "change_source": _("%(by)s changed the source %(subject)s"),
    "pause_source": _("%(by)s paused the source %(subject)s"),
    "resume_source": _("%(by)s resumed the source %(subject)s"),
    "remove_source": _("%(by)s removed the source %(subject)s"),
    "import_sources": _("%(by)s imported a list of sources"),
    "export_sources": _("%(by)s exported the list of sources"),
    "close_source": _("%(by)s closed the source %(subject)s: the place is gone"),
    "move_source": _("%(by)s followed the source %(subject)s to where it moved for good"),
    "connect": _("%(by)s connected %(subject)s"),
    "reconnect": _("%(by)s connected %(subject)s again"),
    "begin_sign_in": _("%(by)s went to a network to sign in there"),
    "use_connection": _("%(by)s took %(subject)s into use"),
    "check_connection": _("%(by)s checked whether %(subject)s works"),
    "rename_connection": _("%(by)s renamed the connection %(subject)s"),
    "set_budget": _("%(by)s said what may be spent in a month through %(subject)s"),
    "disconnect": _("%(by)s disconnected %(subject)s"),
    "withdraw_connection": _("The network no longer accepts %(subject)s"),
    "add_notice_address": _("%(by)s wants to be told at %(subject)s, too"),
    "change_notice_address": _("%(by)s changed what is told at %(subject)s"),
    "try_notice_address": _("%(by)s sent a test to %(subject)s"),
    "remove_notice_address": _("%(by)s no longer wants to be told at %(subject)s"),
    "open_address": _("%(by)s lets the server of %(subject)s tell us what happens"),
    "map_webhook": _("%(by)s changed how the webhook %(subject)s is read"),
    "read_again": _("%(by)s had read once more what came to the webhook %(subject)s and could not be read"),
    "renew_webhook_secret": _("%(by)s made another secret for the webhook %(subject)s"),
    "add_webhook": _("%(by)s lets the webhook %(subject)s be told what happens"),
    "change_webhook": _("%(by)s changed the webhook %(subject)s"),
    "remove_webhook": _("%(by)s removed the webhook %(subject)s"),
    "try_webhook": _("%(by)s sent a test to the webhook %(subject)s"),
    "tell_again": _("%(by)s had the webhook %(subject)s told once more"),
    "switch_off_webhook": _("The webhook %(subject)s was switched off: it said that it is gone"),
    "poll_now": _("%(by)s polled %(subject)s"),
    "add_query": _("%(by)s wrote the tracking query “%(subject)s”"),
    "change_query": _("%(by)s changed the tracking query “%(subject)s”"),
    "pause_query": _("%(by)s paused the tracking query “%(subject)s”"),
    "resume_query": _("%(by)s resumed the tracking query “%(subject)s”"),
    "look_back": _("%(by)s let the tracking query “%(subject)s” look into the last 30 days"),
    "remove_query": _("%(by)s removed the tracking query “%(subject)s”"),
    "dismiss": _("%(by)s dismissed “%(subject)s”"),
    "keep": _("%(by)s found “%(subject)s” relevant"),
    "decide_many": _("%(by)s decided many mentions at once"),
    "undo_bulk": _("%(by)s undid the decision on “%(subject)s”"),
    "save_filter": _("%(by)s saved the filter “%(subject)s”"),
    "change_filter": _("%(by)s changed the filter “%(subject)s”"),
    "move_filter": _("%(by)s moved the filter “%(subject)s”"),
    "remove_filter": _("%(by)s removed the filter “%(subject)s”"),
    "arrange_columns": _("%(by)s arranged their columns"),
    "restore": _("%(by)s put “%(subject)s” back into the stream"),
    "route_to": _("%(by)s gave “%(subject)s” to a department"),
    "correct_language": _("%(by)s corrected the language of “%(subject)s”"),
    "correct_sentiment": _("%(by)s corrected the sentiment of “%(subject)s”"),
    "give_topic": _("%(by)s gave “%(subject)s” a topic"),
    "take_topic_away": _("%(by)s took the topic from “%(subject)s”"),
    "take_back_correction": _("%(by)s took back a correction of “%(subject)s”"),
    "add_topic": _("%(by)s added the topic %(subject)s"),
    "change_topic": _("%(by)s changed the topic %(subject)s"),
    "pause_topic": _("%(by)s paused the topic %(subject)s"),
    "resume_topic": _("%(by)s took the topic %(subject)s into use again"),
    "merge_topics": _("%(by)s merged the topic %(subject)s into another"),
    "go_back_to_model": _("%(by)s went back to the learned model “%(subject)s”"),
    "switch_off_model": _("%(by)s switched off the learned model “%(subject)s”"),
    "map_venues": _("%(by)s had a venue map drawn: %(subject)s"),
    "file_insight": _("%(by)s filed the insight “%(subject)s”"),
    "change_insight": _("%(by)s changed the insight “%(subject)s”"),
    "add_mentions": _("%(by)s let the insight “%(subject)s” rest on more mentions"),
    "withdraw_insight": _("%(by)s withdrew the insight “%(subject)s”"),
    "restore_insight": _("%(by)s let the insight “%(subject)s” stand again"),
    "plan_briefs": _("%(by)s planned the briefs for %(subject)s"),
    "choose_briefs": _("%(by)s chose whether to get the briefs for %(subject)s"),
    "make_brief": _("A brief was made: %(subject)s"),
    "set_retention": _("%(by)s changed how long is kept: %(subject)s"),
    "clean_up": _("The clean-up took what was older than it may be: %(subject)s"),
    "dismiss_story": _("%(by)s dismissed the story “%(subject)s”"),
    "route_story": _("%(by)s gave the story “%(subject)s” to a department"),
    "decide_story": _("%(by)s decided the whole story “%(subject)s”, later arrivals included"),
    "restore_story": _("%(by)s put the story “%(subject)s” back into the stream"),
    "split_off": _("%(by)s took “%(subject)s” out of its story"),
    "join_story": _("%(by)s put “%(subject)s” into a story"),
    "merge": _("%(by)s made the story “%(subject)s” part of another"),
    "unmerge": _("%(by)s took the story “%(subject)s” out of another again"),
    "raise_warning": _("%(by)s raised the warning “%(subject)s”"),
    "acknowledge": _("%(by)s is on the warning “%(subject)s”"),
    "close_warning": _("%(by)s closed the warning “%(subject)s”"),
    "reopen_warning": _("%(by)s opened the warning “%(subject)s” again"),
    "tune": _("%(by)s set how rare a warning is: %(subject)s"),
    "add_event": _("%(by)s made the event “%(subject)s” known"),
    "remove_event": _("%(by)s removed the event “%(subject)s”"),
    "post_on_practice_field": _("%(by)s posted on the practice field: “%(subject)s”"),
    "edit_practice_post": _("%(by)s changed a post on the practice field"),
    "remove_practice_post": _("%(by)s removed a post from the practice field"),
    "start_the_cast": _("%(by)s let the cast of the practice field play"),
    "open_practice_field": _("%(by)s opened the practice field"),
    "pause_the_cast": _("%(by)s silenced the cast of the practice field"),
}
KINDS = {
    "source": _("source"),
    "connection": _("connection"),
    "networksignin": _("network sign-in"),
    "trackingquery": _("tracking query"),
    "mention": _("mention"),
    "story": _("story"),
    "earlywarning": _("warning"),
    "outboundwebhook": _("webhook"),
    "noticeaddress": _("notice address"),
    "watchedseries": _("watched series"),
    "knownevent": _("known event"),
    "savedfilter": _("saved filter"),
    "bulkdecision": _("bulk decision"),
    "topic": _("topic"),
    "learnedmodel": _("learned model"),
    "insight": _("insight"),
    "venuemap": _("venue map"),
    "briefplan": _("plan of briefs"),
    "brief": _("brief"),
    "retentionrule": _("retention rule"),
    "practicepost": _("practice post"),
    "practicescript": _("practice script"),
}
# What members are told of by mail.
NOTICE_KINDS = {"brief": _("Briefs"), "warning": _("Warnings"), "connection": _("Connections that need mending")}


class ListeningConfig(AppConfig):
    """Listening, and who hears its news."""

    name = "listening"

    def ready(self) -> None:
        """Learn the rules, and put the pages into the navigation."""
        from listening import belongings, naming, rules  # noqa: F401
        from listening.first_steps import STEPS
        from listening.networks.words import translate_with
        from listening.offers import Offer, add_offer
        from listening.places import ACTIVITIES, PLACES
        from listening.translating import translated
        from listening.webhooks import retaining  # noqa: F401
        from roles.activities import spend
        from roles.navigation import add_places
        from roles.notice_kinds import add_notice_kinds
        from roles.sentences import name_when_read, say
        from roles.setting_up import add_steps

        translate_with(translated)
        say(SENTENCES, kinds=KINDS)
        add_notice_kinds(NOTICE_KINDS)
        for model, names in naming.NAMES.items():
            name_when_read(model, names)
        add_places(PLACES)
        add_steps(STEPS)
        spend(ACTIVITIES)
        insight, warning = _("Insight for the booth"), _("Raise a warning")
        add_offer(Offer("i", insight, "megaphone", "listening:file_insight", "listening.triage", leads=True))
        add_offer(Offer("w", warning, "bell-alert", "listening:raise_warning", "listening.raise_warning", leads=True))
