"""What is known of all there is, and what that allows one to say."""
