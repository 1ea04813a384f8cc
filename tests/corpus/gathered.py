"""Many small cases in one test: what every test costs is paid once for fifty, and each case that fails is named."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

MANY = 50


def each_of(name: str, cases: Iterable[Any], *, named: Callable[[Any], str] = repr) -> Any:
    """Run a test for each case, given by this name, as `parametrize` does, but some fifty in one.

    All are tried, whatever becomes of some, and each that does not hold is told with the lines that a test of its own
    would show. For what needs no fixture, since between the cases nothing is made anew, and where none is skipped.
    """
    every = list(cases)
    bunches = [every[begin : begin + MANY] for begin in range(0, len(every), MANY)]
    ids = [f"{number * MANY + 1} to {number * MANY + len(bunch)}" for number, bunch in enumerate(bunches)]

    def gather(check: Callable[..., None]) -> Any:
        def test(bunch: list[Any]) -> None:
            tried = [(case, _problem(check, {name: case})) for case in bunch]
            failed = [f"{named(case)}\n{problem}" for case, problem in tried if problem]
            if failed:
                pytest.fail("\n\n".join([f"{len(failed)} of {len(bunch)} do not hold.", *failed]), pytrace=False)

        test.__name__, test.__qualname__ = check.__name__, check.__qualname__
        test.__doc__, test.__module__ = check.__doc__, check.__module__
        return pytest.mark.parametrize("bunch", bunches, ids=ids)(test)

    return gather


def _problem(check: Callable[..., None], given: dict[str, Any]) -> str:
    """Why it does not hold; empty where it does."""
    try:
        check(**given)
    except (Exception, pytest.fail.Exception) as problem:
        said = pytest.ExceptionInfo.from_exception(problem)
        said.traceback = said.traceback[1:] or said.traceback
        return str(said.getrepr(style="short"))
    return ""
