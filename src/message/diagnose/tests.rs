//! Worlds, each with its message, session and root cause.
