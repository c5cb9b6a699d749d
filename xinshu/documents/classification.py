"""Classes of fields: contents are encrypted; what is kept of sealed letters is there to be verified."""

from xinshu.core.classification import ACTOR, FREE_TEXT, INTERNAL, OPEN, TECHNICAL, classify

classify(
    "documents",
    {
        "Blob": {"sm3": TECHNICAL, "size": TECHNICAL, "mime": TECHNICAL},
        "File": {"name": FREE_TEXT, "uploaded_by": ACTOR, "reference": INTERNAL},
        "SealedDocument": {"pdf_sm3": OPEN, "sm2_signature": OPEN, "sm2_public": OPEN, "certificate_serial": OPEN},
        "LetterTemplate": {"kind": INTERNAL, "name": INTERNAL},
        "TemplateVersion": {
            "number": TECHNICAL,
            "source": INTERNAL,
            "placeholders": TECHNICAL,
            "state": TECHNICAL,
            "activated_by": ACTOR,
        },
    },
)
