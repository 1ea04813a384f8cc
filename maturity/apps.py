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
}
KINDS = {"guidelinesection": _("guideline section")}


class MaturityConfig(AppConfig):
    """Maturity: where we stand."""

    name = "maturity"

    def ready(self) -> None:
        """Put the playbook into the navigation, its verbs into words, and guidelines beside what is answered."""
        from maturity import beside  # noqa: F401
        from roles.navigation import STRATEGY, Place, add_places
        from roles.sentences import say

        add_places(
            [
                Place(STRATEGY, 10, _("Playbook"), "book-open", "maturity:playbook", "maturity.read"),
                Place(STRATEGY, 15, _("Guidelines"), "document-text", "maturity:guidelines", "maturity.read"),
            ]
        )
        say(SENTENCES, kinds=KINDS)
