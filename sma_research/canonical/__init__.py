"""The only bridge between finance and mathematics."""
