"""What can follow what: THE table of transitions, and the words that pages use for each."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from webapp.events import Recorded
from webapp.models import Account, Permission, State, Verb
from webapp.permissions import visible_to


@dataclass(frozen=True)
class Transition:
    """From `before` to `after`, for whoever holds `permission` in the account's domain (permissions.py says who must also be a primary contact)."""

    before: State
    after: State
    permission: Permission
    recorded: Recorded
    menu: str  # the name of the action where it is offered
    button: str  # the verb on buttons and in headings
    past: str  # "have been …"
    warning: str
    final: bool = False


TRANSITIONS: dict[Verb, Transition] = {
    Verb.ARCHIVE: Transition(
        State.LIVE, State.ARCHIVED, Permission.USER_MANAGEMENT, Recorded.ARCHIVE, "Archive", "Archive", "archived",
        "Archived users cannot sign in. You can reactivate them at any time.",
    ),
    Verb.REACTIVATE: Transition(
        State.ARCHIVED, State.LIVE, Permission.USER_MANAGEMENT, Recorded.REACTIVATE, "Reactivate", "Reactivate", "reactivated",
        "Reactivated users can sign in again, and billing counts them from this month on.",
    ),
    Verb.DELETE: Transition(
        State.ARCHIVED, State.DELETED, Permission.USER_MANAGEMENT, Recorded.DELETE, "Delete archived users", "Delete", "deleted",
        "Deleted users leave User Management. They can be restored until they are erased.",
    ),
    Verb.RESTORE: Transition(
        State.DELETED, State.ARCHIVED, Permission.RESTORE_DELETED_USERS, Recorded.RESTORE, "Restore deleted users", "Restore", "restored",
        "Restored users come back to User Management as archived, with everything they had.",
    ),
    Verb.ERASE: Transition(
        State.DELETED, State.ERASED, Permission.ERASE_DELETED_USERS, Recorded.ERASE, "Erase deleted users", "Erase", "erased",
        "Erasing cannot be undone. Everything about these people is removed from the platform for good. "
        "Administrator activity becomes anonymous; billing statistics still count the accounts.",
        final=True,
    ),
}  # fmt: skip


def allowed(actor_id: int, verb: Verb) -> ColumnElement[bool]:
    """The condition on `account` that this person may do this to it, now. Never to their own account."""
    rule = TRANSITIONS[verb]
    return and_(
        Account.state == rule.before,
        visible_to(actor_id, rule.permission, Account.domain_id),
        Account.id != actor_id,
    )


def verbs_for(session: Session, actor_id: int, account_id: int) -> list[Verb]:
    """What this person may do to this account, now."""
    asked = select(*(allowed(actor_id, verb).label(verb.name) for verb in Verb)).where(
        Account.id == account_id
    )
    answers = session.execute(asked).one()
    return [verb for verb, answer in zip(Verb, answers, strict=True) if answer]
