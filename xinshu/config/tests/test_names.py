"""What people read of reactions and nightly rounds: every one of them has a name."""

from xinshu.ledger import reactions
from xinshu.ledger.kinds import reaction_of


def test_every_reaction_and_nightly_round_is_called_something() -> None:
    unnamed = [name for name in (*reactions.by_name, *reactions.nightly) if reaction_of(name) == name]

    assert [name for name in unnamed if ".tests." not in name] == []
