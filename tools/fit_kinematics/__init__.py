"""How the parameters of the estimators in ``models/kinematics.json`` were fitted."""
