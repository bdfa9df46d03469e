"""A judge on a share of the traffic, the people who check it, and how far it may be believed."""
