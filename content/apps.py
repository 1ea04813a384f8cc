"""The app's place in Django, and how its entries in the log are said."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

SENTENCES = {
    # Reviews.
    "ask_for_review": _("%(by)s asked for the review of “%(subject)s”"),
    "withdraw_review": _("%(by)s withdrew the review of “%(subject)s”"),
    "approve_review": _("%(by)s approved “%(subject)s” in its review"),
    "send_review_back": _("%(by)s sent “%(subject)s” back from its review"),
    "remark_on_review": _("%(by)s remarked on “%(subject)s” in its review"),
    "ask_guest": _("%(by)s asked somebody outside about “%(subject)s”"),
    "revoke_guest": _("%(by)s no longer asks somebody outside about “%(subject)s”"),
    "answer_as_guest": _("Somebody outside answered about “%(subject)s”"),
    "readdress_review": _("Others are asked to review “%(subject)s”: those who were asked cannot"),
    "remind_of_review": _("Somebody was reminded to review “%(subject)s”"),
    "escalate_review": _("Nobody reviewed “%(subject)s” in time, so coaches were told"),
    "end_guest_link": _("Somebody outside has not answered about “%(subject)s”, and their link has ended"),
    "add_review_policy": _("%(by)s wrote the review policy “%(subject)s”"),
    "change_review_policy": _("%(by)s changed the review policy “%(subject)s”"),
    "move_review_policy": _("%(by)s moved the review policy “%(subject)s”"),
    "remove_review_policy": _("%(by)s removed the review policy “%(subject)s”"),
    "set_review_base": _("%(by)s said who sees everything before it goes out"),
    # Ideas, pieces and the others.
    "note_idea": _("%(by)s noted the idea “%(subject)s”"),
    "drop_idea": _("%(by)s dropped the idea “%(subject)s”"),
    "pick_up_idea": _("%(by)s picked the idea “%(subject)s” up again"),
    # Ideas.
    "change_idea": _("%(by)s changed the idea “%(subject)s”"),
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
    "move_variant": _("%(by)s moved a variant to another channel: “%(subject)s”"),
    "order_variants": _("%(by)s put the variants of “%(subject)s” in another order"),
    "restore_version": _("%(by)s brought back a version of “%(subject)s”"),
    "comment": _("%(by)s commented: “%(subject)s”"),
    "resolve_comment": _("%(by)s settled the comment “%(subject)s”"),
    "reopen_comment": _("%(by)s opened the comment “%(subject)s” again"),
    "plan": _("%(by)s planned “%(subject)s”"),
    "replan": _("%(by)s moved “%(subject)s” to another time"),
    "unplan": _("%(by)s took “%(subject)s” off the plan"),
    # Media.
    "take_media": _("%(by)s uploaded “%(subject)s”"),
    "describe_media": _("%(by)s said what is to be seen or heard in “%(subject)s”"),
    "remove_media": _("%(by)s removed “%(subject)s” from the media"),
    "attach_media": _("%(by)s let media go out with “%(subject)s”"),
    "describe_there": _("%(by)s described media of “%(subject)s” differently from elsewhere"),
    "move_media": _("%(by)s put the media of “%(subject)s” in another order"),
    "detach_media": _("%(by)s took media out of “%(subject)s”"),
    # Tracked links.
    "make_link": _("%(by)s made a short link to “%(subject)s”"),
    "remove_link_template": _("%(by)s removed how links are tracked for %(subject)s"),
    "set_link_template": _("%(by)s said how links are tracked: %(subject)s"),
    "plan_now": _("%(by)s had “%(subject)s” published at once"),
    "accept_publication": _("The network took “%(subject)s”"),
    "refuse_publication": _("“%(subject)s” was refused"),
    "lose_publication": _("It is not known whether “%(subject)s” arrived"),
    "miss_publication": _("“%(subject)s” did not go out in time"),
    "settle_publication": _("%(by)s settled how “%(subject)s” goes on"),
    "reassign_publication": _("%(by)s gave “%(subject)s” to somebody to settle"),
    "accept_comment": _("The network took the first comment “%(subject)s”"),
    "refuse_comment": _("The first comment “%(subject)s” was refused"),
    "lose_comment": _("It is not known whether the first comment “%(subject)s” arrived"),
    "settle_comment": _("%(by)s settled how the first comment “%(subject)s” goes on"),
    "add_channel": _("%(by)s opened the channel “%(subject)s”"),
    "change_channel": _("%(by)s changed the channel “%(subject)s”"),
    "add_slots": _("%(by)s added the slot “%(subject)s”"),
    "remove_slot": _("%(by)s removed the slot “%(subject)s”"),
    "add_campaign": _("%(by)s planned “%(subject)s”"),
    "change_campaign": _("%(by)s changed “%(subject)s”"),
    "close_campaign": _("%(by)s closed “%(subject)s”"),
    "reopen_campaign": _("%(by)s opened “%(subject)s” again"),
    "commit_to": _("%(by)s promised a cadence: “%(subject)s” a week"),
    "end_commitment": _("%(by)s ended a promised cadence: “%(subject)s” a week"),
    "make_calendar_feed": _("%(by)s made an address for what they publish"),
    "revoke_calendar_feed": _("%(by)s ended the address for what they publish"),
    "make_shared_feed": _("%(by)s made an address for the whole calendar"),
    "revoke_shared_feed": _("%(by)s ended the address for the whole calendar"),
}
KINDS = {
    "review": _("review"),
    "reviewpolicy": _("review policy"),
    "comment": _("comment"),
    "idea": _("idea"),
    "series": _("series"),
    "piece": _("piece"),
    "variant": _("variant"),
    "publication": _("publication"),
    "media": _("picture, film or sound"),
    "trackedlink": _("tracked link"),
    "linktemplate": _("template of links"),
    "firstcomment": _("first comment"),
    "channel": _("channel"),
    "campaign": _("campaign"),
    "slot": _("slot"),
    "cadencecommitment": _("cadence commitment"),
    "calendarfeed": _("calendar feed"),
}
# What members are told of by mail.
NOTICE_KINDS = {
    "review": _("Content that waits for your review, and what became of yours"),
    "comment": _("Comments that name you, answer yours, or are on your pieces"),
    "publication": _("Publications that were missed, wait for a hand, or went wrong"),
}
# What other programs can be told: its name outside, what it means, its verb in the log, and what of it leaves.
EVENTS = (
    (
        "publication.sent",
        _("A publication was taken by its network"),
        "accept_publication",
        ("remote_id", "remote_url"),
    ),
    ("publication.refused", _("A publication was refused by its network"), "refuse_publication"),
    ("publication.unknown", _("Nobody knows whether a publication arrived"), "lose_publication"),
    ("publication.missed", _("A publication did not go out in time"), "miss_publication"),
)


class ContentConfig(AppConfig):
    """Content: what we say ourselves."""

    name = "content"

    def ready(self) -> None:
        """Put the content room into the navigation, and ideas into the menu of triage."""
        from content import review_asking, review_belongings, review_conditions, reviewing  # noqa: F401, I001
        from content import belongings, own_posts, plans, versions  # noqa: F401
        from content.actions import comments  # noqa: F401
        from content.first_steps import STEPS
        from content.places import ACTIVITIES, PLACES
        from listening.offers import Offer, add_offer
        from listening.webhooks.telling import add_event
        from roles.activities import spend
        from roles.navigation import add_places
        from roles.notice_kinds import add_notice_kinds
        from roles.sentences import say
        from roles.setting_up import add_steps

        say(SENTENCES, kinds=KINDS)
        add_notice_kinds(NOTICE_KINDS)
        for event in EVENTS:
            add_event(*event)
        add_places(PLACES)
        spend(ACTIVITIES)
        idea = Offer(
            "c", _("Idea for content"), "light-bulb", "content:note_idea", "content.note_idea", of_stories=True
        )
        add_offer(idea)
        add_steps(STEPS)
