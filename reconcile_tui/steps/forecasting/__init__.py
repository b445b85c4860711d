"""What `steps.simulate` is made of: feeding the simulator from the workspace, whole sides, single groups, what-ifs, and words."""
