"""Cards in Google Wallet: classes and objects over REST, save links, and the callbacks that come back.

Everything here needs a service account and an issuer id. Where an installation has none, Google is off:
whoever would hold a `GoogleWallet` holds None instead and says so plainly.
"""
