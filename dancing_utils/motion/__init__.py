"""Sound -> poses: the models that dance.

    pose_vectors    poses as the models see them
    song_data       the songs that they learn from
    kinetics        how a dance moves, as numbers, and how far two sets of dances are apart
    baseline_vae    the plain LSTM-VAE of the original design, which stands still
    musical_time    time counted in beats
    lstm_vae        the LSTM-VAE that dances
    vae_training    its training
    prior_training  and how the choice of moves learns on
    sway            what is danced where no beat is heard

Notebook: 04_better_motion.ipynb
"""
