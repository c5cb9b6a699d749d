"""接收系统: where submissions to a department or trading centre go, how they are written, with whose keys.

Destinations come from the environment (XINSHU_EXCHANGE_FILE), not from a page: nobody who clicks can send business data
elsewhere. A destination belongs to one receiver, known by its 统一社会信用代码; what it is told follows from 归口管理.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from xinshu.accounts.models import Organisation
from xinshu.core.sm import Sm2Key, hmac_sm3
from xinshu.guarantees.models import Guarantee
from xinshu.projects.models import Project
from xinshu.projects.supervision import Rules

ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123  # of the curve


@dataclass(frozen=True)
class Destination:
    """One system. `sealed`: it takes sealed bid guarantees (commitments) before the opening."""

    code: str
    name: str
    uscc: str  # of the receiver
    adapter: str  # see adapters/
    url: str
    public_key: str  # SM2, 04 || x || y
    sealed: bool = False


def destinations() -> dict[str, Destination]:
    """Return all of them by code."""
    return {row["code"]: Destination(**row) for row in settings.EXCHANGE}


def destinations_for(guarantee: Guarantee, at: datetime) -> list[tuple[Destination, Organisation]]:
    """Return where `guarantee` is to be reported at `at`: the systems of those who supervise it."""
    project, known = guarantee.project, destinations().values()
    if not known:
        return []
    found = Rules.at(at).supervisors(guarantee.kind, project.kind, project.region_code).values()
    return [(system, house) for house in found for system in known if system.uscc == house.uscc]


def destinations_of(project: Project, at: datetime) -> list[tuple[Destination, Organisation]]:
    """Return who is to be told of `project` at `at`: the project systems of those who supervise there."""
    known = [system for system in destinations().values() if system.adapter == "projects"]
    if not known:
        return []
    found = Rules.at(at).of_projects(project.kind, project.region_code).values()
    return [(system, house) for house in found for system in known if system.uscc == house.uscc]


def exchange_key() -> Sm2Key:
    """Return the platform's SM2 key for submissions: made of the seal's key, and good for nothing else."""
    return derived_key(b"xinshu exchange")


def derived_key(purpose: bytes) -> Sm2Key:
    """Return an SM2 key of the platform for one purpose."""
    material = hmac_sm3(bytes.fromhex(settings.SEAL_KEY), purpose)
    return Sm2Key(int.from_bytes(material, "big") % (ORDER - 2) + 1)
