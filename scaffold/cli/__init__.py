"""The command line: parse, call one operation, print its value. No git, network or merge here."""
