"""References: short enough to read aloud, and telling nobody how many cases there are."""

from xinshu.core.cases import ALPHABET, new_reference


def test_references_are_random_and_have_no_signs_that_look_alike():
    references = {new_reference() for _ in range(2000)}

    assert len(references) == 2000
    assert all(len(reference) == 12 and set(reference) <= set(ALPHABET) for reference in references)
    assert not set("01OIL") & set(ALPHABET)
