"""ISO 20022 undertaking messages (tsrv): issuance, amendment, termination, demand, refusal, status reports.

reading     bytes from outside to a tree: no entity, no network, no other encoding, a limit to everything
mapping     one table per message: where in the XML each of our fields stands
messages    our fields, written and read by those tables
signature   SM2 signature inside a message (DgtlSgntr)
adapter     submissions as such messages
"""

from xinshu.exchange.adapters.iso20022.adapter import Iso20022

__all__ = ["Iso20022"]
