"""The addresses of listening."""

from __future__ import annotations

from django.urls import path

from listening.views import (
    judgements,
    practice,
    queries,
    retention,
    source_lists,
    sources,
    stream,
    topics,
    websub,
)

app_name = "listening"
urlpatterns = [
    path("stream/", stream.stream, name="stream"),
    path("mentions/<int:pk>/", stream.mention, name="mention"),
    path("mentions/<int:pk>/dismiss/", stream.dismiss, name="dismiss"),
    path("mentions/<int:pk>/restore/", stream.restore, name="restore"),
    path("mentions/<int:pk>/route/", stream.route_to, name="route_to"),
    path("mentions/<int:pk>/language/", judgements.correct_language, name="correct_language"),
    path("mentions/<int:pk>/sentiment/", judgements.correct_sentiment, name="correct_sentiment"),
    path("mentions/<int:pk>/topic/", judgements.give_topic, name="give_topic"),
    path("mentions/<int:pk>/take-back/", judgements.take_back_correction, name="take_back_correction"),
    path("topics/", topics.topics, name="topics"),
    path("topics/add/", topics.add_topic, name="add_topic"),
    path("topics/<int:pk>/change/", topics.change_topic, name="change_topic"),
    path("topics/<int:pk>/pause/", topics.pause_topic, name="pause_topic"),
    path("topics/<int:pk>/resume/", topics.resume_topic, name="resume_topic"),
    path("topics/<int:pk>/merge/", topics.merge_topics, name="merge_topics"),
    path("sources/", source_lists.sources, name="sources"),
    path("sources/discover/", source_lists.discover_feeds, name="discover_feeds"),
    path("sources/import/", source_lists.import_sources, name="import_sources"),
    path("sources/export/", source_lists.export_sources, name="export_sources"),
    path("sources/add/", sources.add_source, name="add_source"),
    path("sources/<int:pk>/", sources.source, name="source"),
    path("sources/<int:pk>/change/", sources.change_source, name="change_source"),
    path("sources/<int:pk>/poll/", sources.poll_source, name="poll_source"),
    path("sources/<int:pk>/pause/", sources.pause_source, name="pause_source"),
    path("sources/<int:pk>/resume/", sources.resume_source, name="resume_source"),
    path("sources/<int:pk>/remove/", sources.remove_source, name="remove_source"),
    path("queries/", queries.queries, name="queries"),
    path("queries/add/", queries.add_query, name="add_query"),
    path("queries/read/", queries.read_query, name="read_query"),
    path("queries/<int:pk>/change/", queries.change_query, name="change_query"),
    path("queries/<int:pk>/pause/", queries.pause_query, name="pause_query"),
    path("queries/<int:pk>/resume/", queries.resume_query, name="resume_query"),
    path("queries/<int:pk>/remove/", queries.remove_query, name="remove_query"),
    path("retention/", retention.retention, name="retention"),
    path("retention/<slug:kind>/", retention.set_retention, name="set_retention"),
    path("websub/<str:key>/", websub.websub, name="websub"),
    path("practice/", practice.practice, name="practice"),
    path("practice/say/", practice.say, name="practice_say"),
    path("practice/play/", practice.play, name="practice_play"),
    path("practice/<int:pk>/", practice.practice_post, name="practice_post"),
    path("practice/<int:pk>/edit/", practice.edit, name="practice_edit"),
    path("practice/<int:pk>/remove/", practice.remove, name="practice_remove"),
]
