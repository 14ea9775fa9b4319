"""What is heard: sound -> numbers, one row a video frame.

    spectrum       MFCC and onset strength
    beat_tracking  onsets, beats, tempo, and where in the beat a frame lies
    hearing        the song as the models hear it

Notebook: 02_explore_mfcc_and_pose.ipynb
"""
