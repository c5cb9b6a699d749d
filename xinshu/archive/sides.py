"""Who may see what of a guarantee's papers: four sides, from the innermost to the public."""

from xinshu.accounts.models import Member
from xinshu.guarantees.models import Guarantee

GUARANTOR, APPLICANT, OUTER, PUBLIC = "guarantor", "applicant", "outer", "public"
INSIDE = (GUARANTOR, APPLICANT)
PARTIES = (GUARANTOR, APPLICANT, OUTER)


def side_of(guarantee: Guarantee, member: Member) -> str:
    """Return on which side `member`, for whom `guarantee` exists, stands; a manager for both stands innermost."""
    sides = guarantee.sides_of(member)
    return GUARANTOR if "guarantor" in sides else APPLICANT if "applicant" in sides else OUTER
