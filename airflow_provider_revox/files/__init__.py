"""Files on a disk or in object storage: read and written as records."""
