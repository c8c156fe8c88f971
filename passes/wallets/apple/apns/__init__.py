"""Telling phones that a pass has changed: one connection per signing identity to Apple's push service."""

from passes.wallets.apple.apns.client import ApnsClient, ClientIdentity
from passes.wallets.apple.apns.verdicts import PushResult, Verdict, judge

__all__ = ["ApnsClient", "ClientIdentity", "PushResult", "Verdict", "judge"]
