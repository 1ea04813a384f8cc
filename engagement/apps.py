"""The app's place in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "assign": _("%(by)s gave “%(subject)s” to somebody"),
    "claim": _("%(by)s claimed “%(subject)s”"),
    "release": _("%(by)s gave “%(subject)s” back"),
    "hand_off": _("%(by)s handed off “%(subject)s”"),
    "hand_back": _("%(by)s handed “%(subject)s” back"),
    "snooze": _("%(by)s snoozed “%(subject)s”"),
    "wake": _("%(by)s woke “%(subject)s”"),
    "note": _("%(by)s wrote a note about “%(subject)s”"),
    "resolve": _("%(by)s resolved “%(subject)s”"),
    "reopen": _("%(by)s opened “%(subject)s” again"),
    "return_to_pool": _("%(by)s took “%(subject)s” back from somebody who is not there"),
    "share_draft": _("%(by)s opened a draft about “%(subject)s” to colleagues"),
    "keep_draft": _("%(by)s took a shared draft about “%(subject)s” back"),
    "note_satisfaction": _("%(by)s noted whether the author of “%(subject)s” was content"),
    "reply": _("%(by)s replied to “%(subject)s”"),
    "accept_reply": _("The network took the reply “%(subject)s”"),
    "refuse_reply": _("The reply “%(subject)s” was refused"),
    "lose_reply": _("It is not known whether the reply “%(subject)s” arrived"),
    "settle_delivery": _("%(by)s settled the delivery of “%(subject)s”"),
    "add_rule": _("%(by)s wrote the rule “%(subject)s”"),
    "change_rule": _("%(by)s changed the rule “%(subject)s”"),
    "move_rule": _("%(by)s moved the rule “%(subject)s”"),
    "order_rules": _("%(by)s put the routing rules into another order"),
    "remove_rule": _("%(by)s removed the rule “%(subject)s”"),
}
KINDS = {"assignment": _("assignment"), "reply": _("reply"), "routingrule": _("routing rule")}


class EngagementConfig(AppConfig):
    """Engagement, and who hears its news."""

    name = "engagement"

    def ready(self) -> None:
        """Hear the news from below, learn the rules, and put the pages into the navigation."""
        from engagement import receivers, rules  # noqa: F401
        from engagement.queue import waiting_for
        from roles.navigation import Place, add_place
        from roles.sentences import say

        say(SENTENCES, kinds=KINDS)

        add_place(Place("work", 20, _("Queue"), "inbox", "engagement:queue", "engagement.read", waiting_for))
        add_place(
            Place("set-up", 30, _("Routing rules"), "arrows-right-left", "engagement:rules", "engagement.read_rules")
        )
