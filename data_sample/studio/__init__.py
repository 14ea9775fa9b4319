"""The program that made the sample: songs, dances, and the pictures of a dancer who was never filmed."""
