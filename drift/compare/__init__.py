"""Two sides: windows, models, prompts, releases or files. What changed, what did not, and what the data cannot tell."""
