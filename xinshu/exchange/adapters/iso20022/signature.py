"""SM2 signature of a message, inside it (DgtlSgntr): over the canonical XML (C14N 1.0) of the document without it.

The schema leaves the signature itself open; both sides agree on one element `<Sm2 xmlns="urn:xinshu:signature">` with
r || s in hex. A document that was altered in any byte that counts, or signed by somebody else, is not genuine.
"""

from copy import deepcopy
from typing import Any

from lxml import etree

from xinshu.core.sm import Sm2Key, verify_sm2
from xinshu.exchange.adapters import Unusable
from xinshu.exchange.adapters.iso20022.mapping import MAPPINGS

OURS = "urn:xinshu:signature"


def sign(root: Any, *, key: Sm2Key, signer: str) -> Any:
    """Add the signature of `signer` to a document that has none, and return it."""
    namespace = etree.QName(root).namespace
    signature = key.sign(_canonical(root))
    block = etree.SubElement(root[0], f"{{{namespace}}}DgtlSgntr")
    party = etree.SubElement(block, f"{{{namespace}}}Pty")
    etree.SubElement(party, f"{{{namespace}}}Nm").text = signer[:140]
    holder = etree.SubElement(block, f"{{{namespace}}}Sgntr")
    etree.SubElement(holder, f"{{{OURS}}}Sm2", nsmap={None: OURS}).text = signature.hex()
    return root


def check(root: Any, public_key: str) -> None:
    """Raise Unusable unless the document bears exactly one signature, of the holder of `public_key`."""
    name = etree.QName(root)
    known = (name.namespace or "").rpartition(":")[2] in MAPPINGS
    blocks = root.findall(f"*/{{{name.namespace}}}DgtlSgntr") if known else []
    if len(blocks) != 1 or len(root) != 1:
        raise Unusable("报文没有签名")
    told = blocks[0].findtext(f"{{{name.namespace}}}Sgntr/{{{OURS}}}Sm2") or ""
    bare = deepcopy(root)
    bare[0].remove(bare.find(f"*/{{{name.namespace}}}DgtlSgntr"))
    try:
        signature = bytes.fromhex(told)
    except ValueError:
        signature = b""
    if not verify_sm2(public_key, _canonical(bare), signature):
        raise Unusable("签名不对")


def _canonical(root: Any) -> bytes:
    told: bytes = etree.tostring(root, method="c14n")
    return told
