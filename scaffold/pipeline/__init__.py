"""The steps that generated CI calls, one public function a step, in place of shell in each repo."""
