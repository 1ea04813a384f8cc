"""A worker of maturity or of growing stories that is killed at the named step."""

from __future__ import annotations

from datetime import datetime

from tests.faults.deliver_and_die import after, die


def main(step: str, moment: str) -> None:
    from engagement import growing
    from maturity.actions import assessments, surges
    from maturity.models import Assessment
    from roles.models import Organization
    from roles.tenancy import acting_for

    work = {"assess": assessments.assess_due, "grow": growing.ask_again_next, "surge": surges.look_after_surges}
    match step:
        case "assess: judged":
            assessments.judge = after(assessments.judge)
        case "assess: kept":
            Assessment.objects.bulk_create = after(Assessment.objects.bulk_create)  # type: ignore[method-assign]
        case "assess: recorded":
            assessments.record = after(assessments.record)
        case "grow: asked":
            growing.route = after(growing.route)
        case "grow: given":
            growing.give = after(growing.give)
        case "grow: told":
            growing.told = after(growing.told)
        case "surge: brought":
            surges.bring = after(surges.bring)
        case "surge: told":
            surges.tell = after(surges.tell)
    with acting_for(Organization.objects.get(slug="acme")):
        work[step.split(":", maxsplit=1)[0]](at=datetime.fromisoformat(moment))
        if step.endswith("committed"):
            die()
