from generator.compute.script import Run


def compute(run: Run) -> None:
    figure = run.new_figure(60)
    axes = figure.subplots()
    axes.plot([1, 2])
    axes.set_title("A swing \U0001f3a0")
    run.figure("period", figure)
