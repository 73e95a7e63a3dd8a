"""Rules on `Suppressions`: the comments that ask lblint to be quiet."""
