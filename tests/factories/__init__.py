"""Ready-made things for tests, so that each test says only what matters to it."""
