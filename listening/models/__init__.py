"""What we hear: places, posts, and what of them concerns us."""

from listening.models.bulk import BulkDecision, BulkStep
from listening.models.connections import Connection, NetworkSignIn, OwnSecret
from listening.models.filters import Column, SavedFilter
from listening.models.health import Push, SourceDay, Subscription
from listening.models.insights import Brief, BriefPlan, BriefReader, Insight, InsightMention
from listening.models.judgements import Correction, LearnedModel, Topic
from listening.models.notices import Notice, NoticeAddress
from listening.models.open_lines import OpenLine
from listening.models.own_feeds import OwnFeedEntry
from listening.models.posts import Author, Mention, MentionMatch, Post, Revision, Tombstone
from listening.models.practice import PracticeAccount, PracticePost, PracticeScript
from listening.models.queries import LookBack, TrackingQuery
from listening.models.rates import RateLimit
from listening.models.retention import RetentionRule
from listening.models.revisits import Revisit
from listening.models.search import PostToIndex, PostWords
from listening.models.sources import Channel, Host, Poll, Source
from listening.models.stories import Fingerprint, Folding, Story
from listening.models.venues import VenueMap
from listening.models.warnings import EarlyWarning, KnownEvent, Lookout, WatchedSeries
from listening.models.webhooks import InboundBody, InboundWebhook, OutboundEvent, OutboundWebhook

__all__ = [
    "Author",
    "Brief",
    "BriefPlan",
    "BriefReader",
    "BulkDecision",
    "BulkStep",
    "Channel",
    "Column",
    "Connection",
    "Correction",
    "EarlyWarning",
    "Fingerprint",
    "Folding",
    "Host",
    "InboundBody",
    "InboundWebhook",
    "Insight",
    "InsightMention",
    "KnownEvent",
    "LearnedModel",
    "LookBack",
    "Lookout",
    "Mention",
    "MentionMatch",
    "NetworkSignIn",
    "Notice",
    "NoticeAddress",
    "OpenLine",
    "OutboundEvent",
    "OutboundWebhook",
    "OwnFeedEntry",
    "OwnSecret",
    "Poll",
    "Post",
    "PostToIndex",
    "PostWords",
    "PracticeAccount",
    "PracticePost",
    "PracticeScript",
    "Push",
    "RateLimit",
    "RetentionRule",
    "Revision",
    "Revisit",
    "SavedFilter",
    "Source",
    "SourceDay",
    "Story",
    "Subscription",
    "Tombstone",
    "Topic",
    "TrackingQuery",
    "VenueMap",
    "WatchedSeries",
]
