"""What can follow what: THE table of transitions, and the sentences that pages say about each."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from webapp.events import Recorded
from webapp.models import Account, Permission, Purpose, State, Verb
from webapp.permissions import Condition, conditions, permissions_of, visible_to
from webapp.words import users

MEANING: dict[State, str] = {
    State.LIVE: "The user can sign in.",
    State.ARCHIVED: "The user cannot sign in, and can be reactivated or deleted.",
    State.DELETED: "The user has left User Management, and can be restored or erased.",
}


@dataclass(frozen=True, kw_only=True)
class Transition:
    """From `before` to `after`, for whoever holds `permission` in the account's domain.

    `permissions.py` says which permissions count for primary contacts only. `offered` is the
    search page on which users are chosen for it. `menu` is its name where it is offered, `button`
    the verb on buttons and in headings, `doing` the same while it lasts, `past` what has then been
    done to the user. `warning` is what one must know, `besides` what else follows.
    """

    verb: Verb
    before: State
    after: State | None  # None: the account is gone
    offered: Purpose
    permission: Permission
    recorded: Recorded
    menu: str
    button: str
    doing: str
    past: str
    warning: str
    besides: str = ""

    @property
    def final(self) -> bool:
        """Whether it cannot be undone."""
        return self.after is None

    @property
    def since(self) -> str:
        """The label of the day on which the present state of the users began."""
        return (
            "Date deleted" if self.before is State.DELETED else f"{self.before.capitalize()} since"
        )

    def confirm(self, number: int) -> str:
        return f"{self.button} {users(number)}"

    def question(self, number: int) -> str:
        return f"{self.button} {users(number)}?"

    def performing(self, number: int) -> str:
        return f"{self.doing} {users(number)}…"

    def done(self, number: int) -> str:
        return f"{users(number)} {'has' if number == 1 else 'have'} been {self.past}."

    @property
    def not_done(self) -> str:
        return f"Nobody has been {self.past}; nothing has changed."

    @property
    def not_known(self) -> str:
        return f"No answer has come. It is not known whether they have been {self.past}."

    @property
    def nobody_chosen(self) -> str:
        return f"No user is chosen that you could {self.verb}."


TRANSITIONS: dict[Verb, Transition] = {
    rule.verb: rule
    for rule in (
        Transition(
            verb=Verb.ARCHIVE,
            before=State.LIVE,
            after=State.ARCHIVED,
            offered=Purpose.MANAGE,
            permission=Permission.USER_MANAGEMENT,
            recorded=Recorded.ARCHIVE,
            menu="Archive",
            button="Archive",
            doing="Archiving",
            past="archived",
            warning="Archived users cannot sign in. You can reactivate them at any time.",
        ),
        Transition(
            verb=Verb.REACTIVATE,
            before=State.ARCHIVED,
            after=State.LIVE,
            offered=Purpose.MANAGE,
            permission=Permission.USER_MANAGEMENT,
            recorded=Recorded.REACTIVATE,
            menu="Reactivate",
            button="Reactivate",
            doing="Reactivating",
            past="reactivated",
            warning="Reactivated users can sign in again, "
            "and billing counts them from this month on.",
        ),
        Transition(
            verb=Verb.DELETE,
            before=State.ARCHIVED,
            after=State.DELETED,
            offered=Purpose.MANAGE,
            permission=Permission.USER_MANAGEMENT,
            recorded=Recorded.DELETE,
            menu="Delete archived users",
            button="Delete",
            doing="Deleting",
            past="deleted",
            warning="Deleted users leave User Management. "
            "They can be restored until they are erased.",
        ),
        Transition(
            verb=Verb.RESTORE,
            before=State.DELETED,
            after=State.ARCHIVED,
            offered=Purpose.RESTORE,
            permission=Permission.RESTORE_DELETED_USERS,
            recorded=Recorded.RESTORE,
            menu="Restore deleted users",
            button="Restore",
            doing="Restoring",
            past="restored",
            warning="Restored users come back to User Management as archived, "
            "with everything they had.",
        ),
        Transition(
            verb=Verb.ERASE,
            before=State.DELETED,
            after=None,
            offered=Purpose.ERASE,
            permission=Permission.ERASE_DELETED_USERS,
            recorded=Recorded.ERASE,
            menu="Erase deleted users",
            button="Erase",
            doing="Erasing",
            past="erased",
            warning="Erasing cannot be undone: everything about these people is removed from the "
            "platform for good.",
            besides="Administrator activity becomes anonymous; billing statistics still count the "
            "accounts.",
        ),
    )
}


@dataclass(frozen=True)
class Search:
    """What a search page finds, who may open it, and what can be done with what it finds."""

    permission: Permission
    states: tuple[State, ...]
    verbs: tuple[Verb, ...]


def _search(purpose: Purpose, permission: Permission) -> Search:
    offered = [rule for rule in TRANSITIONS.values() if rule.offered is purpose]
    states = tuple(state for state in State if state in {rule.before for rule in offered})
    return Search(permission, states, tuple(rule.verb for rule in offered))


SEARCHES: dict[Purpose, Search] = {
    Purpose.MANAGE: _search(Purpose.MANAGE, Permission.USER_MANAGEMENT),
    Purpose.ERASE: _search(Purpose.ERASE, Permission.ERASE_DELETED_USERS),
    Purpose.RESTORE: _search(Purpose.RESTORE, Permission.RESTORE_DELETED_USERS),
}
MANAGED = SEARCHES[Purpose.MANAGE].states  # who has a page of their own in User Management
NOT_ONESELF = "This is you: nobody can archive or delete their own account."


def allowed(actor_id: int, verb: Verb) -> ColumnElement[bool]:
    """Return the condition on `account` that this person may do this to it, now.

    Nobody may do anything to their own account.
    """
    rule = TRANSITIONS[verb]
    return and_(
        Account.state == rule.before,
        visible_to(actor_id, rule.permission, Account.domain_id),
        Account.id != actor_id,
    )


def seen_by(actor_id: int) -> ColumnElement[bool]:
    """Return the condition on `account` that this person could find it on some search page, now."""
    return or_(
        *(
            and_(
                Account.state.in_(search.states),
                visible_to(actor_id, search.permission, Account.domain_id),
            )
            for search in SEARCHES.values()
        )
    )


def verbs_for(session: Session, actor_id: int, account_id: int) -> list[Verb]:
    """Return what this person may do to this account, now."""
    asked = select(*(allowed(actor_id, verb).label(verb.name) for verb in Verb)).where(
        Account.id == account_id
    )
    answers = session.execute(asked).one()
    return [verb for verb, answer in zip(Verb, answers, strict=True) if answer]


def conditions_for(session: Session, actor_id: int, verb: Verb) -> list[Condition]:
    """Return the conditions of doing this, for each domain in which this person is somebody."""
    return conditions(session, actor_id, TRANSITIONS[verb].permission)


def may(session: Session, actor_id: int, verb: Verb) -> bool:
    """Tell whether this person may do this in some domain, now."""
    return TRANSITIONS[verb].permission in permissions_of(session, actor_id)
