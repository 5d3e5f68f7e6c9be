"""What `flask --app app.wsgi` can be told on the command line."""
