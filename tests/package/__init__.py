"""What others get: the wheel, and what the repo has for pipelines and for contributors."""
