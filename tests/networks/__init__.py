"""Networks as a whole: connecting, tending, limits, and the promises that every adapter keeps."""
