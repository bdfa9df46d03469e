"""One night, left to right: pull, profile, detect, publish; and what is asked for around it: backfill, doctor, demo, pruning."""
