"""A process that is the test's own, with everything loaded, and dies as `kill -9` ends one: quick enough for many."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

from django.db import connection

from tests.faults.workers import wait_until_the_server_has_noticed

LONGEST = 60


def killed(work: Callable[[], Any]) -> bool:
    """Do the work in a process of its own; returns whether it was killed in it, False where it came to its end."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            # The connection is the test's: this one neither uses nor closes it, and opens one of its own.
            inherited, connection.connection = connection.connection, None
            work()
            status = 0 if inherited is not None else 2
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    ended = _wait(process)
    wait_until_the_server_has_noticed()
    assert os.WIFSIGNALED(ended) or os.WEXITSTATUS(ended) == 0, "it failed, see above"
    return os.WIFSIGNALED(ended) and os.WTERMSIG(ended) == signal.SIGKILL


def _wait(process: int) -> int:
    end = monotonic() + LONGEST
    while True:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return status
        if monotonic() > end:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            raise AssertionError("it hung")
        sleep(0.01)
