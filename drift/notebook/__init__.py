"""What drift knows, for notebooks: frames and figures. Public as `drift.read` and `drift.figures`."""
