from generator.compute.script import Run


def compute(run: Run) -> None:
    run.value("period_90", 1.18)
    run.figure("period", run.new_figure(60))
    figure = run.new_figure(60)
    figure.subplots()
    run.figure("axes", figure)
    run.figure("words", "a figure")
