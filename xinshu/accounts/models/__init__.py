"""What is: people and organisations, what guards their accounts, the rules about who may do what, agreements."""

from xinshu.accounts.models.agreements import Agreement, Consent
from xinshu.accounts.models.people import (
    Member,
    Members,
    Organisation,
    Organisations,
    Registration,
    Registrations,
    SignInAttempt,
    User,
    UserManager,
    Users,
)
from xinshu.accounts.models.rules import Block, RoleChange, RoleTable
from xinshu.accounts.models.security import (
    FaceCheck,
    FaceFactor,
    FormerPassword,
    RecoveryCode,
    SandboxFace,
    SandboxMessage,
    SecondFactor,
    SentCode,
    SignInSession,
)

__all__ = [
    "Agreement",
    "Block",
    "Consent",
    "FaceCheck",
    "FaceFactor",
    "FormerPassword",
    "Member",
    "Members",
    "Organisation",
    "Organisations",
    "RecoveryCode",
    "Registration",
    "Registrations",
    "RoleChange",
    "RoleTable",
    "SandboxFace",
    "SandboxMessage",
    "SecondFactor",
    "SentCode",
    "SignInAttempt",
    "SignInSession",
    "User",
    "UserManager",
    "Users",
]
