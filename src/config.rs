//! Three layers (defaults, the user's file, flags) into one value.
