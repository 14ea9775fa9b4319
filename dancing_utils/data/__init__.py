"""Films in, data sets out: media files, the HDF5 file, and batches of it.

    cut_off           was a video cut off, or is its last picture held?
    media             videos and sound read in time with each other; H.264 written
    films             which files are films, and which are the same film
    hdf5_file         an HDF5 file from anywhere, opened safely
    dataset           the HDF5 file of the course: written, checked, read
    film_sampling     pictures spread over a film, found by its key frames
    camera_motion     do two pictures show one place, and did the camera move between them?
    film_observation  what a sampled picture shows: people, light, blur
    film_facts        observations -> facts of the film: who is followed, which poses
    film_judging      facts -> a verdict, and what would help most
    film_check        a film -> the report on it, in words and as a picture
    framing           what to take of a film's pictures for the person in it
    extract_film      one film -> its groups of the HDF5 file
    many_films        films -> part files, by many processes and machines
    extract           films -> the HDF5 file
    footage           a film read for the person in it, given back whole
    film_dance        what somebody danced in a film
    batches           the HDF5 file -> shuffled batches

Notebook: 01_extract_data.ipynb
"""
