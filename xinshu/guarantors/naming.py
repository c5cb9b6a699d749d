"""What the codes of guarantee kinds mean: told by the room that knows them, for forms and lists of this one."""

from collections.abc import Callable, Iterable

Choices = Callable[[], Iterable[tuple[str, object]]]
_kinds: list[Choices] = []


def tell_kinds(choices: Choices) -> None:
    """Let `choices` say which kinds there are, each with its name."""
    _kinds[:] = [choices]


def kind_choices() -> list[tuple[str, str]]:
    """Return (code, name) of every kind."""
    return [(code, str(name)) for choices in _kinds for code, name in choices()]


def kind_name(code: str) -> str:
    """Return what a kind is called; the code itself where nobody has said."""
    return dict(kind_choices()).get(code, code)
