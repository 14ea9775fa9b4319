"""How good is it? Measures of dances and pictures, each beside the truth, baselines and chance.

    tables            printed, drawn and written as CSV
    truth             what is known about the sample's clips, because a program made them
    motion_metrics    measures of a dance
    held_out_songs    songs that dances are measured on
    families          which family of moves is danced
    motion_baselines  the song model as a dancer, and dancers that it must beat
    evaluate_motion   the table of dances
    image_metrics     measures of a picture
    contact_sheets    pictures to look at
    held_out_frames   frames that pictures are measured on
    painters          who paints them, and painters that a model must beat
    evaluate_images   the table of pictures

Notebook: 07_better_images.ipynb
"""
