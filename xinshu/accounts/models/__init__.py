"""What is: people, organisations, what guards their accounts, rules about who may do what, agreements, levels."""

from xinshu.accounts.models.agreements import Agreement, Consent
from xinshu.accounts.models.assurance import IdentityCheck, LevelTable
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
    "IdentityCheck",
    "LevelTable",
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
