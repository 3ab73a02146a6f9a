"""Phone numbers: any way of writing becomes E.164, or a reason why not."""
