"""Runs one script in this process. By hand: python -m generator.compute.child week-07"""
