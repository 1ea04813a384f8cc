"""A worker that trains a model and is killed at the named step."""

from __future__ import annotations

from types import SimpleNamespace

from tests.faults.deliver_and_die import after, die


def main(step: str) -> None:
    from listening import training
    from roles import clock
    from roles.models import Organization
    from roles.tenancy import acting_for

    # What is taught does not matter here, and the library that teaches is slow to load.
    training._teach = lambda *_said: SimpleNamespace(better_than=lambda _known: True)
    training._evaluation = lambda *_found: {}
    match step:
        case "begun":
            training.train = die
        case "taught":
            training._conclude = die
        case "replaced":
            training.replace = after(training.replace)
    with acting_for(Organization.objects.get(slug="acme")):
        training.train_due(clock.now())
