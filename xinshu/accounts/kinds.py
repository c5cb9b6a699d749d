"""Who registers as what: for each side of a deal, the kinds of organisation and the role of its first member."""

from dataclasses import dataclass

from xinshu.accounts.models import Organisation, Registration

Kind, Side = Organisation.Kind, Registration.Side


@dataclass(frozen=True)
class Door:
    """One side on which somebody may register."""

    side: Registration.Side
    examples: str
    roles: dict[Organisation.Kind, str]  # kind of organisation -> role of whoever registers for it


DOORS = {
    door.side: door
    for door in (
        Door(Side.APPLICANT, "投标、施工企业，个人", {Kind.ENTERPRISE: "applicant", Kind.PERSON: "applicant"}),
        Door(
            Side.BENEFICIARY,
            "业主、发包方，个人",
            {
                Kind.ENTERPRISE: "beneficiary",
                Kind.INSTITUTION: "beneficiary",
                Kind.DEPARTMENT: "beneficiary",
                Kind.PERSON: "beneficiary",
            },
        ),
        Door(
            Side.GUARANTOR,
            "担保公司、银行、保险公司",
            {Kind.GUARANTOR: "manager", Kind.BANK: "bank", Kind.INSURER: "insurer"},
        ),
    )
}

KINDS_TO_CHOOSE = (
    Kind.ENTERPRISE,
    Kind.INSTITUTION,
    Kind.DEPARTMENT,
    Kind.PERSON,
    Kind.GUARANTOR,
    Kind.BANK,
    Kind.INSURER,
)


def first_role(side: str, kind: str) -> str | None:
    """Return the role of whoever registers on `side` for an organisation of `kind`, or None when that cannot be."""
    return DOORS[Registration.Side(side)].roles.get(Organisation.Kind(kind))
