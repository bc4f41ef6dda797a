"""What the inner units of SmolLM2 write into its output, and what the model says without them.

A group is a list of words of one kind (cities, animals). L layers, f inner units a layer, d
model width, V tokens in the vocabulary.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from common.smollm2 import Block, SmolLM2, load_smollm2
from common.surgery import go_on, inner, middle

Groups = Mapping[str, Sequence[str]]


def groups_of(text: str) -> dict[str, list[str]]:
    """Lines like "cities: London Paris" → {"cities": ["London", "Paris"]}."""
    lines = (line.partition(": ") for line in text.splitlines())
    return {name: words.split() for name, _, words in lines}


def token_groups(model: SmolLM2, groups: Groups) -> dict[str, list[int]]:
    """The token of each word with a space before it. Raises ValueError if it has several."""
    found: dict[str, list[int]] = {}
    for name, words in groups.items():
        ids = [model.ids(f" {word}") for word in words]
        if any(len(word) != 1 for word in ids):
            raise ValueError(f"{name}: every word must be one token of the model")
        found[name] = [word[0] for word in ids]
    return found


class Writing:
    """What each unit of SmolLM2 adds to the logits if it is open, on its direct way out.

    readout: (V, d), the vocabulary's vectors with the final norm's gain, their mean taken off;
    values: (L, f, d), the columns of every layer's last matrix; spread: (L, f), the standard
    deviation over the vocabulary of what a unit writes.
    """

    def __init__(self, model: SmolLM2) -> None:
        readout = model.embedding * model.final_norm
        self.readout = readout - readout.mean(dim=0)
        self.values = torch.stack([block.down.T for block in model.blocks])
        covariance = self.readout.T @ self.readout / len(self.readout)
        self.spread = ((self.values @ covariance) * self.values).sum(dim=-1).sqrt()

    def towards(self, tokens: Sequence[int]) -> Tensor:
        """(L, f): mean logit that each unit gives these tokens, in its standard deviations."""
        wanted = self.readout[torch.tensor(tokens)].mean(dim=0)
        return (self.values @ wanted) / self.spread

    def strongest(self, layer: int, unit: int, sign: int, count: int) -> list[int]:
        """The tokens that the unit raises most (sign 1) or lowers most (sign −1)."""
        written = sign * (self.readout @ self.values[layer, unit])
        found: list[int] = written.argsort(descending=True)[:count].tolist()
        return found


def without_unit(block: Block, unit: int) -> Block:
    """The block with one inner unit that writes nothing."""
    down = block.down.clone()
    down[:, unit] = 0
    return replace(block, down=down)


@dataclass(frozen=True, slots=True)
class Written:
    """A unit of SmolLM2 that writes one group of words, and what it does at one prompt.

    sign: 1 if an open unit raises the words, −1 if it lowers them. seen, unseen: mean logit in
    standard deviations on both halves of the words. activation: times the sign, so that a
    positive one raises the words. before, after: probability of the group's words as the next
    token, with the unit and without it.
    """

    group: str
    layer: int
    unit: int
    sign: int
    seen: float
    unseen: float
    tokens: tuple[str, ...]
    activation: float
    before: float
    after: float


def written(
    path: Path, groups: Groups, prompts: Mapping[str, str], draws: int
) -> tuple[list[Written], list[tuple[float, float]]]:
    """For each group the unit that writes its words best, chosen on half of them; and chance.

    Chance: the same search for `draws` random groups of 30 words, seen and unseen.
    """
    model = load_smollm2(path)
    writing = Writing(model)
    tokens = token_groups(model, groups)
    found = []
    units = writing.spread.shape[1]
    for name, ids in tokens.items():
        score = writing.towards(ids[::2]).flatten()
        best = int(score.abs().argmax())
        sign = 1 if score[best] > 0 else -1
        layer, number = divmod(best, units)
        block = model.blocks[layer]
        state = model.trace(model.ids(prompts[name])).hidden
        opened = inner(model, middle(model, state[layer], block), block)[-1, number].item()
        changed = [without_unit(block, number), *model.blocks[layer + 1 :]]
        chances = [
            torch.softmax(model.readout(last[-1]), dim=-1)[torch.tensor(ids)].sum().item()
            for last in (state[-1], go_on(model, state[layer], changed))
        ]
        found.append(
            Written(
                group=name,
                layer=layer,
                unit=number,
                sign=sign,
                seen=score[best].abs().item(),
                unseen=sign * writing.towards(ids[1::2])[layer, number].item(),
                tokens=tuple(
                    model.text([token]) for token in writing.strongest(layer, number, sign, 12)
                ),
                activation=sign * opened,
                before=chances[0],
                after=chances[1],
            )
        )
    every = torch.tensor([token for ids in tokens.values() for token in ids])
    source = torch.Generator().manual_seed(torch.initial_seed())
    chance = []
    for _ in range(draws):
        drawn = every[torch.randperm(len(every), generator=source)[:30]].tolist()
        score = writing.towards(drawn[:15])
        best = int(score.abs().argmax())
        other = writing.towards(drawn[15:]).flatten()[best] * score.flatten()[best].sign()
        chance.append((score.abs().max().item(), other.item()))
    return found, chance
