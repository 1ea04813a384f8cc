"""The app's place in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "note_idea": _("%(by)s noted the idea “%(subject)s”"),
    "drop_idea": _("%(by)s dropped the idea “%(subject)s”"),
    "pick_up_idea": _("%(by)s picked the idea “%(subject)s” up again"),
}
KINDS = {"idea": _("idea")}


class ContentConfig(AppConfig):
    """Content: what we say ourselves."""

    name = "content"

    def ready(self) -> None:
        """Put the content room into the navigation, and ideas into the menu of triage."""
        from listening.offers import Offer, add_offer
        from roles.activities import Activity, spend
        from roles.navigation import STRATEGY, Place, add_places
        from roles.sentences import say

        say(SENTENCES, kinds=KINDS)
        add_places([Place(STRATEGY, 70, _("Content"), "calendar-days", "content:content", "content.read")])
        spend({"content": Activity.CREATING})
        add_offer(Offer("c", _("Idea for content"), "light-bulb", "content:note_idea", "content.note_idea"))
