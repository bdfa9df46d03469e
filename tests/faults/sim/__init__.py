"""A simulator of bad nights: from one seed a plan of faults, the same each time, run against the real night in this process.

Under its control are the clock, the disk (what was not synced is lost with the power), the database's statements, the trace store's
answers, the receivers of messages, and when a process dies. What is computed is drift's own; what is a pure function of its arguments
(the checks, the comparison) is computed once for all seeds.

`make drift-sim SEED=4711` replays a seed and shrinks it where it fails.
"""
