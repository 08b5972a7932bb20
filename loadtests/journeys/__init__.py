"""What the users of a load test do. Each file is a locustfile and is imported by locust only, which patches sockets."""
