"""The clock that says "look now": it knows tasks by their names alone, so it loads none of them, nor any model."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app: Any = Celery("touchline", fixups=[], set_as_current=False)
app.config_from_object("django.conf:settings", namespace="CELERY")

# The seconds between two looks, and what is looked for.
EVERY = {
    5: (
        "content.tasks.publish_due",
        "engagement.tasks.deliver_ready",
        "listening.tasks.fold_stories",
        "listening.tasks.index_posts",
        "listening.tasks.poll_due",
        "maturity.tasks.play_drills",
    ),
    10: (
        "engagement.tasks.take_mails",
        "listening.tasks.decide_in_bulk",
        "listening.tasks.play_cast",
        "listening.tasks.gather_events",
        "listening.tasks.gather_notices",
        "listening.tasks.take_pushes",
        "listening.tasks.tend_connections",
        "listening.tasks.tell_events",
        "listening.tasks.tell_notices",
    ),
    15: (
        "engagement.tasks.ask_again",
        "engagement.tasks.sweep_left_overs",
        "engagement.tasks.watch_promises",
        "listening.tasks.judge_mentions",
        "listening.tasks.look_back",
        "measurement.tasks.refresh_rollups",
        "roles.tasks.send_mails",
    ),
    20: (
        "content.tasks.reconcile_publications",
        "engagement.tasks.reconcile_unknown",
        "maturity.tasks.look_after_surges",
    ),
    30: (
        "content.tasks.make_renditions",
        "content.tasks.look_after_late",
        "engagement.tasks.escalate",
        "engagement.tasks.look_after_consults",
        "engagement.tasks.remind_of_deliveries",
        "engagement.tasks.wake_snoozed",
        "listening.tasks.look_out",
        "roles.tasks.keep_terms",
        "content.tasks.look_after_reviews",
    ),
    60: (
        "content.tasks.look_at_results",
        "engagement.tasks.follow_up",
        "engagement.tasks.learn_saved_replies",
        "engagement.tasks.look_at_results",
        "engagement.tasks.readdress_approvals",
        "listening.tasks.draw_venue_maps",
        "listening.tasks.make_due_briefs",
        "listening.tasks.renew_subscriptions",
        "listening.tasks.revisit_posts",
        "listening.tasks.train_models",
        "maturity.tasks.remind_of_blocks",
        "measurement.tasks.send_due_reports",
    ),
    300: ("maturity.tasks.send_huddle_digests",),
    600: (
        "content.tasks.sweep_media",
        "listening.tasks.clean_up",
        "maturity.tasks.assess_due",
        "maturity.tasks.keep_trainings",
        "maturity.tasks.remind_of_reviews",
        "maturity.tasks.remind_readers",
        "roles.tasks.renew_metadata",
    ),
    3600: (
        "content.tasks.look_at_plans",
        "content.tasks.recognise_own_posts",
        "content.tasks.reckon_due_times",
        "engagement.tasks.forget_mails",
        "listening.tasks.forget_old_polls",
        "listening.tasks.forget_told",
        "listening.tasks.tidy_stories",
        "maturity.tasks.forget_old_time",
        "roles.tasks.forget_old_keys",
        "roles.tasks.forget_old_mails",
    ),
}


def _look(task: str, seconds: int, **told: str) -> dict[str, Any]:
    """Say it every so often; what nobody took until the next time is dropped, for that finds the same rows."""
    return {"task": task, "schedule": float(seconds), "kwargs": told, "options": {"expires": min(seconds, 600), **told}}


app.conf.beat_schedule = {
    **{task: _look(task, seconds) for seconds, tasks in EVERY.items() for task in tasks},
    **{
        f"heartbeat of {queue}": _look("roles.tasks.heartbeat", 20, queue=queue)
        for queue in ("celery", "poll", "ingest", "deliver", "measure")
    },
}
