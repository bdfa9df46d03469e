"""The providers' APIs as a local server answers them: one format a file."""
