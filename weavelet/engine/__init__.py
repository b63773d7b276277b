"""The database: stores objects, keeps indexes, answers searches. Knows no HTTP and no module."""
