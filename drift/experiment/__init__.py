"""The cause of an incident by experiment: calls of ordinary nights asked again today, with one thing exchanged at a time."""
