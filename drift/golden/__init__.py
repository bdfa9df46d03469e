"""Golden sets: the same questions asked of an application again and again, so that what changes is the application or its model."""
