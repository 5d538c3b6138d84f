"""The live page: the picture with what is measured in it, the doses, what the monitor says and why it is silent."""
