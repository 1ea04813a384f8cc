"""The door by which the adapter reaches the practice field of the organization that is acting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from listening.models import PracticeAccount, PracticePost
from listening.networks.protocols import Refused
from listening.practice_field import actions
from roles import clock
from roles.tenancy import acting_for, active_organization


class PracticeDoor:
    """Opens the active organization's field; the organization is fixed when the door is made."""

    def __init__(self) -> None:
        self.organization = active_organization()

    async def changes_after(self, number: int, *, limit: int) -> Sequence[Mapping[str, Any]]:
        """Return at most `limit` posts changed after the number, in the order of change."""
        return await sync_to_async(self._changes_after)(number, limit)

    def _changes_after(self, number: int, limit: int) -> Sequence[Mapping[str, Any]]:
        with acting_for(self.organization):
            rows = (
                PracticePost.objects.filter(changed_number__gt=number)
                .select_related("account", "in_reply_to__account")
                .order_by("changed_number")[:limit]
            )
            return [self._row(row) for row in rows]

    def _row(self, row: PracticePost) -> Mapping[str, Any]:
        above = row.in_reply_to
        return {
            "number": row.changed_number,
            "id": row.pk,
            "text": row.text,
            "url": self._address(row.pk),
            "account_id": row.account_id,
            "handle": row.account.handle,
            "name": row.account.name,
            "account_url": "",
            "followers": row.account.followers,
            "published_at": row.published_at,
            "edited_at": row.edited_at,
            "in_reply_to": row.in_reply_to_id,
            "in_reply_to_handle": above.account.handle if above else "",
            "thread": row.thread_id,
            "removed": row.removed_at is not None,
        }

    def _address(self, key: int) -> str:
        return f"{settings.SITE_URL}/o/{self.organization.slug}/practice/{key}/"

    def post_reply(self, *, key: str, handle: str, to: str, text: str) -> tuple[str, str]:
        """Answer the post `to` as our account; returns the new post's id and address."""
        with acting_for(self.organization):
            account = _ours(handle)
            above = PracticePost.objects.filter(pk=int(to), removed_at=None).first() if to.isdigit() else None
            if above is None:
                raise Refused(_("The post that this answers is no longer there."))
            made = actions.post(account, text=text, by=None, at=clock.now(), in_reply_to=above, key=key)
            return str(made.pk), self._address(made.pk)

    def post_piece(self, *, key: str, handle: str, text: str) -> tuple[str, str]:
        """Say something as our account; returns the new post's id and address."""
        with acting_for(self.organization):
            made = actions.post(_ours(handle), text=text, by=None, at=clock.now(), key=key)
            return str(made.pk), self._address(made.pk)

    def find(self, *, key: str) -> tuple[str, str] | None:
        """Return the id and address of the post with this key, if there is one."""
        with acting_for(self.organization):
            found = PracticePost.objects.filter(key=key, removed_at=None).first()
            return (str(found.pk), self._address(found.pk)) if found else None

    def answers_to(self, ids: Sequence[str]) -> Mapping[str, int]:
        """How many answers each of some posts has; posts that were taken down are left out."""
        with acting_for(self.organization):
            there = PracticePost.objects.filter(pk__in=[int(key) for key in ids if key.isdecimal()], removed_at=None)
            counted = there.order_by().annotate(answers=Count("replies", filter=Q(replies__removed_at=None)))
            return {str(key): count for key, count in counted.values_list("pk", "answers")}


def _ours(handle: str) -> PracticeAccount:
    account = PracticeAccount.objects.filter(handle=handle, is_ours=True).first()
    if account is None:
        raise Refused(_("There is no account @%(handle)s on the practice field.") % {"handle": handle})
    return account
