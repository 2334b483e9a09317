"""Images of charts, drawn on the server from the figures of the pages."""
