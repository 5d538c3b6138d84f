"""The window: first run, live picture, days, exercises and settings, in a process of its own that measures nothing.

It reads the database and the settings file, and asks everything else of the running monitor over the control channel. It may be closed
or killed at any time: the monitor goes on. ``posture.window.app`` starts it; a page is a folder or file of its own below.
"""
