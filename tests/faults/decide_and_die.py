"""A worker that goes on with decisions on many mentions, and is killed at the named step or lives to the end."""

from __future__ import annotations

from tests.faults.deliver_and_die import after, die


def main(step: str) -> None:
    from listening.actions import bulk
    from listening.tasks import decide_in_bulk

    match step:
        case "put back":
            bulk.write = after(bulk.write)
        case "not committed":
            bulk.look_again = die
        case "committed":
            bulk.go_on = after(bulk.go_on)
    decide_in_bulk()
