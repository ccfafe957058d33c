//! Settings that are outside of their range.

/// A setting that is outside of its range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfRange {
    /// The setting.
    pub name: &'static str,
    /// Its value.
    pub found: String,
    /// The range.
    pub expected: &'static str,
}

impl OutOfRange {
    /// The setting `name` with the value `found`, if it is not `ok`.
    ///
    /// # Errors
    /// It is not.
    pub fn unless(
        ok: bool,
        name: &'static str,
        found: &dyn ToString,
        expected: &'static str,
    ) -> Result<(), OutOfRange> {
        if ok { Ok(()) } else { Err(OutOfRange { name, found: found.to_string(), expected }) }
    }
}
