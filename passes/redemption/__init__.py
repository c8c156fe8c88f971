"""What a till does: stamp, load, redeem, refund, reverse."""
