"""The demonstration: a county company whose year is played through the public commands, so that there is something to see."""
