"""How good is it? Measures of dances and pictures, each beside the truth, baselines and chance.

    tables            printed, drawn and written as CSV
    truth             what is known about the sample's clips: joints, beats, moves
    motion_metrics    measures of a dance
    held_out_songs    songs that dances are measured on
    families          a classifier of moves: which family is danced
    motion_baselines  who dances to them: the song model, and baselines that it must beat
    evaluate_motion   the table of dances: `dance evaluate motion`
    image_metrics     measures of a picture
    contact_sheets    pictures to look at
    held_out_frames   frames that pictures are measured on
    painters          who paints them: image models, and baselines that they must beat
    evaluate_images   the table of pictures: `dance evaluate images`

Notebook: 07b_better_images.ipynb
"""
