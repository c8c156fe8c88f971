"""Pictures drawn for every wallet and page: strips with stamps, logos, icons, Google's hero.

Drawn rather than shipped as files, because a card's colours, name and stamps are the merchant's; the
merchant's own pictures take their place wherever there are some.
"""
