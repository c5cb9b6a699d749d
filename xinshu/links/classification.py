"""Classes of fields: whom a link reaches is personal, what opens it is nobody's to read."""

from xinshu.core.classification import ACTOR, MASKED, NAME, NETWORK, SEALED, SECRET, TECHNICAL, classify

classify(
    "links",
    {
        "Link": {
            "token_digest": SECRET,
            "name": NAME,
            "phone_sealed": SEALED,
            "phone_key": SECRET,
            "phone_masked": MASKED,
            "mail_sealed": SEALED,
            "sent_by_label": ACTOR,
        },
        "Visit": {"reference": TECHNICAL, "key_digest": SECRET, "address": NETWORK},
        "Receipt": {"by_label": ACTOR},
    },
)
