"""For whom a report is, what they need to know, and what they will be able to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.model import Phrase
from generator.typeset.words import words


@dataclass(frozen=True, slots=True)
class Aim:
    """A line of the title block: "For whom", "You need", "You will be able to"."""

    kind: str
    label: str
    points: tuple[str, ...]


def aims(
    language: str,
    audience: Sequence[Phrase],
    prerequisites: Sequence[Phrase] = (),
    outcomes: Sequence[Phrase] = (),
    own: Mapping[str, str] | None = None,
) -> tuple[Aim, ...]:
    """What study.toml says of the three, in `language`; nothing for one that it doesn't name.

    own: the study's words in place of ours.
    """
    ours = words(language, own)
    lines = (
        ("audience", ours.audience, audience),
        ("prerequisites", ours.prerequisites, prerequisites),
        ("outcomes", ours.outcomes, outcomes),
    )
    return tuple(
        Aim(kind, label, tuple(phrase.text(language) for phrase in phrases))
        for kind, label, phrases in lines
        if phrases
    )
