"""All along: what was sent to whom, and why (not). Knows no step of the pipeline."""
