"""PAdES B-T on a PDF: a certifying signature that forbids every later change, with a timestamp made in this process."""

import io
from datetime import datetime

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields
from pyhanko.sign.signers import cms_embedder, pdf_byterange

from xinshu.documents.sealing import cms
from xinshu.documents.sealing.keys import Signer


class _Appending(IncrementalPdfFileWriter):
    """Appends to a PDF and leaves its metadata alone: pyHanko would write today's date, whatever day it is here."""

    def _update_meta(self) -> None:
        return


FIELD = "Seal"
_RESERVED = 8192  # hex digits for the CMS; ours take 5,000. Given, so that nobody need sign once just to measure


def sign(pdf: bytes, signer: Signer, timestamps: Signer, *, name: str, at: datetime) -> bytes:
    """Return `pdf` with the signature appended. The page already shows the seal, so the field itself is invisible."""
    steps = cms_embedder.PdfCMSEmbedder().write_cms(field_name=FIELD, writer=_Appending(io.BytesIO(pdf)))
    next(steps)
    placeholder = pdf_byterange.SignatureObject(
        timestamp=at, subfilter=fields.SigSeedSubFilter.PADES, name=name, bytes_reserved=_RESERVED
    )
    lock = cms_embedder.SigMDPSetup(md_algorithm="sha256", certify=True, docmdp_perms=fields.MDPPerm.NO_CHANGES)
    steps.send(cms_embedder.SigObjSetup(sig_placeholder=placeholder, mdp_setup=lock))
    prepared, output = steps.send(cms_embedder.SigIOSetup(md_algorithm="sha256"))
    steps.send(cms.signature(prepared.document_digest, signer, timestamps, at))
    return bytes(output.getvalue())
