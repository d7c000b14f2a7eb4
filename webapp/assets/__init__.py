"""Our stylesheet, script and drawings, and the build that puts them, with what npm brings, into `webapp/static`."""
