"""ASGI middleware between the server and the pages: headers, guard, compression."""
