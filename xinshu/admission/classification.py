"""Classes of fields: what a house marks and asks is its business; what firms answer may hold anything of people."""

from xinshu.core.classification import ACTOR, COMMERCIAL, DATA, FREE_TEXT, INTERNAL, TECHNICAL, classify

classify(
    "admission",
    {
        "Tag": {
            "name": INTERNAL, "note": FREE_TEXT, "origin": TECHNICAL, "content": COMMERCIAL, "known": TECHNICAL,
            "rhythm": TECHNICAL, "valid_days": TECHNICAL,
        },
        "Carry": {"why": DATA, "given_by": ACTOR, "ended_why": FREE_TEXT, "ended_by": ACTOR, "since": INTERNAL,
                  "valid_until": INTERNAL, "until": INTERNAL},
        "Round": {
            "cause": TECHNICAL, "by": ACTOR, "looked": INTERNAL, "begun": INTERNAL, "ended": INTERNAL,
            "unknown": INTERNAL,
        },
        "Questionnaire": {"name": INTERNAL, "subject": TECHNICAL},
        "QuestionnaireVersion": {
            "number": TECHNICAL, "content": INTERNAL, "authors": TECHNICAL, "written_by": ACTOR, "activated_by": ACTOR,
        },
        "Sheet": {"about": FREE_TEXT, "asked_by": ACTOR, "typed": DATA, "handed_in_by": ACTOR},
        "Given": {"about": FREE_TEXT, "code": TECHNICAL, "value": DATA, "on": INTERNAL},
        "Gate": {
            "shelf": TECHNICAL, "product": TECHNICAL, "product_name": INTERNAL, "subject": TECHNICAL,
            "authors": TECHNICAL,
        },
        "Match": {"about": FREE_TEXT, "cause": TECHNICAL, "at": INTERNAL},
    },
)  # fmt: skip
