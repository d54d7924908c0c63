"""Program -> program and the way back; each declares what it does to exactness."""
