"""Whoever does something: a member of an organisation (accounts.Member), or the system itself."""

from dataclasses import dataclass
from typing import Protocol


class Actor(Protocol):
    """What the ledger and the lifecycle need to know of whoever acts."""

    @property
    def actor_key(self) -> str: ...
    @property
    def actor_label(self) -> str: ...
    def can(self, permission: str) -> bool: ...


@dataclass(frozen=True)
class System:
    """The platform acting by rule: automatic review, sealing, the nightly round."""

    actor_key: str = "system"
    actor_label: str = "系统"

    def can(self, permission: str) -> bool:
        """The system may do whatever a lifecycle row gives to the side `system`, and nothing else."""
        return True


SYSTEM = System()
