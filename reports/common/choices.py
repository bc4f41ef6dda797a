"""One question with lettered answers, put to SmolLM2 with the answers in every rotation.

Source: Zheng et al., Large Language Models Are Not Robust Multiple Choice Selectors (2024).
"""

from collections.abc import Sequence
from pathlib import Path

import torch

from common.reading import next_logits, read
from common.smollm2 import load_smollm2


def rotations(path: Path, statement: str, answers: Sequence[str]) -> list[list[float]]:
    """(m, m) probabilities of the letters A, B, … after "Answer:", for m answers.

    Row r shows answer (i + r) mod m at place i; each row is divided by its sum.
    """
    model, m = load_smollm2(path), len(answers)
    letters = "ABCDEFGH"[:m]
    prompts = []
    for shift in range(m):
        shown = [answers[(place + shift) % m] for place in range(m)]
        lines = [f"{letter}. {answer}" for letter, answer in zip(letters, shown, strict=True)]
        prompts.append("\n".join([statement, *lines, "Answer:"]))
    logits = next_logits(model, read(model, [model.ids(prompt) for prompt in prompts]))
    tokens = torch.tensor([model.ids(f" {letter}")[0] for letter in letters])
    found: list[list[float]] = torch.softmax(logits[:, tokens].double(), -1).tolist()
    return found
