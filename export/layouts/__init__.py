"""What a bundle can bring for one kind of place to be used at: a server, a browser."""
