"""Instances by reference: families of problems a suite draws from."""
