"""The tray icon: its menu as data, its images, its back ends, its loop."""
