"""What happened to a post and in its thread since somebody read it: reasons not to send what answers neither."""

from __future__ import annotations

from django.db.models import Max
from django.utils.translation import gettext as _

from engagement.models import Reply
from engagement.refusals import Changed
from listening.models import Post, Revision


def newest_in_thread(post: Post) -> int:
    """The key of the newest post of the thread."""
    return int(Post.objects.in_conversation(post).order_by().aggregate(newest=Max("pk"))["newest"] or post.pk)


def answered_there(post: Post, *, until: int) -> Post | None:
    """An answer of our own account to this very post that came after `until` and went out by other ways than ours."""
    if not post.conversation:
        return None
    thread = Post.objects.in_conversation(post).filter(is_ours=True, pk__gt=until)
    answers = thread.filter(in_reply_to__in=["", post.remote_id]).select_related("author").order_by("-pk")
    found = list(answers[:20])
    sent = Reply.objects.filter(remote_id__in=[one.remote_id for one in found]) if found else Reply.objects.none()
    known = set(sent.values_list("remote_id", flat=True)) if found else set()
    return next((one for one in found if one.remote_id not in known), None)


def stop_if_changed(post: Post, *, revision: int | None, until: int | None) -> None:
    """Raise Changed, with what was and what is, where the post or the thread is not what the writer has read."""
    if revision and post.revision_count != revision:
        before = Revision.objects.filter(post=post, number=revision).first()
        raise Changed(
            _("The author has changed the post since you read it. Read it again; your text is kept as a draft."),
            before=_said(before) if before else "",
            now=_said(post),
        )
    if until and (answer := answered_there(post, until=until)):
        raise Changed(
            _("%(account)s has answered this at the network meanwhile. Your text is kept as a draft.")
            % {"account": answer.author or _("Our account")},
            now=_said(answer),
            until=answer.pk,
        )


def forbids_sending(reply: Reply, post: Post) -> str:
    """Return why a reply that waited must not go out any more, as far as its post and thread tell; empty if it may."""
    if reply.post_revision and post.revision_count != reply.post_revision:
        return _("The author changed the post before this went out. Read it again, then send.")
    if reply.thread_until and (answer := answered_there(post, until=reply.thread_until)):
        return _("%(account)s answered at the network before this went out: “%(text)s”.") % {
            "account": answer.author or _("Our account"), "text": _said(answer)[:200],
        }  # fmt: skip
    return ""


def _said(what: Post | Revision) -> str:
    return "\n".join(filter(None, (what.title, what.text)))
