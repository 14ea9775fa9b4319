"""Poses -> pictures: the models that paint.

    pixels           bytes <-> the numbers in [-1, 1] that networks paint
    perceptual       the loss that compares what VGG16 sees
    baseline_gan     the plain GAN of the original design, 64 x 64
    pose_gan         the generator that paints a person over a still background
    pose_correction  landmarks of training pictures, moved to where the picture shows them
    painting         a trained Pose GAN at work: plain, or fast in 8 bits
    gan_training     its discriminators, losses and training

Notebook: 07_better_images.ipynb
"""
