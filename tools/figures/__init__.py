"""Line drawings of the exercises: the jointed figure and its scenes."""
