//! What a file is, by its first bytes and not by its name.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use image::ImageFormat;

use super::DataError;
use super::listing::{Listing, name};

/// Files and folders that are named where nothing was found.
const NAMED: usize = 4;

/// The kinds of pictures that users have, and what they are called.
const KINDS: [(ImageFormat, &str); 14] = [
    (ImageFormat::Png, "PNG"),
    (ImageFormat::Jpeg, "JPEG"),
    (ImageFormat::Gif, "GIF"),
    (ImageFormat::WebP, "WebP"),
    (ImageFormat::Bmp, "BMP"),
    (ImageFormat::Tiff, "TIFF"),
    (ImageFormat::Avif, "AVIF"),
    (ImageFormat::Ico, "ICO"),
    (ImageFormat::Pnm, "PNM"),
    (ImageFormat::Qoi, "QOI"),
    (ImageFormat::Dds, "DDS"),
    (ImageFormat::Hdr, "Radiance HDR"),
    (ImageFormat::OpenExr, "OpenEXR"),
    (ImageFormat::Farbfeld, "farbfeld"),
];

/// What a file among pictures is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A picture of a kind that is read.
    Picture,
    /// Its name promises such a picture, but its first bytes are none's: it is damaged, or something else.
    NamedAsPicture,
    /// A picture of this kind, which is not read.
    NotRead(&'static str),
    /// Something else.
    Other,
}

impl Kind {
    /// Of the file `path`; one that cannot be read is as its name says.
    pub(super) fn of(path: &Path) -> Kind {
        let mut start = Vec::new();
        let read = File::open(path).and_then(|file| file.take(16).read_to_end(&mut start));
        let format = read.ok().and_then(|_| image::guess_format(&start).ok());
        match format {
            Some(format) if format.reading_enabled() => Kind::Picture,
            Some(format) => Kind::NotRead(called(format)),
            None if ImageFormat::from_path(path).is_ok_and(|format| format.reading_enabled()) => {
                Kind::NamedAsPicture
            }
            None => Kind::Other,
        }
    }
}

fn called(format: ImageFormat) -> &'static str {
    KINDS.iter().find(|(kind, _)| *kind == format).map_or("a picture of a rare kind", |(_, name)| name)
}

/// The kinds that are read, as a list in words.
pub(super) fn kinds_read() -> String {
    let read = KINDS.iter().filter(|(kind, _)| kind.reading_enabled());
    let names: Vec<&str> = read.map(|&(_, name)| name).collect();
    let (last, first) = names.split_last().expect("some kinds are read");
    format!("{} or {last}", first.join(", "))
}

/// Whether there is a picture right in `folder`, be it one that cannot be read: then the user is to be told why. A folder
/// that cannot be listed holds none.
pub(super) fn holds_picture(folder: &Path) -> bool {
    let files = Listing::of(folder).map(|listing| listing.files).unwrap_or_default();
    files.iter().any(|file| Kind::of(file) != Kind::Other)
}

/// What lies in a folder that no data set was found in, in words.
///
/// # Errors
/// It cannot be listed.
pub(super) fn contents(folder: &Path) -> Result<String, DataError> {
    let Listing { files, folders, .. } = Listing::of(folder)?;
    let pictures = files.iter().filter(|file| Kind::of(file) == Kind::Picture).count();
    let some = |paths: &[PathBuf]| {
        let more = if paths.len() > NAMED { ", …" } else { "" };
        let names: Vec<String> = paths.iter().take(NAMED).map(|path| name(path)).collect();
        names.join(", ") + more
    };
    Ok(match (files.len(), folders.len()) {
        (0, 0) => "it is empty".into(),
        (_, _) if pictures > 0 => format!(
            "it holds {pictures} pictures, but in no folder: put those of each class into a folder of their own, \
             also of a single class"
        ),
        (0, count) => format!("it holds {count} folders without pictures: {}", some(&folders)),
        (count, 0) => format!("it holds {count} files, none of them a picture: {}", some(&files)),
        (count, _) => format!(
            "it holds {count} files, none of them a picture, and {} folders without pictures: {}, {}",
            folders.len(),
            some(&files),
            some(&folders)
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_and_the_name_only_promises() {
        let dir = tempfile::tempdir().unwrap();
        let kind = |name: &str, bytes: &[u8]| {
            std::fs::write(dir.path().join(name), bytes).unwrap();
            Kind::of(&dir.path().join(name))
        };
        assert_eq!(kind("a.txt", b"\x89PNG\r\n\x1a\n"), Kind::Picture);
        assert_eq!(kind("b.PNG", b"text"), Kind::NamedAsPicture);
        assert_eq!(kind("c.jpg", b""), Kind::NamedAsPicture);
        assert_eq!(kind("d.png", b"\0\0\0\x20ftypavif"), Kind::NotRead("AVIF"));
        assert_eq!(kind("e.txt", b"text"), Kind::Other);
        assert_eq!(kind("f", b""), Kind::Other);
    }

    #[test]
    fn the_kinds_are_listed() {
        assert!(kinds_read().starts_with("PNG, JPEG, GIF, WebP"), "{}", kinds_read());
    }
}
