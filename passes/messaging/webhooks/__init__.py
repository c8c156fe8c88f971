"""Events out, by the Standard Webhooks specification 1.0.0: endpoints, signatures, sending and replaying."""
