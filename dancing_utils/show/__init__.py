"""What the notebooks show: plots, drawings of the models, and where they keep their files.

    course     folders of a notebook run, and its quick profile
    exercises  what a learner wrote, checked, and answered in a sentence
    plots      skeletons, sound, curves, pictures
    widgets    dances moved in the latent space
    blocks     a Keras model as blocks that can be followed, read from the model itself
    svg        boxes, words and arrows as SVG
    layout     where the boxes lie: columns, or a U
    drawings   the models of the course as drawings, and the command that writes them all
    cell       an LSTM cell as a drawing

Notebook: 05_latent_space.ipynb
"""
