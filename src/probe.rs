//! Asks a port what it speaks.
