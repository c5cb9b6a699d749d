"""Sealing (签章): an organisation's PAdES signature with timestamp on a PDF, its SM2 signature over the SM3 of that.

The visible seal is drawn by the letter itself (letters/layout.typ); here is what makes it hold.
"""

from xinshu.documents.sealing.seals import Sealed, keep_sealed, seal

__all__ = ["Sealed", "keep_sealed", "seal"]
