"""The clock that says "look now": it knows tasks by their names alone, so it loads none of them, nor any model."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app: Any = Celery("touchline", fixups=[], set_as_current=False)
app.config_from_object("django.conf:settings", namespace="CELERY")

# A beat that was missed is not made up for: the next one finds the same rows. So a message nobody took soon is dropped.
app.conf.beat_schedule = {
    "poll-due-sources": {"task": "listening.tasks.poll_due", "schedule": 5.0, "options": {"expires": 5}},
    "play-the-practice-field": {"task": "listening.tasks.play_cast", "schedule": 10.0, "options": {"expires": 10}},
    "follow-up": {"task": "engagement.tasks.follow_up", "schedule": 60.0, "options": {"expires": 60}},
    "sweep-left-overs": {"task": "engagement.tasks.sweep_left_overs", "schedule": 15.0, "options": {"expires": 15}},
    "decide-in-bulk": {"task": "listening.tasks.decide_in_bulk", "schedule": 10.0, "options": {"expires": 10}},
    "escalate": {"task": "engagement.tasks.escalate", "schedule": 30.0, "options": {"expires": 30}},
    "watch-promises": {"task": "engagement.tasks.watch_promises", "schedule": 15.0, "options": {"expires": 15}},
    "wake-snoozed": {"task": "engagement.tasks.wake_snoozed", "schedule": 30.0, "options": {"expires": 30}},
    "deliver-ready": {"task": "engagement.tasks.deliver_ready", "schedule": 5.0, "options": {"expires": 5}},
    "reconcile-unknown": {"task": "engagement.tasks.reconcile_unknown", "schedule": 20.0, "options": {"expires": 20}},
    "remind-of-deliveries": {
        "task": "engagement.tasks.remind_of_deliveries",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "learn-saved-replies": {
        "task": "engagement.tasks.learn_saved_replies",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "look-after-consults": {
        "task": "engagement.tasks.look_after_consults",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "readdress-approvals": {
        "task": "engagement.tasks.readdress_approvals",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "forget-mails": {"task": "engagement.tasks.forget_mails", "schedule": 3600.0, "options": {"expires": 600}},
    "ask-again": {"task": "engagement.tasks.ask_again", "schedule": 15.0, "options": {"expires": 15}},
    "take-mails": {"task": "engagement.tasks.take_mails", "schedule": 10.0, "options": {"expires": 10}},
    "refresh-roll-ups": {"task": "measurement.tasks.refresh_rollups", "schedule": 15.0, "options": {"expires": 15}},
    "assess-due": {
        "task": "maturity.tasks.assess_due",
        "schedule": 600.0,
        "options": {"expires": 300, "queue": "measure"},
    },
    "remind-readers": {"task": "maturity.tasks.remind_readers", "schedule": 600.0, "options": {"expires": 300}},
    "remind-of-reviews": {"task": "maturity.tasks.remind_of_reviews", "schedule": 600.0, "options": {"expires": 300}},
    "send-huddle-digests": {
        "task": "maturity.tasks.send_huddle_digests",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "keep-trainings": {
        "task": "maturity.tasks.keep_trainings",
        "schedule": 600.0,
        "options": {"expires": 300, "queue": "measure"},
    },
    "remind-of-blocks": {"task": "maturity.tasks.remind_of_blocks", "schedule": 60.0, "options": {"expires": 60}},
    "play-drills": {"task": "maturity.tasks.play_drills", "schedule": 5.0, "options": {"expires": 5}},
    "look-after-surges": {"task": "maturity.tasks.look_after_surges", "schedule": 20.0, "options": {"expires": 20}},
    "forget-old-time": {"task": "maturity.tasks.forget_old_time", "schedule": 3600.0, "options": {"expires": 600}},
    "draw-venue-maps": {"task": "listening.tasks.draw_venue_maps", "schedule": 60.0, "options": {"expires": 50}},
    "make-due-briefs": {"task": "listening.tasks.make_due_briefs", "schedule": 60.0, "options": {"expires": 50}},
    "send-mails": {"task": "roles.tasks.send_mails", "schedule": 15.0, "options": {"expires": 15}},
    "renew-metadata": {"task": "roles.tasks.renew_metadata", "schedule": 600.0, "options": {"expires": 300}},
    "keep-terms": {"task": "roles.tasks.keep_terms", "schedule": 30.0, "options": {"expires": 30}},
    "forget-old-mails": {"task": "roles.tasks.forget_old_mails", "schedule": 3600.0, "options": {"expires": 600}},
    "forget-old-keys": {"task": "roles.tasks.forget_old_keys", "schedule": 3600.0, "options": {"expires": 600}},
    "judge-mentions": {
        "task": "listening.tasks.judge_mentions",
        "schedule": 15.0,
        "options": {"expires": 15, "queue": "measure"},
    },
    "train-models": {
        "task": "listening.tasks.train_models",
        "schedule": 60.0,
        "options": {"expires": 60, "queue": "measure"},
    },
    "clean-up": {
        "task": "listening.tasks.clean_up",
        "schedule": 600.0,
        "options": {"expires": 300, "queue": "measure"},
    },
    "look-out": {
        "task": "listening.tasks.look_out",
        "schedule": 30.0,
        "options": {"expires": 30, "queue": "measure"},
    },
    "fold-stories": {"task": "listening.tasks.fold_stories", "schedule": 5.0, "options": {"expires": 5}},
    "tidy-stories": {"task": "listening.tasks.tidy_stories", "schedule": 3600.0, "options": {"expires": 600}},
    "renew-subscriptions": {
        "task": "listening.tasks.renew_subscriptions",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "take-pushes": {"task": "listening.tasks.take_pushes", "schedule": 10.0, "options": {"expires": 10}},
    "look-back": {"task": "listening.tasks.look_back", "schedule": 15.0, "options": {"expires": 15}},
    "index-posts": {"task": "listening.tasks.index_posts", "schedule": 5.0, "options": {"expires": 5}},
    "forget-old-polls": {
        "task": "listening.tasks.forget_old_polls",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    **{
        f"heartbeat-{queue}": {
            "task": "roles.tasks.heartbeat",
            "schedule": 20.0,
            "kwargs": {"queue": queue},
            "options": {"queue": queue, "expires": 20},
        }
        for queue in ("celery", "poll", "deliver", "measure")
    },
}
