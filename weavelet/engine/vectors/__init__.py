"""Vectors: a file of rows, an exact index over it, and stages that answer faster."""
