"""How the workers' tasks end, of the whole installation."""

from __future__ import annotations

from django.db import models

from roles.task_querysets import TaskRecordQuerySet


class TaskRecord(models.Model):
    """How the runs of one task end; it stands in the database, so that it outlives the broker and every process."""

    # As Celery calls it, such as “listening.tasks.poll_due”; a heartbeat is named with its queue.
    name = models.CharField(max_length=120, unique=True)
    # How often beat sends it; empty where it does not.
    every_seconds = models.PositiveIntegerField(null=True)
    known_at = models.DateTimeField()
    # When a run last came to its end; noted at most once in a minute.
    ended_at = models.DateTimeField(null=True)
    # Since when runs have come to their end without a gap of five minutes.
    steady_since_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failing_since_at = models.DateTimeField(null=True)
    failures_in_row = models.PositiveIntegerField(default=0)
    failures = models.PositiveBigIntegerField(default=0)
    # Whether the last failure left a part of the work undone, and the run came to its end all the same.
    in_part = models.BooleanField(default=False)
    # The type and the first line of the last failure, without secrets.
    problem = models.CharField(max_length=300, blank=True)

    objects = TaskRecordQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
