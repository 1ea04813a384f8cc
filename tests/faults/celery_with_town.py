"""The application's Celery, in processes that know the town."""

from __future__ import annotations

from config.celery import app
from tests.faults import town

town.install()
__all__ = ["app"]
