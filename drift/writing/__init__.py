"""What an incident leaves in the trace store that it was found in, where that is switched on."""
