"""Modules that the reports' scripts share, imported as `common.…`."""
