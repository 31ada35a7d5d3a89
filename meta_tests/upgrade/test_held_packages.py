"""Packages keep their versions, whatever their dates, unless the requirements forbid it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pytest

from mlflow_conformance.environments.build import EnvironmentNotBuilt
from mlflow_conformance.upgrade.causes import held_packages
from mlflow_conformance.upgrade.causes.held_packages import held, lines, versions

DAY = date(2025, 8, 6)
# A version of pandas that was published after that day.
LATER_PANDAS = "2.3.3"


def test_pins_are_requirements_by_normalised_name() -> None:
    """Pins are sorted, and names are compared as the package index does."""
    assert lines({"b": "2", "a": "1"}) == ["a==1", "b==2"]
    assert versions(["Typing_Extensions==4.0", "a==1"]) == {"typing-extensions": "4.0", "a": "1"}


class Resolver:
    """Resolves as uv may do: what is not required exactly can move without need."""

    def __init__(self, needs: Mapping[str, str], moves: Mapping[str, str]) -> None:
        """Take the versions that are needed, and those that the first answer moves."""
        self.needs, self.moves = needs, moves
        self.asked: list[tuple[Sequence[str], Mapping[str, str]]] = []

    def __call__(
        self,
        wanted: Sequence[str],
        kept: Mapping[str, str],
        until: date | None,
        python: str,
        environment: Mapping[str, str],
    ) -> list[str]:
        """Return pins, or raise if what is required is not what is needed."""
        self.asked.append((wanted, kept))
        required = versions([line for line in wanted if "==" in line])
        if any(required.get(name, version) != version for name, version in self.needs.items()):
            raise EnvironmentNotBuilt("no solution")
        return lines({**kept, **self.moves, **self.needs, **required})


KEPT = {"a": "1", "b": "1", "c": "1"}


@pytest.mark.parametrize(
    ("needs", "moves", "expected"),
    [
        ({}, {}, KEPT),
        ({"a": "2"}, {}, {**KEPT, "a": "2"}),
        ({}, {"a": "2", "b": "2"}, KEPT),
        ({"a": "2"}, {"b": "2", "c": "3"}, {**KEPT, "a": "2"}),
    ],
)
def test_only_what_has_to_move_moves(
    needs: dict[str, str],
    moves: dict[str, str],
    expected: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the first answer moves without need is put back."""
    resolver = Resolver(needs, moves)
    monkeypatch.setattr(held_packages, "resolved", resolver)
    assert versions(held(["mlflow"], KEPT, DAY)) == expected


def test_the_date_limits_what_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last question prefers, and so frees of the date, nothing that has to move."""
    resolver = Resolver({"a": "2"}, {})
    monkeypatch.setattr(held_packages, "resolved", resolver)
    held(["mlflow"], KEPT, DAY)
    wanted, free = resolver.asked[-1]
    assert free == {"b": "1", "c": "1"}
    assert wanted == ["mlflow", "b==1", "c==1"]


def test_what_does_not_resolve_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requirements that do not resolve at all are an error."""
    monkeypatch.setattr(held_packages, "resolved", Resolver({"mlflow": "2"}, {}))
    with pytest.raises(EnvironmentNotBuilt, match="no solution"):
        held(["mlflow==1"], KEPT, DAY)


@pytest.mark.package_index
def test_a_version_is_kept_though_it_is_newer_than_the_date() -> None:
    """A package that was published after the day stays; one that is new follows the day."""
    pins = versions(held(["pandas", "joblib"], {"pandas": LATER_PANDAS}, DAY))
    assert pins["pandas"] == LATER_PANDAS
    assert pins["joblib"] == "1.5.1"


@pytest.mark.package_index
def test_a_version_that_is_asked_for_may_be_newer_than_the_date() -> None:
    """A package that is required in an exact version need not be of that day."""
    assert versions(held([f"pandas=={LATER_PANDAS}"], {"pandas": "2.2.3"}, DAY))["pandas"] == (
        LATER_PANDAS
    )


@pytest.mark.package_index
def test_a_version_that_is_not_allowed_moves_within_the_date() -> None:
    """A package that has to move gets the newest allowed version of that day."""
    pins = versions(held(["pandas<2.3.2"], {"pandas": LATER_PANDAS}, DAY))
    assert pins["pandas"] == "2.3.1"
