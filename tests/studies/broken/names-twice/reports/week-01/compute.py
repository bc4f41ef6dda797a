from generator.compute.script import Run


def compute(run: Run) -> None:
    run.value("period_90", 1.18)
    run.value("period_90", 1.19)
    for _ in range(2):
        run.string("answer", "1.18")
        run.table("periods", ["a"], [[1]])
        figure = run.new_figure(40)
        figure.subplots().plot([1, 2])
        run.figure("period", figure)
