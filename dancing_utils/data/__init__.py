"""Films in, data sets out: media files, the HDF5 file, and batches of it.

    cut_off    was a video cut off, or is its last picture held?
    media      videos and sound read in time with each other; H.264 written
    films      which files are films, and which are the same film
    hdf5_file  an HDF5 file from anywhere, opened safely
    dataset    the HDF5 file of the course: written, checked, read
    extract    films -> the HDF5 file
    batches    the HDF5 file -> shuffled batches

Notebook: 01_extract_data.ipynb
"""
