//! A path as a setting: a string, or where it is no text the list of the numbers that it is made of, so that every path
//! can be written and read back.

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserializer, Serialize, Serializer};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

/// Writes `path`.
///
/// # Errors
/// Those of `serializer`.
pub(super) fn serialize<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    let units = |path: &Path| units(path.as_os_str());
    match path.as_deref().map(|path| path.to_str().ok_or_else(|| units(path))) {
        None => serializer.serialize_none(),
        Some(Ok(text)) => text.serialize(serializer),
        Some(Err(units)) => units.serialize(serializer),
    }
}

/// Reads what [`serialize`] writes.
///
/// # Errors
/// It is neither a string nor a list of such numbers.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    deserializer.deserialize_any(Setting).map(Some)
}

struct Setting;

impl<'de> Visitor<'de> for Setting {
    type Value = PathBuf;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a path")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<PathBuf, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<PathBuf, A::Error> {
        let mut units = Vec::new();
        while let Some(unit) = list.next_element()? {
            units.push(unit);
        }
        Ok(from_units(&units).into())
    }
}

/// What a path consists of: bytes.
#[cfg(unix)]
type Unit = u8;
/// What a path consists of: code units of UTF-16.
#[cfg(windows)]
type Unit = u16;

#[cfg(unix)]
fn units(path: &OsStr) -> Vec<Unit> {
    std::os::unix::ffi::OsStrExt::as_bytes(path).to_vec()
}

#[cfg(unix)]
fn from_units(units: &[Unit]) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(units.to_vec())
}

#[cfg(windows)]
fn units(path: &OsStr) -> Vec<Unit> {
    std::os::windows::ffi::OsStrExt::encode_wide(path).collect()
}

#[cfg(windows)]
fn from_units(units: &[Unit]) -> OsString {
    std::os::windows::ffi::OsStringExt::from_wide(units)
}
