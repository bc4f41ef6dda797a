"""The stages wired: load, plan, compute, text, typeset, write."""
