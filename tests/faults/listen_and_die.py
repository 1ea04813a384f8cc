"""A worker that looks out, makes briefs or draws venue maps, and is killed at the named step."""

from __future__ import annotations

from datetime import datetime

from tests.faults.deliver_and_die import after, die


def main(step: str, moment: str) -> None:
    from listening.actions import briefs, venues, warnings
    from listening.lookout import counting, raising, watching
    from roles.models import Organization
    from roles.tenancy import acting_for

    at = datetime.fromisoformat(moment)
    with acting_for(Organization.objects.get(slug="acme")):
        match step:
            case "begun":
                watching.judge = die
            case "judged":
                counting.keep = die
            case "raised":
                raising.tell_coaches = die
            case "warned":
                raising.write = after(raising.write)
            case "gathered":
                briefs.gather = after(briefs.gather)
            case "mailed":
                briefs._mail = after(briefs._mail)
            case "asked":
                venues.inventory = die
            case "drawn":
                venues.look_again = die
        work = {"gathered": briefs.make_due_briefs, "mailed": briefs.make_due_briefs, "asked": venues.draw_wanted,
                "drawn": venues.draw_wanted}  # fmt: skip
        work.get(step, warnings.look_out)(at=at)
