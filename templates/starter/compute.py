"""The birthday problem: exact, by a formula for the back of an envelope, and by simulation.

`study build` runs this file. Started by itself it only defines functions, and prints nothing.
"""

import numpy as np

from generator.compute.script import Run

DAYS = 365
PEOPLE = 23
ROOMS = 20_000


def shared(people: int) -> float:
    """The probability that at least two of `people` share a birthday."""
    return float(1 - np.prod(1 - np.arange(people) / DAYS))


def estimate(people: int) -> float:
    """The same from the first term of the logarithm alone, good while people² is below DAYS."""
    return float(1 - np.exp(-people * (people - 1) / (2 * DAYS)))


def compute(run: Run) -> None:
    # The compiler has seeded numpy: every run draws the same rooms.
    rooms = np.sort(np.random.randint(DAYS, size=(ROOMS, PEOPLE)), axis=1)
    run.value("people", PEOPLE)
    run.value("rooms", ROOMS)
    run.value("exact", shared(PEOPLE), digits=3)
    run.value("simulated", (np.diff(rooms, axis=1) == 0).any(axis=1).mean(), digits=3)
    sizes = (10, 20, 30, 40, 50)
    rows = [["exact", *map(shared, sizes)], ["estimate", *map(estimate, sizes)]]
    run.table("birthdays", ["people", *map(str, sizes)], rows, digits=3)

    figure = run.new_figure(height_mm=40)
    axes = figure.subplots()
    people = np.arange(1, 61)
    axes.plot(people, [shared(n) for n in people])
    axes.plot(PEOPLE, shared(PEOPLE), "o")
    axes.axhline(0.5, color="grey", linestyle="--")
    axes.set_xlabel("people in the room")
    axes.set_ylabel("chance")
    run.figure("birthdays", figure)
