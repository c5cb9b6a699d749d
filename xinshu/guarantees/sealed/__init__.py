"""Letters made and sealed (函件签章): at issue, at an amendment, in answer to a changed contract."""
