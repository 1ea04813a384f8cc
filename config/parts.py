"""The commands of the processes that make up a running Touchline; docker-compose.yml runs the same ones."""

from __future__ import annotations

from pathlib import Path

from config.ports import Listening

QUEUES = "poll,ingest,deliver,measure,celery"


def web(listening: Listening) -> list[str]:
    """The pages and the API: threads in two processes, for a page waits for the database more than it computes."""
    command = ["gunicorn", "config.wsgi:application", "--bind", f"{listening.bracketed}:{listening.port}"]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "8", "--preload"]
    return [*command, "--no-control-socket", "--graceful-timeout", "4", "--log-level", "warning"]


def events(listening: Listening) -> list[str]:
    """The event stream: one process holds them all."""
    command = ["uvicorn", "config.events:application", "--host", listening.host, "--port", str(listening.events_port)]
    return [*command, "--log-level", "warning", "--no-access-log", "--timeout-graceful-shutdown", "2"]


def worker(log_level: str) -> list[str]:
    """The worker of every queue; it need not know other workers, for the database tells who has what."""
    command = ["celery", "-A", "config", "--quiet", "worker", "--queues", QUEUES, "--concurrency", "2"]
    return [*command, "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", log_level]


def lines() -> list[str]:
    """The lines that stay open to networks: one process holds them all, and a second is idle unless it dies."""
    return ["manage.py", "hold_lines"]


def beat(schedule: Path) -> list[str]:
    """The clock that says “look now”."""
    command = ["celery", "-A", "config.beat", "--quiet", "beat", "--schedule", str(schedule), "--pidfile="]
    return [*command, "--loglevel", "WARNING"]
