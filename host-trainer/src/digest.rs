//! MD5 sums in hexadecimal: they tell files and pictures apart, and guard against nobody.

use md5::{Digest, Md5};

/// The sum of `bytes`.
pub fn of(bytes: &[u8]) -> String {
    end(Md5::new_with_prefix(bytes))
}

/// The sum of all that `sum` was given.
pub fn end(sum: Md5) -> String {
    sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
