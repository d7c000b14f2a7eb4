"""The whole of Firsthand on one machine: database, broker, web, workers and beat under one supervisor."""
