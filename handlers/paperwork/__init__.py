"""Documents that prove who somebody is: asked for, taken in, judged, looked at once, destroyed."""
