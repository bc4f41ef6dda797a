"""두 주사위의 합: 세어 본 확률과 던져 본 빈도."""

import random

from generator.compute.script import Run

THROWS = 6000


def compute(run: Run) -> None:
    sums = range(2, 13)
    chance = [(6 - abs(s - 7)) / 36 for s in sums]
    thrown = [0] * 13
    for _ in range(THROWS):
        thrown[random.randint(1, 6) + random.randint(1, 6)] += 1
    run.value("throws", THROWS)
    run.value("seven", 100 * chance[5], digits=1, unit="%")
    run.value("seven_thrown", 100 * thrown[7] / THROWS, digits=1, unit="%")
    run.table(
        "sums",
        ["합", "확률", "빈도"],
        [[s, chance[i], thrown[s] / THROWS] for i, s in enumerate(sums)],
        digits=3,
    )
    figure = run.new_figure(60)
    axes = figure.subplots()
    axes.bar(list(sums), [thrown[s] / THROWS for s in sums])
    axes.plot(list(sums), chance, "ko")
    run.figure("sums", figure)
