"""What was published, and what of it concerns the organization."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from listening.querysets import UNKNOWN_RELEVANCE, MentionQuerySet, PostQuerySet
from roles.tenancy import Owned, OwnedInBulk, OwnedManager


class Author(OwnedInBulk):
    """Who wrote a post, at one network."""

    network = models.CharField(max_length=40)
    remote_id = models.CharField(max_length=600)
    handle = models.CharField(_("handle"), max_length=300, blank=True)
    name = models.CharField(_("name"), max_length=300, blank=True)
    url = models.CharField(max_length=2000, blank=True)
    # As the network said last; empty where it never did.
    followers = models.PositiveBigIntegerField(_("followers"), null=True)
    first_seen_at = models.DateTimeField(db_default=Now())

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "network", "remote_id"], name="author_once")]

    def __str__(self) -> str:
        return self.name or self.handle or str(_("Unknown author"))


class Post(OwnedInBulk):
    """What was published at the network, normalised; what it said before stands in its revisions."""

    network = models.CharField(max_length=40)
    # Unique in the organization and network; ids of networks that number within a source begin with its key.
    remote_id = models.CharField(max_length=1000)
    # No index of its own where another one begins with the same key.
    source = models.ForeignKey("listening.Source", models.SET_NULL, null=True, related_name="posts", db_index=False)
    author = models.ForeignKey(Author, models.SET_NULL, null=True, related_name="posts")
    url = models.CharField(max_length=4000, blank=True)
    # The same address in one spelling: the second key, for places that change their ids.
    url_key = models.CharField(max_length=64, blank=True)
    # The same for the same piece in every feed and format: what is told twice can be told together.
    piece = models.CharField(max_length=40, blank=True, db_default="")
    title = models.TextField(_("title"), blank=True)
    text = models.TextField(_("text"), blank=True)
    language = models.CharField(_("language"), max_length=20, blank=True)
    conversation = models.CharField(max_length=1000, blank=True)
    in_reply_to = models.CharField(max_length=1000, blank=True)
    media = models.JSONField(default=list, blank=True)
    is_internal = models.BooleanField(default=False)
    is_ours = models.BooleanField(default=False)
    published_at = models.DateTimeField(_("published at"), null=True)
    edited_at = models.DateTimeField(null=True)
    captured_at = models.DateTimeField(_("captured at"))
    withdrawn_at = models.DateTimeField(null=True)
    # Its words went when their time had come; see `listening.retention`.
    cleaned_at = models.DateTimeField(null=True)
    content_digest = models.CharField(max_length=64)
    revision_count = models.PositiveIntegerField(default=1)
    problems = models.JSONField(default=list, blank=True)

    objects = OwnedManager.from_queryset(PostQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "network", "remote_id"], name="post_once")]
        indexes = [
            models.Index(fields=["source", "url_key"], name="post_by_url", condition=~models.Q(url_key="")),
            models.Index(fields=["source", "-id"], name="post_of_source"),
            models.Index(fields=["organization", "-id"], name="post_internal", condition=models.Q(is_internal=True)),
            models.Index(fields=["organization", "piece"], name="post_piece", condition=~models.Q(piece="")),
            models.Index(
                fields=["organization", "network", "conversation"],
                name="post_conversation",
                condition=~models.Q(conversation=""),
            ),
        ]

    def __str__(self) -> str:
        if self.cleaned_at:
            return str(_("Words no longer kept"))
        return (self.title or self.text)[:80] or self.url or self.remote_id

    @property
    def was_said_internally(self) -> bool:
        """Whether it may never be answered in public: it came from a source that is, or then was, internal."""
        return self.is_internal or (self.source is not None and self.source.is_internal)

    @property
    def said_at(self) -> Any:
        """When it was published, or, where the place does not say, when we captured it."""
        return self.published_at or self.captured_at


class Revision(Owned):
    """What a post said at one time; number 1 is the first that we saw. Posts that were never edited have none."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.TextField(blank=True)
    text = models.TextField(blank=True)
    seen_at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["post", "number"], name="revision_once")]

    def __str__(self) -> str:
        return f"{self.post} ({self.number})"


class Tombstone(Owned):
    """Marks a post that was cleaned up or withdrawn, so that it does not return."""

    network = models.CharField(max_length=40)
    remote_id = models.CharField(max_length=1000)
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "network", "remote_id"], name="tombstone_once")]

    def __str__(self) -> str:
        return self.remote_id


class Mention(OwnedInBulk):
    """A post that concerns the organization: a query matched it, or it was addressed to a channel."""

    class State(models.TextChoices):
        UNTRIAGED = "untriaged", _("Waiting in the stream")
        KEPT = "kept", _("Relevant, nothing to do")
        ROUTED = "routed", _("Given to a department")
        DISMISSED = "dismissed", _("Not relevant")

    class WhyNot(models.TextChoices):
        """Why a mention is not relevant."""

        SPAM = "spam", _("Spam")
        OFF_TOPIC = "off_topic", _("Off topic")
        OTHER_MEANING = "other_meaning", _("Another meaning of the word")
        DUPLICATE = "duplicate", _("Seen already")
        ADVERT = "advert", _("Advertisement or job ad")
        OURS = "ours", _("Said by ourselves")

    class Sentiment(models.IntegerChoices):
        NEGATIVE = -1, _("Negative")
        NEUTRAL = 0, _("Neutral")
        POSITIVE = 1, _("Positive")

    post = models.OneToOneField(Post, models.CASCADE, related_name="mention")
    network = models.CharField(_("network"), max_length=40)
    # Ingest writes a row into every index. So a key has none of its own where another one begins with it, or where it
    # is looked for only when its row is removed, which hardly happens.
    source = models.ForeignKey("listening.Source", models.SET_NULL, null=True, related_name="mentions", db_index=False)
    channel = models.ForeignKey(
        "listening.Channel", models.SET_NULL, null=True, related_name="mentions", db_index=False
    )
    department = models.ForeignKey(
        "roles.Department", models.SET_NULL, null=True, related_name="mentions", db_index=False
    )
    query_ids = ArrayField(models.BigIntegerField(), default=list)
    state = models.CharField(max_length=10, choices=State, default=State.UNTRIAGED)
    captured_at = models.DateTimeField()
    triaged_at = models.DateTimeField(null=True)
    triaged_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+", db_index=False)
    # Why it is not relevant: one of the usual reasons, and words of one's own.
    triage_code = models.CharField(max_length=16, choices=WhyNot, blank=True, default="", db_default="")
    triage_reason = models.CharField(max_length=200, blank=True)

    # Judgements. A person's are kept as corrections, and no machine writes over them.
    language = models.CharField(_("language"), max_length=12, blank=True, default="", db_default="")
    sentiment = models.SmallIntegerField(_("sentiment"), null=True, choices=Sentiment)
    sentiment_score = models.FloatField(null=True)  # from -1 to 1
    relevance = models.FloatField(_("relevance"), null=True)  # from 0 to 1
    topic = models.ForeignKey(
        "listening.Topic", models.SET_NULL, null=True, blank=True, related_name="mentions", db_index=False
    )
    # How sure the machine is that suggested the topic, from 0 to 1; null where a person gave it.
    topic_score = models.FloatField(null=True)
    story = models.ForeignKey(
        "listening.Story", models.SET_NULL, null=True, blank=True, related_name="mentions", db_index=False
    )
    # It waits behind an earlier one of its story that waits too. The database keeps it right: see migration 0017.
    is_folded = models.BooleanField(default=False, db_default=False, editable=False)
    # The versions of what judged, such as “eld 1.0; lexicon 1”; empty: not judged yet.
    judged_by = models.CharField(max_length=200, blank=True, default="", db_default="")

    # How many followed its author when it was captured, as far as the network said.
    followers = models.PositiveBigIntegerField(null=True, editable=False)

    # What a source's first poll found that was long past then. It waits in the stream, is given to nobody and counted
    # nowhere: nobody is flooded with last year's questions, and no figure takes them for today's.
    is_old = models.BooleanField(default=False, db_default=False)

    objects = OwnedManager.from_queryset(MentionQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        indexes = [
            models.Index(fields=["organization", "-id"], name="mention_newest"),
            models.Index(
                fields=["organization", "-id"], name="mention_untriaged", condition=models.Q(state="untriaged")
            ),
            models.Index(
                fields=["organization", "-id"],
                name="mention_lines",
                condition=models.Q(state="untriaged", is_folded=False),
            ),
            models.Index(
                fields=["story", "id"],
                name="mention_story_waits",
                condition=models.Q(state="untriaged", story__isnull=False),
            ),
            models.Index(
                fields=["story", "id"],
                name="mention_story_face",
                condition=models.Q(state="untriaged", is_folded=False, story__isnull=False),
            ),
            # What is not known to be relevant or not stands in the middle.
            models.Index(
                models.F("organization"),
                Coalesce("relevance", UNKNOWN_RELEVANCE).desc(),
                models.F("id").desc(),
                name="mention_most_relevant",
                condition=models.Q(state="untriaged"),
            ),
            models.Index(fields=["organization", "-id"], name="mention_unjudged", condition=models.Q(judged_by="")),
            models.Index(
                fields=["organization", "-triaged_at"],
                name="mention_decided",
                condition=models.Q(triaged_by__isnull=False),
            ),
            models.Index(
                fields=["organization", "state", "-id"],
                name="mention_set_aside",
                condition=models.Q(state__in=["dismissed", "kept"]),
            ),
            models.Index(fields=["organization", "network", "-id"], name="mention_network"),
            # A network of which nothing waits must not cost a look at all that waits.
            models.Index(
                fields=["organization", "network", "-id"],
                name="mention_network_waits",
                condition=models.Q(state="untriaged"),
            ),
            # What is rare is not come across by looking at one after the other; most mentions are neutral.
            models.Index(fields=["organization", "language", "-id"], name="mention_language"),
            models.Index(
                fields=["organization", "sentiment", "-id"],
                name="mention_sentiment",
                condition=models.Q(sentiment__in=[-1, 1]),
            ),
            models.Index(fields=["organization", "captured_at"], name="mention_captured"),
            models.Index(fields=["source", "-id"], name="mention_source"),
            models.Index(fields=["channel"], name="mention_channel", condition=models.Q(channel__isnull=False)),
            models.Index(fields=["topic", "-id"], name="mention_topic", condition=models.Q(topic__isnull=False)),
            models.Index(fields=["story", "-id"], name="mention_story", condition=models.Q(story__isnull=False)),
        ]

    def __str__(self) -> str:
        return str(self.post)

    @property
    def topic_is_suggested(self) -> bool:
        """Whether a machine named the topic, and no person has yet."""
        return self.topic_id is not None and self.topic_score is not None


class MentionMatch(OwnedInBulk):
    """Which query matched a mention, and where: spans are [field, start, end] in characters of the original."""

    mention = models.ForeignKey(Mention, models.CASCADE, related_name="matches", db_index=False)
    query = models.ForeignKey("listening.TrackingQuery", models.CASCADE, related_name="matches", db_index=False)
    spans = models.JSONField(default=list)

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["mention", "query"], name="match_once")]
        indexes = [models.Index(fields=["query", "-mention"], name="match_of_query")]

    def __str__(self) -> str:
        return f"{self.query}: {self.mention}"
