"""What the people of the demo organization said about their first mentions, from which the machine learns."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from listening import polling
from listening.actions import judgements, topics
from listening.actions.mentions import dismiss, keep
from listening.models import Mention, PracticeAccount
from listening.practice_field import actions as field
from roles.models import Department, Member

# Topic, what belongs to it, whom it concerns, and what was said about it.
TOPICS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (
        "Billing",
        "Invoices, prices, refunds, leasing.",
        "Customer care",
        (
            "Paid twice for my #cargobike, and the invoice still says open.",
            "When does a refund for a #cargobike arrive? The bank says nothing came.",
            "The leasing rate of my #cargobike went up without a letter.",
            "Who explains this invoice? A #cargobike and two fees that nobody ordered.",
            "Price of a second battery for a #cargobike: is the invoice with tax?",
            "My refund for the #cargobike rack is a month late.",
        ),
    ),
    (
        "Delivery",
        "When it comes, where it is, what was missing in the box.",
        "Customer care",
        (
            "The parcel with my #cargobike lock has not arrived.",
            "Delivery of the #cargobike was moved for the third time.",
            "Box arrived, #cargobike bell missing in the parcel.",
            "Waiting since Monday for the delivery of a #cargobike cover.",
            "The driver left the #cargobike parcel in the rain.",
            "How long is delivery of a #cargobike to the islands?",
        ),
    ),
    (
        "Repairs",
        "What broke, spare parts, the workshop.",
        "Customer care",
        (
            "The brake of my #cargobike squeals after every wash.",
            "Broken spoke on the #cargobike, which workshop repairs it?",
            "The chain of this #cargobike jumps under load.",
            "My #cargobike display is dead, a repair would be nice.",
            "Spare pedal for the #cargobike? Mine is broken.",
            "Workshop says the #cargobike motor cannot be repaired.",
        ),
    ),
    (
        "Praise",
        "What people like. Communications may ask to quote it.",
        "Communications",
        (
            "Two years of #cargobike and not one regret. Thank you!",
            "Best purchase of the year: a #cargobike for four.",
            "What a lovely evening ride with the #cargobike.",
            "The #cargobike carried a sofa. I am in love.",
            "Great people at the #cargobike stall today, thank you!",
            "My daughter sings in the #cargobike every morning. Wonderful.",
        ),
    ),
)
NOISE = (
    "Giveaway! Follow and win a #cargobike this weekend.",
    "Hiring now: drivers with a #cargobike, apply by link.",
    "Win a #cargobike: tag three friends and follow us.",
    "Apply today: courier job, #cargobike provided.",
    "Follow for more #cargobike deals, promo code inside.",
    "Promo: win a helmet, #cargobike fans follow and tag.",
    "Courier job near you, #cargobike or car, apply now.",
    "Giveaway ends tonight, #cargobike sticker set to win.",
)
# What the lexicon hears wrongly: nobody was glad of these.
NOT_GLAD = ("a repair would be nice", "without a letter", "cannot be repaired", "moved for the third time")


def judge_past(cast: dict[str, PracticeAccount], *, at: datetime) -> None:
    """Let the cast talk about cargo bicycles, and the gatherer say what each is about or that it is nothing."""
    speakers = cycle(account for _handle, account in sorted(cast.items()) if not account.is_ours)
    said = [(text, name) for name, _description, _department, texts in TOPICS for text in texts]
    for text, _topic in said + [(text, "") for text in NOISE]:
        field.post(next(speakers), text=text, by=None, at=at)
    heard = at + timedelta(seconds=20)
    polling.poll_due(heard)
    acting: dict[str, Any] = {"by": _gatherer(), "at": heard + timedelta(minutes=30)}
    known = {
        name: topics.add_topic(
            name=name, description=description, department=Department.objects.get(name=department), **acting
        )
        for name, description, department, _texts in TOPICS
    }
    about = dict(said)
    for mention in Mention.objects.untriaged().select_related("post").order_by("pk"):
        text = mention.post.text
        if text not in about:
            dismiss(mention, **acting)
            continue
        judgements.give_topic(mention, topic=known[about[text]], **acting)
        if any(part in text for part in NOT_GLAD):
            judgements.correct_sentiment(mention, sentiment=Mention.Sentiment.NEGATIVE, **acting)
        keep(mention, **acting)


def _gatherer() -> Member:
    return Member.objects.get(positions__role="gatherer")
