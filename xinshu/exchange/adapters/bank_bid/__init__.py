"""The bank bid guarantee interface (投标保函合作方接口, a bank's integration manual of 2024-10), plain and sealed.

envelope    SM2/SM3 envelope around every message
messages    field tables of 2.1 to 2.7, and the check of a message against them
adapter     submissions as messages of a partner platform (合作方)
"""

from xinshu.exchange.adapters.bank_bid.adapter import BankBid

__all__ = ["BankBid"]
