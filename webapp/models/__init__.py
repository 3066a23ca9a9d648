"""The tables: one file a noun; columns, relations and small predicates, no verbs."""

from webapp.models.access import ALLOWS, Contact, Grant, Permission, Role, RolePermission
from webapp.models.account import Account, State, Verb
from webapp.models.attribute import Attribute, AttributeValue, Kind, Reference
from webapp.models.billing import BilledSpan, ErasedSpan
from webapp.models.domain import Domain
from webapp.models.event import By, Event, Part, Party
from webapp.models.evidence import Drill
from webapp.models.first_start import FirstStart
from webapp.models.operation import Mention, Operation, OperationAccount, Outcome
from webapp.models.person import Person
from webapp.models.personal import PersonalData
from webapp.models.preference import Preference
from webapp.models.receipt import PerformedEntry, Receipt, ReceiptLine
from webapp.models.second_factor import Passkey, RecoveryCode, SecondFactor
from webapp.models.selection import Found, Meant, Purpose, Selection, Tick
from webapp.models.sign_in import Generation, SignIn, SignInFailure, SignInSession

__all__ = [
    "ALLOWS",
    "Account",
    "Attribute",
    "AttributeValue",
    "BilledSpan",
    "By",
    "Contact",
    "Domain",
    "Drill",
    "ErasedSpan",
    "Event",
    "FirstStart",
    "Found",
    "Generation",
    "Grant",
    "Kind",
    "Meant",
    "Mention",
    "Operation",
    "OperationAccount",
    "Outcome",
    "Part",
    "Party",
    "Passkey",
    "PerformedEntry",
    "Permission",
    "Person",
    "PersonalData",
    "Preference",
    "Purpose",
    "Receipt",
    "ReceiptLine",
    "RecoveryCode",
    "Reference",
    "Role",
    "RolePermission",
    "SecondFactor",
    "Selection",
    "SignIn",
    "SignInFailure",
    "SignInSession",
    "State",
    "Tick",
    "Verb",
]
