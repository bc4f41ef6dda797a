"""Scripts as jobs on an executor: a warm fork server here, or a Dask cluster."""
