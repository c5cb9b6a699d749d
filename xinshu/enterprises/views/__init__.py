"""The doors: one's own record or a customer's (record.py), a house's customers (customers.py)."""

from xinshu.enterprises.views.customers import export, hand_over, home, rhythm
from xinshu.enterprises.views.record import as_of, detail, history, settle_conflict, verify

__all__ = ["as_of", "detail", "export", "hand_over", "history", "home", "rhythm", "settle_conflict", "verify"]
