"""Instruments to hear, drag and watch with: Python computes when something changes, the browser plays and draws.

    instrument  what all share: an anywidget of plain JavaScript that asks, a question answered at a time
    latents     where on the map of z, and along which way: what an explorer's controls say, as z and as code
    explorer    the latent space: a place on the map, a path, two dances and what lies between them
    ear         a song with a cursor over what is heard of it; what MFCC keep, as sound; taps against beats
    puppet      a painted dancer, dragged by hands, elbows, knees and feet; what she is painted from, in layers
    server      the page of them all, by Voilà, on this machine alone: `dance play`
    uploads     a visitor's song: limited, decoded in a process of its own, deleted at the end
    stage       a song, a dancer, two seeds: two videos in step, and how far they are
    page        what it shows: a tab for each instrument, built when it is opened

Pure functions say what comes of a choice; the widgets are thin shells around them. A question that was overtaken by a
newer one is not computed. In ``static/`` are the JavaScript modules: ``common.js`` and ``player.js`` come before each.

Notebook: 05_latent_space.ipynb
"""
