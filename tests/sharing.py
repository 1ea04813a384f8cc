"""What all tests of a module begin with, made once for them: each test works on a copy, and takes its rows back.

The rows lie in a transaction around the module, in which each test has its own, as always. So it is nothing for a
module with tests that commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import transaction

Made = TypeVar("Made")


@contextmanager
def made_once(make: Callable[[], Made], blocker: Any) -> Iterator[Made]:
    """What `make` makes, with its rows, until the fixture of the module ends; `blocker` is pytest-django's."""
    around = transaction.atomic()
    with blocker.unblock():
        around.__enter__()
    try:
        # What fails here fails for this module alone: the transaction is left all the same.
        with blocker.unblock():
            made = make()
        yield made
    finally:
        with blocker.unblock():
            transaction.set_rollback(True)
            around.__exit__(None, None, None)
