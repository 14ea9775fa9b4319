"""Exercises of the notebooks: a check tries a learner's function on small cases and says in a sentence how it went.

Each ``check_NAME`` is given the function ``NAME`` that a learner wrote. It prints one line: that the function is right,
what a typical slip was (without giving the answer away), or what came and what was wanted. It never raises, so that
"Run all" goes through while exercises are still open. Solutions, with reasons, stand in ``notebooks/solutions``.

    answer        the sentence about a function
    notebook_01   films and windows
    notebook_02   sound
    notebook_03   the LSTM-VAE
    notebook_04   how a dance is measured, and how it is drawn
    notebook_05   the latent space
    notebook_06   the losses of a GAN
    notebook_07a  a person in a new pose
    notebook_07b  what a generator paints
    notebook_08   boredom and chance
    notebook_09   a film of one's own

Notebook: 01_extract_data.ipynb
"""

from dancing_utils.show.exercises.answer import OPEN, verdict
from dancing_utils.show.exercises.notebook_01 import check_frame_at, check_window_starts
from dancing_utils.show.exercises.notebook_02 import check_one_mfcc, check_tempo_of
from dancing_utils.show.exercises.notebook_03 import check_draw_z, check_kl_term
from dancing_utils.show.exercises.notebook_04 import check_alignment, check_draw_next
from dancing_utils.show.exercises.notebook_05 import check_arm_axis, check_on_sphere
from dancing_utils.show.exercises.notebook_06 import check_discriminator_loss, check_generator_loss
from dancing_utils.show.exercises.notebook_07a import check_limb_value, check_where_from
from dancing_utils.show.exercises.notebook_07b import check_blend, check_pixel_shuffle
from dancing_utils.show.exercises.notebook_08 import check_boredom, check_chance_of
from dancing_utils.show.exercises.notebook_09 import check_choose_frames, check_film_verdict

__all__ = [
    "OPEN", "check_alignment", "check_arm_axis", "check_blend", "check_boredom", "check_chance_of",
    "check_choose_frames", "check_discriminator_loss", "check_draw_next", "check_draw_z", "check_film_verdict",
    "check_frame_at", "check_generator_loss", "check_kl_term", "check_limb_value", "check_on_sphere", "check_one_mfcc",
    "check_pixel_shuffle", "check_tempo_of", "check_where_from", "check_window_starts", "verdict",
]  # fmt: skip
