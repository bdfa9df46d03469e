"""Words: text made harmless for where it goes, and numbers as people say them."""
