"""How the API shows assignments, replies and what they are about."""

from __future__ import annotations

from rest_framework import serializers

from engagement.models import Assignment, AssignmentNote, Promise, Reply, ReplyResult
from engagement.reason_words import Reader, in_words
from listening.api.translated import TranslatedField
from listening.models import Author, Channel, Mention, Post
from roles.api.members import DepartmentSerializer
from roles.models import Member


class PersonSerializer(serializers.ModelSerializer[Member]):
    """A member by name."""

    name = serializers.CharField(source="user.name", read_only=True)

    class Meta:
        model = Member
        fields = ("id", "name")


class PostAuthorSerializer(serializers.ModelSerializer[Author]):
    """Who wrote a post."""

    class Meta:
        model = Author
        fields = ("name", "handle", "url", "followers")


class MentionedPostSerializer(serializers.ModelSerializer[Post]):
    """The post that an assignment is about."""

    author = PostAuthorSerializer(allow_null=True)

    class Meta:
        model = Post
        fields = ("id", "network", "remote_id", "url", "title", "text", "language", "author", "published_at",
                  "edited_at", "revision_count", "withdrawn_at")  # fmt: skip


class AssignedMentionSerializer(serializers.ModelSerializer[Mention]):
    """The mention that was given to somebody."""

    post = MentionedPostSerializer()

    class Meta:
        model = Mention
        fields = ("id", "network", "source", "channel", "query_ids", "captured_at", "post")


class ChannelNameSerializer(serializers.ModelSerializer[Channel]):
    """The account that speaks."""

    class Meta:
        model = Channel
        fields = ("id", "network", "handle", "name")


class ReplyResultSerializer(serializers.ModelSerializer[ReplyResult]):
    """What came of a reply, as its network said at `fetched_at`; null where it does not tell, which is not 0."""

    problem = TranslatedField(read_only=True)

    class Meta:
        model = ReplyResult
        fields = ("likes", "reposts", "answers", "fetched_at", "next_look_at", "problem")


class ReplySerializer(serializers.ModelSerializer[Reply]):
    """A reply and how far it has come."""

    by = PersonSerializer()
    channel = ChannelNameSerializer()
    result = ReplyResultSerializer(
        read_only=True, allow_null=True, help_text="Null where the network tells nothing of what came of it."
    )
    needs_a_person = serializers.SerializerMethodField(help_text="Whether only a person can say how it goes on.")
    owner = serializers.IntegerField(
        source="owner_id", read_only=True, allow_null=True, help_text="The member who has to act, if any."
    )

    problem = TranslatedField(read_only=True)

    class Meta:
        model = Reply
        fields = ("id", "assignment", "post", "channel", "by", "text", "state", "problem", "needs_a_person", "owner",
                  "resolves", "saved_reply", "is_edited", "written_at", "accepted_at", "seen_at",
                  "remote_id", "remote_url", "result")  # fmt: skip

    def get_needs_a_person(self, reply: Reply) -> bool:
        return reply.put_before_person_at is not None


class PromiseSerializer(serializers.ModelSerializer[Promise]):
    """One time that runs, or ran, for an assignment."""

    class Meta:
        model = Promise
        fields = ("id", "kind", "number", "minutes", "in_business_hours", "started_at", "warn_at", "due_at", "kept_at",
                  "ended_at")  # fmt: skip


class AssignmentSerializer(serializers.ModelSerializer[Assignment]):
    """A mention in somebody's hands, and why in theirs."""

    mention = AssignedMentionSerializer()
    department = DepartmentSerializer()
    member = PersonSerializer(allow_null=True)
    reasons = serializers.SerializerMethodField(help_text="Why it is here and why this person, in sentences.")
    replies = ReplySerializer(many=True)
    promises = PromiseSerializer(many=True, help_text="By when what was promised; `promise` is the one that runs.")

    class Meta:
        model = Assignment
        fields = ("id", "state", "priority", "target", "promise", "promised_at", "due_at", "warn_at", "paused_at",
                  "first_due_at", "promises", "department", "member", "rule", "reasons", "mention", "replies",
                  "needs_approval", "created_at", "assigned_at", "claimed_at", "snoozed_until", "wakes_on",
                  "first_answered_at", "resolved_at", "outcome", "reopened_count", "version")  # fmt: skip

    def get_reasons(self, assignment: Assignment) -> list[str]:
        view = self.context.get("view")
        member = getattr(view, "member", None)
        return in_words(assignment.reasons, Reader(member.pk if member else None, {}, holder=assignment.member_id))


class NoteSerializer(serializers.ModelSerializer[AssignmentNote]):
    """An internal note."""

    by = PersonSerializer()

    class Meta:
        model = AssignmentNote
        fields = ("id", "by", "text", "written_at")
