"""What a line of Korean has said so far, for the particles that follow it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from generator.text.korean.formulas import formula_sounds
from generator.text.korean.particles import NOTATION, typed_wrongly, with_particles


@dataclass(slots=True)
class Aloud:
    """The words of a line as they are read: formulas by how they end, brackets not at all."""

    words: list[str] = field(default_factory=list)
    tex: str | None = None  # of a formula that stands last; read only if a particle follows it
    computed: bool = False  # whether a value or a reference stands last

    def say(self, words: str, *, computed: bool = False) -> None:
        """Go on with `words`. computed: they are a value or a reference."""
        if words:
            self.words.append(words)
            self.tex, self.computed = None, computed

    def say_formula(self, tex: str) -> None:
        """Go on with a formula."""
        self.words.append("$")
        self.tex, self.computed = tex, False

    def pass_over(self) -> None:
        """A citation in brackets, which isn't read: a particle belongs to the word before it."""
        if self.words:
            self.words[-1] = self.words[-1].rstrip()

    def with_particles(self, text: str, report: Callable[[str, str], None]) -> str:
        """`text`, which comes next, with its particles chosen; a wrong typed one is reported."""
        if self.computed and (problem := typed_wrongly(text, self.words[-1])):
            report(*problem)
        if "(" not in text or not NOTATION.search(text):
            return text
        sounds = None if self.tex is None else formula_sounds(self.tex)
        return with_particles(text, "".join(self.words), report, sounds)
