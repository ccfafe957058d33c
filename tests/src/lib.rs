//! Cross-crate tests, and what they share: building the firmware, and the same app on the host.

pub mod board;
pub mod twin;
