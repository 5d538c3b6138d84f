"""Lock, sleep, lid, battery, camera use and do-not-disturb: the changes common to all systems, and one file for each system."""
