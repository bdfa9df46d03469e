"""A living application for `benchmarks/living.py`: words, exchanges, worlds, a day's draw, planted incidents, replay, judge.

The laws here know nothing of the detector: heavy-tailed wandering, sessions, users with habits, deployments in the middle of
a day. What each world may be told about is written beside its switches, before anything is run.
"""
