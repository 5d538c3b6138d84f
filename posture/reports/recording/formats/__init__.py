"""Files of a recording for other programs; each is written when it is asked for."""
