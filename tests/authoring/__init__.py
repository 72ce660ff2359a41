"""Tests of what authors of blueprints work with."""
