"""The app's place in Django, and how its entries in the log are said."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "note_idea": _("%(by)s noted the idea “%(subject)s”"),
    "drop_idea": _("%(by)s dropped the idea “%(subject)s”"),
    "pick_up_idea": _("%(by)s picked the idea “%(subject)s” up again"),
    # Ideas.
    "change_idea": _("%(by)s said the idea “%(subject)s” otherwise"),
    "rate_idea": _("%(by)s rated the idea “%(subject)s”"),
    "accept_idea": _("%(by)s accepted the idea “%(subject)s”"),
    "merge_ideas": _("%(by)s merged the idea “%(subject)s” into another"),
    "split_idea": _("%(by)s took the idea “%(subject)s” out of another"),
    "develop_idea": _("%(by)s made a piece of the idea “%(subject)s”"),
    # One piece to many.
    "repurpose": _("%(by)s made the piece “%(subject)s” of another"),
    "say_again": _("%(by)s began the piece “%(subject)s” anew"),
    "begin_series": _("%(by)s began the series “%(subject)s”"),
    "change_series": _("%(by)s changed the series “%(subject)s”"),
    "end_series": _("%(by)s ended the series “%(subject)s”"),
    "take_up_series": _("%(by)s took the series “%(subject)s” up again"),
    "continue_series": _("%(by)s went on with the series “%(subject)s”"),
    "begin_piece": _("%(by)s began the piece “%(subject)s”"),
    "edit_piece": _("%(by)s edited the piece “%(subject)s”"),
    "drop_piece": _("%(by)s dropped the piece “%(subject)s”"),
    "pick_up_piece": _("%(by)s picked the piece “%(subject)s” up again"),
    "add_variant": _("%(by)s added the variant “%(subject)s”"),
    "edit_variant": _("%(by)s edited the variant “%(subject)s”"),
    "drop_variant": _("%(by)s took the variant “%(subject)s” away"),
    "order_variants": _("%(by)s put the variants of “%(subject)s” in another order"),
    "restore_version": _("%(by)s brought back a version of “%(subject)s”"),
    "plan": _("%(by)s planned “%(subject)s”"),
    "replan": _("%(by)s moved “%(subject)s” to another time"),
    "unplan": _("%(by)s took “%(subject)s” off the plan"),
    # Media.
    "take_media": _("%(by)s uploaded “%(subject)s”"),
    "describe_media": _("%(by)s said what is to be seen or heard in “%(subject)s”"),
    "remove_media": _("%(by)s removed “%(subject)s” from the media"),
    "attach_media": _("%(by)s let media go out with “%(subject)s”"),
    "describe_there": _("%(by)s described media of “%(subject)s” otherwise than elsewhere"),
    "move_media": _("%(by)s put the media of “%(subject)s” in another order"),
    "detach_media": _("%(by)s took media out of “%(subject)s”"),
    # Tracked links.
    "make_link": _("%(by)s made a short link to “%(subject)s”"),
    "set_link_template": _("%(by)s said how links are tracked: %(subject)s"),
}
KINDS = {
    "idea": _("idea"),
    "series": _("series"),
    "piece": _("piece"),
    "variant": _("variant"),
    "publication": _("publication"),
    "media": _("picture, film or sound"),
    "trackedlink": _("tracked link"),
    "linktemplate": _("template of links"),
}


class ContentConfig(AppConfig):
    """Content: what we say ourselves."""

    name = "content"

    def ready(self) -> None:
        """Put the content room into the navigation, and ideas into the menu of triage."""
        from content import belongings, versions  # noqa: F401
        from content.places import ACTIVITIES, PLACES
        from listening.offers import Offer, add_offer
        from roles.activities import spend
        from roles.navigation import add_places
        from roles.sentences import say

        say(SENTENCES, kinds=KINDS)
        add_places(PLACES)
        spend(ACTIVITIES)
        idea = Offer(
            "c", _("Idea for content"), "light-bulb", "content:note_idea", "content.note_idea", of_stories=True
        )
        add_offer(idea)
