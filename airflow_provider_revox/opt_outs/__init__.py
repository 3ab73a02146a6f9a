"""Take people out of campaigns that run, because they want no calls any more."""
