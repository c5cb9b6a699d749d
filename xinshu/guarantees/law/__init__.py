"""Law and rules of one application (法定与内部规则), pure: limits, periods, shares, consent, the automatic review."""
