"""Exercises on a film of one's own: its verdict, and which of its frames are kept.

Notebook: 09_your_own_videos.ipynb
"""

from collections.abc import Callable

import numpy as np

from dancing_utils.show.exercises.answer import Slips, verdict


def check_film_verdict(film_verdict: Callable) -> None:
    """Seconds seen, height in pixels, share with head or hips cut off, does the camera move? -> the verdict, a word."""
    words = ("good", "usable", "unusable")

    def levels(seconds, pixels, cut_off, moving):
        """How bad each of the four is: 0, 1 or 2."""
        short, small = (seconds < 8) + (seconds < 3), (pixels < 300) + (pixels < 120)
        return [short, small, (cut_off > 0.2) + (cut_off > 0.5), int(moving)]

    def right(*facts):
        return words[max(levels(*facts))]

    def with_limits(seconds, pixels, cut_off, moving):
        slow = [(seconds <= 8) + (seconds <= 3), (pixels <= 300) + (pixels <= 120)]
        return words[max(*slow, (cut_off >= 0.2) + (cut_off >= 0.5), int(moving))]

    cases = [
        (20.0, 350.0, 0.0, False), (5.0, 350.0, 0.0, False), (20.0, 90.0, 0.0, False), (20.0, 350.0, 0.3, False),
        (20.0, 350.0, 0.0, True), (2.0, 350.0, 0.0, True), (8.0, 300.0, 0.2, False), (20.0, 250.0, 0.6, False),
        (3.0, 350.0, 0.0, False), (6.0, 250.0, 0.3, True),
    ]  # fmt: skip
    slips: Slips = (
        (lambda *facts: words[min(levels(*facts))],
         "Good as soon as one thing is good? The worst of the four decides."),
        (lambda *facts: words[min(1, max(levels(*facts)))],
         "No film is unusable to you. Do you ask for 'usable' first, and stop there?"),
        (lambda *facts: words[round(np.mean(levels(*facts)))],
         "You take the mean of the four. Three good things do not make up for a person whom nobody can see."),
        (with_limits, "Look at the limits: a person of just 300 pixels, seen for just 8 seconds, is good enough."),
        (lambda *facts: words[max(levels(*facts)[:3])], "A camera that moves makes a film no better than usable."),
        (lambda *facts: words[min(2, sum(levels(*facts)))],
         "You add up what is wrong. Two small faults are not yet an unusable film."),
    )  # fmt: skip
    praise = "The worst thing decides, and so the check can say what would help most."
    print(verdict(film_verdict, right, cases, slips, praise))


def check_choose_frames(choose_frames: Callable) -> None:
    """Poses (T, J, 2) and qualities (T,) of a film's frames, and how many to keep, n -> their numbers, (n,)."""

    def chosen(poses, quality, n, first=None, nearness=np.min):
        """Farthest points; ``nearness`` makes one number (T,) of the distances to all frames kept so far."""
        kept = [int(np.argmax(quality)) if first is None else first]
        while len(kept) < n:
            apart = [np.linalg.norm(poses - poses[k], axis=-1).mean(1) for k in kept]
            kept.append(int(np.argmax(nearness(apart, axis=0) * quality)))
        return kept

    def the_last(apart, axis):
        return apart[-1]

    rng = np.random.default_rng(9)
    line = np.array([0.0, 1.0, 5.0, 9.0, 10.0])[:, None, None] * (1, 0)  # five poses of one joint, all in a row
    cases = [(line, np.array([0.8, 1.0, 0.7, 0.9, 0.5]), 3)]
    cases += [(rng.normal(size=(30, 4, 2)), rng.uniform(0.3, 1, 30), n) for n in (1, 6, 10)]
    slips: Slips = (
        (lambda poses, quality, n: chosen(poses, np.ones(len(poses)), n, first=np.argmax(quality)),
         "After the first you no longer look at the quality: a blurred frame is taken for its rare pose."),
        (lambda poses, quality, n: np.argsort(-quality)[:n],
         "These are the best frames, but in a film good moments lie side by side: nearly the same pose, n times."),
        (lambda poses, quality, n: chosen(poses, quality, n, first=0),
         "You begin with the film's first frame. Nothing says that it is a good one."),
        (lambda poses, quality, n: chosen(poses, quality, n, nearness=the_last),
         "You go far from the frame taken last, and come back to where you were before. Look at all that are kept."),
        (lambda poses, quality, n: chosen(poses, quality, n, nearness=np.mean),
         "Far from the kept frames in the mean may be close to one of them. Which of them counts?"),
        (lambda poses, quality, n: chosen(poses, quality, n, nearness=np.max),
         "You ask for the kept frame that is farthest away. A pose is new only if even the nearest one is far."),
        (lambda poses, quality, n: np.sort(chosen(poses, quality, n)),
         "The right frames, but sorted. In the order in which they were taken, the first few are a smaller choice."),
    )  # fmt: skip
    praise = "The library does this by turns for the whole pose, either arm, the head and the legs."
    print(verdict(choose_frames, right=chosen, cases=cases, slips=slips, praise=praise))
