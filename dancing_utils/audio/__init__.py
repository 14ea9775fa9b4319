"""What is heard: sound -> numbers, one row a video frame.

    spectrum       MFCC and onset strength
    beat_tracking  tempo, and where in the beat a frame lies
    beat_network   beats, heard by a small pretrained network
    beat_weights   where that network's weights come from
    hearing        the song as the models hear it, in one call

Notebook: 02_explore_mfcc_and_pose.ipynb
"""
