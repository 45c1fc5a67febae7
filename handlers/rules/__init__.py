"""Pure decisions: case states and moves, evidence, permits, password policy, addresses.

Nothing here reads a clock, a file or the environment, or draws lots; third parties only where they are as pure
(`email_validator` for the syntax of addresses, `zxcvbn_rs_py` for guessing passwords).
"""
