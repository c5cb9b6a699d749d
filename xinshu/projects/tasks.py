"""What follows: entries about projects are offered to other systems."""

from xinshu.projects import events, related  # noqa: F401  (offer themselves; the ledger imports every context's tasks at start-up)
