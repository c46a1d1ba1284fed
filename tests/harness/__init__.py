"""What hand-written and generated tests share: scripted peers, transports, real programs."""
