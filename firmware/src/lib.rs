//! The app.
#![no_std]
