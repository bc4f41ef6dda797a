from generator.compute.script import Run


def compute(run: Run) -> None:
    run.value("../period", 1.18)
    run.value("Period", 1.18)
    run.value("period 90", 1.18)
    run.value("", 1.18)
    run.value("주기", 1.18)
    run.value("period-90", 1.18)
    run.value(90, 1.18)
    run.table("a/b", ["a"], [[1]])
    figure = run.new_figure(40)
    figure.subplots().plot([1, 2])
    run.figure("../../outside", figure)
