"""Draws people at desks with known angles and keeps what MediaPipe sees of them: what the estimators are fitted on."""
