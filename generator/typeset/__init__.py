"""A report's Document and drawings → an HTML tree → the bytes of its PDF."""
