"""Poses -> pictures: the models that paint.

    pixels           bytes <-> the numbers in [-1, 1] that networks paint
    perceptual       the loss that compares what VGG16 sees
    baseline_gan     the plain GAN of the original design, 64 x 64
    pose_gan         the generator that paints a person over a still background
    pose_correction  landmarks of training pictures, moved to where the picture shows them
    eight_bits       networks in whole numbers of 8 bits, which are faster
    painting         a trained Pose GAN at work
    adversarial      discriminators, their losses, and a training step against them
    gan_training     the Pose GAN's other losses and its training

A filmed person in a new pose without training, by warping what was filmed; `benchmarks/warp.py` runs it:

    body_parts       parts of a body, their places and sizes
    plate            the empty room behind the person
    camera           how the camera moved
    key_frames       few frames that show many poses well; kept in a file
    filmed_person    all that is taken from a film
    cutting          a key frame cut into parts with soft edges
    overlay          pictures laid over each other
    trunk_outline    trunks without flaps of sleeves, and whole where hands lay
    bare_arms        arms without clothes, hair and wall behind them
    stains           trunks without the shadows and hands of a single frame
    sources          which key frame each part of a pose is taken from
    warp             parts moved to a pose and laid over the plate

What warping leaves wrong, mended by a network that is trained for one person in minutes:

    boxes            where in a picture it works
    repair_gan       the network, and how its picture and the warped one become one
    film_frames      frames of a film kept for training, and the pairs of warped and true pictures
    repair_training  its other losses and its training
    repair_painting  a trained one at work

Notebook: 07a_new_pose.ipynb
"""
