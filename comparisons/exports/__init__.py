"""Files: CSV, JSON, XLSX, zip, Parquet, GeoJSON, GeoPackage, PDF, citations."""
