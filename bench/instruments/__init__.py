"""What measures: memory of processes, a real web server, a steady load of requests."""
