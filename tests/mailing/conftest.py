"""Hypothesis without a stopwatch: on a busy machine a slow example is no finding."""

import hypothesis

hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")
