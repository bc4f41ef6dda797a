"""Moving in: an existing study's README, guides, PDFs and notebooks as study.toml and folders."""
