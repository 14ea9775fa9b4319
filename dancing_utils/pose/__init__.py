"""Where a body's 33 landmarks are: found in pictures, smoothed, measured, and fitted to another body.

    landmarks   the 33 names, limbs, mirror, picture units and pixels
    model_file  MediaPipe's pose model: found, fetched or assembled, checked by SHA-256
    smoothing   a track of poses: gaps filled, jitter taken out without delay
    detector    MediaPipe on one picture
    body        measures of a body
    dances      a dance by itself, and its file
    retarget    a dance by one body -> the same dance by another

Notebook: 01_extract_data.ipynb
"""
