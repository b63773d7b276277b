"""Who may do what: permissions, roles, database users, and who holds which role. Knows no wire and no collection."""
