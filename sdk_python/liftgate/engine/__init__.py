"""The pure decision core: values in, decisions out. No I/O, clock, randomness, logging or threads."""
