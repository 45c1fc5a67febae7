"""Where documents are kept: the contract, and the stores that honour it."""
