"""Two recordings, or two sets of them, side by side: figures, differences with their intervals, terminal and page."""
