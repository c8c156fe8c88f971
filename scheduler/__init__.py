"""The process that keeps time and sends: a job table, ticks, and a lock that picks who leads."""

from scheduler.process import build_ticker, start_embedded

__all__ = ["build_ticker", "start_embedded"]
