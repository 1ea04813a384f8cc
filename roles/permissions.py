"""Who may do what, said once: a table for roles, a level for what is opened when, and rules for the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from roles.capability_words import LABELS
from roles.levels import is_open, is_open_for, level_of, needed_for
from roles.models.organization import Department, Level
from roles.models.people import Role
from roles.tenancy import active_organization
from roles.wording import listed

if TYPE_CHECKING:
    from roles.models import Member

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")

OWNER, COACH, GATHERER = Role.OWNER, Role.COACH, Role.GATHERER
RESPONDER, BOOTH, EXECUTIVE = Role.RESPONDER, Role.BOOTH, Role.EXECUTIVE
EVERYONE = frozenset(Role)
PLAYERS = frozenset({COACH, GATHERER, RESPONDER})

# The whole matrix. The page "who may do what" is drawn from it, the actions are guarded by it.
CAPABILITIES: dict[str, frozenset[Role]] = {
    "roles.read": EVERYONE,
    "roles.manage_members": frozenset({OWNER}),
    "roles.hand_over": EVERYONE,
    "roles.act_as": frozenset({OWNER, COACH}),
    "roles.import_members": frozenset({OWNER}),
    "roles.invite": frozenset({OWNER, COACH}),
    "roles.manage_roles": frozenset({OWNER, COACH}),
    "roles.manage_departments": frozenset({OWNER, COACH}),
    "roles.manage_organization": frozenset({OWNER}),
    "roles.set_up": frozenset({OWNER, COACH}),
    "roles.manage_sign_in": frozenset({OWNER}),
    "roles.manage_mail": frozenset({OWNER}),
    "roles.manage_calendars": frozenset({OWNER, COACH}),
    "roles.read_audit": frozenset({OWNER, COACH}),
    "roles.set_availability": EVERYONE,
    "roles.set_on_call": frozenset({OWNER, COACH}),
    "roles.set_training": frozenset({OWNER, COACH}),
    "roles.manage_tokens": EVERYONE,
    "roles.change_name": EVERYONE,
    "roles.choose_language": EVERYONE,
    "maturity.read": EVERYONE,
    "maturity.set_level": frozenset({COACH}),
    "maturity.manage_guidelines": frozenset({COACH}),
    "maturity.acknowledge": PLAYERS,
    "maturity.report_gap": PLAYERS,
    "maturity.publish_guidelines": frozenset({COACH}),
    "maturity.set_strategy": frozenset({COACH}),
    "maturity.read_huddle": frozenset({COACH}),
    "maturity.note_in_huddle": frozenset({COACH}),
    "maturity.manage_presences": frozenset({COACH, GATHERER}),
    "maturity.name_expert": EVERYONE,
    "maturity.read_duties": frozenset({OWNER, COACH, EXECUTIVE}),
    "maturity.note_duty": frozenset({COACH}),
    "maturity.assess": frozenset({COACH}),
    "maturity.attest": frozenset({COACH}),
    "maturity.open_early": frozenset({COACH}),
    "maturity.plan_staffing": frozenset({OWNER, COACH, EXECUTIVE}),
    "maturity.read_budget": frozenset({OWNER, COACH, EXECUTIVE}),
    "maturity.set_budget": frozenset({COACH}),
    "maturity.manage_training": frozenset({COACH}),
    "maturity.take_step": EVERYONE,
    "maturity.confirm_step": frozenset({COACH, RESPONDER}),
    "maturity.run_drills": frozenset({COACH}),
    "maturity.enter_time": EVERYONE,
    "maturity.read_time": frozenset({COACH}),
    "maturity.keep_cadence": EVERYONE,
    "maturity.read_surges": frozenset({OWNER, COACH, GATHERER, RESPONDER, EXECUTIVE}),
    "maturity.plan_surges": frozenset({COACH}),
    "listening.read": frozenset({OWNER, COACH, GATHERER, RESPONDER, BOOTH, EXECUTIVE}),
    "listening.read_sources": frozenset({OWNER, COACH, GATHERER}),
    "listening.manage_sources": frozenset({COACH, GATHERER}),
    "listening.manage_connections": frozenset({OWNER, COACH}),
    "listening.poll": frozenset({COACH, GATHERER}),
    "listening.choose_notices": EVERYONE,
    "listening.manage_webhooks": frozenset({OWNER, COACH}),
    "listening.manage_queries": frozenset({COACH, GATHERER}),
    "listening.triage": frozenset({COACH, GATHERER}),
    "listening.save_filter": EVERYONE,
    "listening.manage_topics": frozenset({COACH, GATHERER}),
    "listening.manage_models": frozenset({COACH}),
    "listening.read_retention": frozenset({OWNER, COACH}),
    "listening.manage_retention": frozenset({OWNER}),
    "listening.map_venues": frozenset({COACH, GATHERER, EXECUTIVE}),
    "listening.file_insight": frozenset({COACH, GATHERER}),
    "listening.read_briefs": frozenset({OWNER, COACH, GATHERER, RESPONDER, BOOTH, EXECUTIVE}),
    "listening.manage_briefs": frozenset({COACH}),
    "listening.read_warnings": frozenset({OWNER, COACH, GATHERER, EXECUTIVE}),
    "listening.raise_warning": frozenset({COACH, GATHERER}),
    "listening.acknowledge": frozenset({COACH, GATHERER}),
    "listening.close_warning": frozenset({COACH, GATHERER}),
    "listening.tune_warnings": frozenset({COACH}),
    "listening.manage_events": frozenset({COACH, GATHERER}),
    "listening.practise": PLAYERS | {OWNER, EXECUTIVE, BOOTH},
    "engagement.read": frozenset({COACH, GATHERER, RESPONDER}),
    "engagement.read_rules": frozenset({OWNER, COACH, GATHERER}),
    "engagement.manage_rules": frozenset({COACH}),
    "engagement.set_policy": frozenset({COACH}),
    "engagement.hand_over": frozenset({COACH, RESPONDER}),
    "engagement.manage_targets": frozenset({COACH}),
    "engagement.assign": frozenset({COACH, GATHERER}),
    "engagement.claim": frozenset({COACH, RESPONDER}),
    "engagement.release": frozenset({COACH, RESPONDER}),
    "engagement.hand_off": frozenset({COACH, RESPONDER}),
    "engagement.set_priority": frozenset({COACH, RESPONDER}),
    "engagement.snooze": frozenset({COACH, RESPONDER}),
    "engagement.wake": frozenset({COACH, RESPONDER}),
    "engagement.note": frozenset({COACH, GATHERER, RESPONDER}),
    "engagement.consult": frozenset({COACH, RESPONDER}),
    "engagement.answer_consult": EVERYONE,
    "engagement.read_consults": frozenset({COACH}),
    "engagement.manage_consults": frozenset({COACH}),
    "engagement.find_conversations": frozenset({COACH, GATHERER, RESPONDER}),
    "engagement.join": frozenset({COACH, RESPONDER}),
    "engagement.start": frozenset({COACH, RESPONDER}),
    "engagement.limit_promotion": frozenset({COACH}),
    "engagement.share_draft": frozenset({COACH, RESPONDER}),
    "engagement.keep_draft": frozenset({COACH, RESPONDER}),
    "engagement.reply": frozenset({COACH, RESPONDER}),
    "engagement.resolve": frozenset({COACH, RESPONDER}),
    "engagement.reopen": frozenset({COACH, RESPONDER}),
    "engagement.plan_follow_up": frozenset({COACH, RESPONDER}),
    "engagement.note_satisfaction": frozenset({COACH, RESPONDER}),
    "engagement.settle_delivery": frozenset({COACH, RESPONDER}),
    "engagement.use_saved_replies": frozenset({COACH, GATHERER, RESPONDER}),
    "engagement.propose_saved_reply": frozenset({COACH, RESPONDER}),
    "engagement.manage_saved_replies": frozenset({COACH}),
    "engagement.manage_approval": frozenset({COACH}),
    "engagement.approve": frozenset({COACH, RESPONDER, BOOTH, OWNER}),
    "engagement.stop_sending": frozenset({COACH, OWNER}),
    "content.read": frozenset({COACH, GATHERER, RESPONDER, BOOTH, EXECUTIVE}),
    "content.note_idea": frozenset({COACH, GATHERER, RESPONDER, BOOTH}),
    "content.drop_idea": frozenset({COACH, GATHERER, RESPONDER, BOOTH}),
    "content.pick_up_idea": frozenset({COACH, GATHERER, RESPONDER, BOOTH}),
    "content.change_idea": frozenset({COACH, GATHERER, RESPONDER, BOOTH}),
    "content.rate_idea": frozenset({COACH, GATHERER, RESPONDER, BOOTH}),
    "content.accept_idea": frozenset({COACH, GATHERER, RESPONDER, BOOTH}),
    "content.merge_ideas": frozenset({COACH, GATHERER, RESPONDER, BOOTH}),
    "content.find_writers": frozenset({COACH}),
    "content.write": frozenset({COACH, GATHERER, RESPONDER, BOOTH}),
    "content.comment": frozenset({COACH, GATHERER, RESPONDER, BOOTH, EXECUTIVE}),
    "content.manage_media": frozenset({COACH, GATHERER, RESPONDER, BOOTH}),
    "content.review": frozenset({COACH, RESPONDER, BOOTH, OWNER}),
    "content.manage_review": frozenset({COACH}),
    "content.plan": frozenset({COACH, RESPONDER}),
    "content.settle_publication": frozenset({COACH, RESPONDER}),
    "content.manage_campaigns": frozenset({COACH}),
    "content.manage_channels": frozenset({COACH}),
    "measurement.read": frozenset({OWNER, COACH, EXECUTIVE}),
    "measurement.read_people": frozenset({OWNER, COACH}),
    "measurement.annotate": frozenset({COACH, EXECUTIVE}),
    "measurement.compare_voices": frozenset({COACH}),
    "measurement.set_kpis": frozenset({COACH}),
    "measurement.state_assumptions": frozenset({COACH, EXECUTIVE}),
    "measurement.compose_reports": frozenset({COACH, EXECUTIVE}),
    "measurement.publish_reports": frozenset({COACH, EXECUTIVE}),
    "measurement.allow_report_addresses": frozenset({OWNER}),
}

# What nobody does in somebody else's name: speak in public, decide as them, vouch for them, see what is
# theirs alone, change who may what, or leave behind what goes on telling after the name was given back.
NEVER_AS_ANOTHER = frozenset(
    {
        "content.plan", "content.review", "content.settle_publication", "content.write",
        "engagement.answer_consult", "engagement.approve", "engagement.join", "engagement.reply",
        "engagement.settle_delivery", "engagement.start", "listening.choose_notices",
        "listening.manage_connections", "listening.manage_webhooks", "maturity.acknowledge",
        "maturity.confirm_step", "maturity.enter_time", "maturity.take_step",
        "roles.act_as", "roles.change_name", "roles.choose_language", "roles.hand_over",
        "roles.import_members", "roles.invite", "roles.manage_members", "roles.manage_organization",
        "roles.manage_roles", "roles.manage_sign_in", "roles.manage_tokens",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """Yes, or no with the reason to show; where a level is what is missing, with the page that says what it takes."""

    reason: str = ""
    url: str = ""

    def __bool__(self) -> bool:
        return not self.reason


class NotAllowed(PermissionDenied):
    """A no, with its reason; where a level is what is missing, pages and programs are led to what it takes."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.reason)
        self.url = decision.url


ALLOWED = Decision()
Rule = Callable[[Any, Any], Decision]
_rules: dict[str, list[Rule]] = {}
_ladders: list[Callable[[Level, Department | None], str]] = []


def show_ladder(address: Callable[[Level, Department | None], str]) -> None:
    """Name the page that says what a level still needs; it belongs to an app above."""
    _ladders[:] = [address]


def rule(capability: str) -> Callable[[Rule], Rule]:
    """Add a condition on the subject that must also hold for the capability."""
    if capability not in CAPABILITIES:
        raise LookupError(f"There is no capability {capability!r}.")

    def register(check: Rule) -> Rule:
        _rules.setdefault(capability, []).append(check)
        return check

    return register


def decide(member: Member, capability: str, subject: Any = None) -> Decision:
    """Say whether the member may, and if not, why not."""
    department = subject if isinstance(subject, Department) else getattr(subject, "department", None)
    if not member.is_active:
        return Decision(_("You have left this organization."))
    if member.acted_by is not None and capability in NEVER_AS_ANOTHER:
        return Decision(_("Nobody does this in somebody else's name. Be yourself again first."))
    if not member.holds(capability, getattr(department, "pk", None)):
        holders = listed(role.label for role in Role if role in CAPABILITIES[capability])
        return Decision(_("Only these roles may do this here: %(roles)s.") % {"roles": holders})
    if (locked := _locked(member, capability, department)) is not None:
        return locked
    refusals = (check(member, subject) for check in _rules.get(capability, []) if subject is not None)
    return next((refusal for refusal in refusals if not refusal), ALLOWED)


def _locked(member: Member, capability: str, department: Department | None) -> Decision | None:
    """Return the refusal where no level and no coach has opened it yet; with no department named, in none of theirs."""
    if is_open(capability, department) or (department is None and is_open_for(member, capability)):
        return None
    return closed(capability, department)


def closed(capability: str, department: Department | None) -> Decision:
    """The refusal where a level has not opened it: what it takes, and the page that says what is missing."""
    needed, level = needed_for(capability), level_of(department)
    reason = _(
        "“%(what)s” opens at “%(needed)s”; %(where)s stands at “%(level)s”. A coach can raise that in the playbook."
    )
    where = str(department or active_organization())
    said = {"what": LABELS[capability], "needed": needed.label, "level": level.label, "where": where}
    url = _ladders[0](needed, department) if _ladders else ""
    return Decision(reason % said, url)


def require_open(capability: str, department: Department | None) -> None:
    """Raise NotAllowed unless it is open in a department, whoever asks: for what something else would begin there."""
    if not is_open(capability, department):
        raise NotAllowed(closed(capability, department))


def require(member: Member, capability: str, subject: Any = None) -> None:
    """Raise PermissionDenied with the reason unless the member may."""
    if not (decision := decide(member, capability, subject)):
        raise NotAllowed(decision)


def allowed(
    capability: str,
) -> Callable[[Callable[Concatenate[S, P], R]], Callable[Concatenate[S, P], R]]:
    """Refuse the action unless its actor, `by`, has the capability on its subject; `by=None` is the application."""
    if capability not in CAPABILITIES:
        raise LookupError(f"There is no capability {capability!r}.")

    def decorate(action: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
        @wraps(action)
        def guarded(subject: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
            by: Any = kwargs["by"]
            if by is not None:
                require(by, capability, subject)
            return action(subject, *args, **kwargs)

        guarded.capability = capability  # type: ignore[attr-defined]
        return guarded

    return decorate
