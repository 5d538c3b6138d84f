"""The live picture with what was measured in it: a drawing, and the window that shows it."""
