"""Tests that need a desktop; they start their own."""
