"""Classes of fields: contents are encrypted; what is kept of sealed letters is there to be verified."""

from xinshu.core.classification import ACTOR, DATA, FREE_TEXT, INTERNAL, OPEN, SECRET, TECHNICAL, classify

classify(
    "documents",
    {
        "Blob": {"sm3": TECHNICAL, "size": TECHNICAL, "mime": TECHNICAL},
        "File": {"name": FREE_TEXT, "uploaded_by": ACTOR, "reference": INTERNAL},
        "FileText": {
            "content": SECRET, "grams": SECRET, "pages_total": TECHNICAL, "pages_read": TECHNICAL, "tries": TECHNICAL,
            "why": TECHNICAL,
        },
        "SealedDocument": {"pdf_sm3": OPEN, "sm2_signature": OPEN, "sm2_public": OPEN, "certificate_serial": OPEN},
        "LetterTemplate": {"kind": INTERNAL, "name": INTERNAL},
        "TemplateVersion": {
            "number": TECHNICAL,
            "source": INTERNAL,
            "placeholders": TECHNICAL,
            "state": TECHNICAL,
            "activated_by": ACTOR,
        },
        "Reading": {
            "reference": INTERNAL, "batch": TECHNICAL, "kind": INTERNAL, "certainty": TECHNICAL,
            "pages_total": TECHNICAL, "tries": TECHNICAL, "why": FREE_TEXT, "remarks": DATA, "sums": TECHNICAL,
            "asks_owner": TECHNICAL,
        },
        "ReadingPage": {
            "number": TECHNICAL, "printed": TECHNICAL, "turned": TECHNICAL, "width": TECHNICAL, "height": TECHNICAL,
            "lines": DATA, "concealed": TECHNICAL, "found": DATA,
        },
        "ReadValue": {
            "position": TECHNICAL, "code": INTERNAL, "value": FREE_TEXT, "sure": TECHNICAL, "depends": TECHNICAL,
            "confidence": TECHNICAL, "page": TECHNICAL, "box": TECHNICAL, "note": INTERNAL, "proposed": FREE_TEXT,
            "final": FREE_TEXT,
        },
        "ReadingSettlement": {"reason": FREE_TEXT},
    },
)  # fmt: skip
