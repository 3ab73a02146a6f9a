"""Read and write files on a disk or in object storage."""
