"""What follows: entries about projects are offered to other systems."""

from xinshu.projects import events  # noqa: F401  (offers itself; the ledger imports every context's tasks at start-up)
