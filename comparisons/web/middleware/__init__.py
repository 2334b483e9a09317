"""What stands between the server and pages: headers, guard, compression."""
