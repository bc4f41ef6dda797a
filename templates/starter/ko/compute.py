"""생일 문제: 정확한 값, 식 하나로 구한 어림값, 모의실험.

`study build`가 이 파일을 실행한다. 그냥 실행하면 함수만 정의하고 아무것도 출력하지 않는다.
"""

import numpy as np

from generator.compute.script import Run

DAYS = 365
PEOPLE = 23
ROOMS = 20_000


def shared(people: int) -> float:
    """`people`명 가운데 적어도 두 사람의 생일이 같을 확률."""
    return float(1 - np.prod(1 - np.arange(people) / DAYS))


def estimate(people: int) -> float:
    """로그의 첫 항만으로 구한 같은 확률. people²이 DAYS보다 작을 때 잘 맞는다."""
    return float(1 - np.exp(-people * (people - 1) / (2 * DAYS)))


def compute(run: Run) -> None:
    # numpy의 시드는 컴파일러가 정한다. 실행할 때마다 같은 방들이 나온다.
    rooms = np.sort(np.random.randint(DAYS, size=(ROOMS, PEOPLE)), axis=1)
    run.value("people", PEOPLE)
    run.value("rooms", ROOMS)
    run.value("exact", shared(PEOPLE), digits=3)
    run.value("simulated", (np.diff(rooms, axis=1) == 0).any(axis=1).mean(), digits=3)
    sizes = (10, 20, 30, 40, 50)
    rows = [["정확한 값", *map(shared, sizes)], ["어림값", *map(estimate, sizes)]]
    run.table("birthdays", ["사람 수", *map(str, sizes)], rows, digits=3)

    figure = run.new_figure(height_mm=40)
    axes = figure.subplots()
    people = np.arange(1, 61)
    axes.plot(people, [shared(n) for n in people])
    axes.plot(PEOPLE, shared(PEOPLE), "o")
    axes.axhline(0.5, color="grey", linestyle="--")
    axes.set_xlabel("방 안의 사람 수")
    axes.set_ylabel("확률")
    run.figure("birthdays", figure)
