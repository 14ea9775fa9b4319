"""What the notebooks show: plots, sliders, and where they keep their files.

    course   folders of a notebook run, and its quick profile
    plots    skeletons, sound, curves, pictures
    widgets  the latent space by sliders

Notebook: 05_latent_space.ipynb
"""
