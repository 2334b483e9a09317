"""The lake: packages of many publishers as DuckLake snapshots, that each replica copies."""
