"""Properties of the domain run on machines shared by many, so no example is failed for being slow."""

from hypothesis import settings

settings.register_profile("shared-machine", deadline=None, database=None)
settings.load_profile("shared-machine")
