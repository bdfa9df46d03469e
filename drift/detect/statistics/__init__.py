"""From day profiles to comparable series: a few statistics a metric and segment, each with a known sampling variance."""
