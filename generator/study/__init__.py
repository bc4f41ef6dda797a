"""study.toml and the folders of a study, read into values."""
