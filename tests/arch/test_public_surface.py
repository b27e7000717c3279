"""What is public is there, documented, and nothing else is."""

import inspect

import pytest

import ironbridge
from ironbridge import errors


def test_everything_in_all_is_there_and_sorted() -> None:
    # As the formatter has it: all capitals first.
    assert sorted(ironbridge.__all__, key=lambda name: (not name.isupper(), name)) == list(ironbridge.__all__)
    for public in ironbridge.__all__:
        assert getattr(ironbridge, public) is not None


@pytest.mark.parametrize("public", ironbridge.__all__)
def test_everything_public_is_documented(public: str) -> None:
    thing = getattr(ironbridge, public)
    if inspect.isclass(thing) and issubclass(thing, Exception):
        return  # the tree in errors.py tells each in a line; the next test holds it to that
    if inspect.isclass(thing) or inspect.isfunction(thing):
        doc = inspect.getdoc(thing)
        assert doc, f"{public} has no docstring"
        assert not doc.startswith(f"{public}("), f"{public} has only the signature that dataclass makes"


def test_the_error_tree_is_drawn_in_full() -> None:
    tree = errors.__doc__ or ""
    defined = {cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, errors.IronbridgeError)}
    missing = sorted(
        cls.__name__ for cls in defined if f" {cls.__name__} " not in tree and f"{cls.__name__}\n" not in tree
    )
    assert set(missing) <= {"IronbridgeError"}


def test_slugs_are_unique() -> None:
    slugs: dict[str, str] = {}
    for _, cls in inspect.getmembers(errors, inspect.isclass):
        if issubclass(cls, errors.IronbridgeError) and "slug" in vars(cls):
            assert cls.slug not in slugs, f"{cls.__name__} and {slugs[cls.slug]} share {cls.slug}"
            slugs[cls.slug] = cls.__name__


@pytest.mark.parametrize(
    "cls", [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, errors.IronbridgeError)]
)
def test_every_error_states_outcome_and_whether_to_retry(cls: type[errors.IronbridgeError]) -> None:
    assert isinstance(cls.outcome, errors.Outcome)
    assert isinstance(cls.retryable, bool)
