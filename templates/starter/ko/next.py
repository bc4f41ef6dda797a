"""이 스크립트가 무엇을 계산하는지 쓴다.

`study build`가 이 파일을 실행한다. 그냥 실행하면 함수만 정의하고 아무것도 출력하지 않는다.
"""

import numpy as np

from generator.compute.script import Run


def compute(run: Run) -> None:
    draws = np.random.normal(size=200)
    run.value("count", len(draws))
    run.value("mean", draws.mean(), digits=3)

    figure = run.new_figure(height_mm=60)
    axes = figure.subplots()
    axes.plot(np.sort(draws), ".")
    axes.set_xlabel("순위")
    axes.set_ylabel("뽑은 수")
    run.figure("draws", figure)
