"""负面记录 on a firm's portrait: what counts against it now, to whoever reads its record in full."""

from datetime import timedelta

from xinshu.core.clock import local_day
from xinshu.credit.actions.behaviours import correct_behaviour
from xinshu.credit.portrait import negatives
from xinshu.credit.tests.conftest import Town


def test_what_speaks_against_a_firm_is_said_with_its_paper_until_it_is_corrected(town: Town) -> None:
    on = local_day(town.at) - timedelta(days=30)
    wrong = town.did("baseless_claim", on)
    town.did("contract_honoured", on)

    said = negatives(town.enterprise, town.manager, town.at)
    assert said is not None
    assert [(one.text, one.source, one.as_of) for one in said.sentences] == [
        ("无理索赔：作为受益人索赔，有文书认定没有依据", "信用库 （2026）云01民初7号", on),
    ]  # fmt: skip
    assert [event.on for event in said.events] == [on]
    assert negatives(town.enterprise, town.stranger, town.at) is None  # of a house that is not the firm's

    correct_behaviour(wrong, "", None, reason="二审撤销一审判决", by=town.first, at=town.at)
    assert negatives(town.enterprise, town.manager, town.at + timedelta(minutes=1)) is None
