//! IDX files: a magic number, the sizes of the axes, the items; plain or gzipped.
//!
//! The magic number is `00 00 kind axes`: kind 08 stands for unsigned bytes, 0C for 32-bit integers. All numbers are
//! big-endian.

use std::{
    io::{ErrorKind, Read},
    path::Path,
};

use flate2::read::MultiGzDecoder;

use super::{DataError, Dataset, MOST_CLASSES};

const IMAGES: Kind = Kind { what: "unsigned bytes, three axes", magic: 0x0803, axes: 3, item_bytes: 1 };
const LABELS: Kind = Kind { what: "unsigned bytes, one axis", magic: 0x0801, axes: 1, item_bytes: 1 };
/// QMNIST's labels: a row a picture, which begins with the class and goes on with who wrote it.
const LABEL_ROWS: Kind = Kind { what: "32-bit integers, two axes", magic: 0x0c02, axes: 2, item_bytes: 4 };

struct Kind {
    what: &'static str,
    magic: u32,
    axes: usize,
    item_bytes: u64,
}

/// A file's name, for errors, and its bytes, uncompressed.
pub(super) struct File {
    name: String,
    bytes: Vec<u8>,
    /// The compressed stream broke off; `bytes` holds what came before.
    broken_off: bool,
}

impl File {
    /// Reads a file from disk.
    pub(super) fn open(path: &Path) -> Result<File, DataError> {
        let name = path.display().to_string();
        match std::fs::read(path) {
            Ok(bytes) => File::unpack(name, bytes),
            Err(cause) => Err(DataError::Unreadable { file: name, cause }),
        }
    }

    /// A file that is part of the binary.
    pub(super) fn embedded(name: &str, bytes: &[u8]) -> Result<File, DataError> {
        File::unpack(name.to_owned(), bytes.to_vec())
    }

    fn unpack(name: String, bytes: Vec<u8>) -> Result<File, DataError> {
        // By content, not by name: a file may have been unpacked without being renamed.
        if !bytes.starts_with(&[0x1f, 0x8b]) {
            return Ok(File { name, bytes, broken_off: false });
        }
        let mut unpacked = Vec::new();
        let broken_off = match MultiGzDecoder::new(&bytes[..]).read_to_end(&mut unpacked) {
            Ok(_) => false,
            // The header, if it came through, tells how much is missing: that is the better message.
            Err(cause) if cause.kind() == ErrorKind::UnexpectedEof => true,
            Err(cause) => return Err(DataError::Unreadable { file: name, cause }),
        };
        Ok(File { name, bytes: unpacked, broken_off })
    }

    /// The sizes of the axes, and the bytes behind the header.
    fn parse(&self, kind: &Kind) -> Result<(Vec<u32>, &[u8]), DataError> {
        let file = || self.name.clone();
        let found = self.bytes.len() as u64;
        let header = 4 + 4 * kind.axes;
        let truncated = |expected: u64| DataError::Truncated { file: file(), expected, found };

        let word = |index: usize| {
            let bytes = self.bytes.get(4 * index..4 * index + 4)?;
            Some(u32::from_be_bytes(bytes.try_into().expect("four bytes")))
        };
        let magic = word(0).ok_or_else(|| truncated(header as u64))?;
        if magic != kind.magic {
            return Err(DataError::Magic {
                file: file(),
                what: kind.what,
                expected: kind.magic,
                found: magic,
            });
        }
        let sizes: Vec<u32> =
            (1..=kind.axes).map(word).collect::<Option<_>>().ok_or_else(|| truncated(header as u64))?;
        if sizes.contains(&0) {
            return Err(DataError::Empty { file: file(), sizes });
        }
        let items = sizes.iter().fold(1, |product: u64, &size| product.saturating_mul(size.into()));
        let expected = items.saturating_mul(kind.item_bytes);
        let expected = expected.saturating_add(header as u64);
        if found < expected {
            return Err(truncated(expected));
        }
        if found > expected {
            return Err(DataError::TooLong { file: file(), expected, found });
        }
        if self.broken_off {
            // All bytes are there, but the checksum behind them is not.
            return Err(DataError::Unreadable { file: file(), cause: ErrorKind::UnexpectedEof.into() });
        }
        Ok((sizes, &self.bytes[header..]))
    }

    /// The class of each picture, from a file of labels.
    fn classes(&self) -> Result<Vec<u8>, DataError> {
        if !self.bytes.starts_with(&LABEL_ROWS.magic.to_be_bytes()) {
            return self.parse(&LABELS).map(|(_, classes)| classes.to_vec());
        }
        let (sizes, items) = self.parse(&LABEL_ROWS)?;
        let rows = items.chunks(4 * sizes[1] as usize);
        rows.map(|row| {
            let class = u32::from_be_bytes(row[..4].try_into().expect("a row has at least one item"));
            u8::try_from(class).map_err(|_| DataError::Label { file: self.name.clone(), found: class })
        })
        .collect()
    }
}

/// The data set that a file of pictures and a file of labels make; its classes are called by their labels there.
///
/// Classes are numbered as those of `like` are, see [`numbered`].
pub(super) fn pair(images: &File, labels_file: &File, like: &[u8]) -> Result<Dataset, DataError> {
    let (sizes, pixels) = images.parse(&IMAGES)?;
    let classes = labels_file.classes()?;
    let count = sizes[0] as usize;
    if count != classes.len() {
        return Err(DataError::Counts {
            images_file: images.name.clone(),
            images: count,
            labels_file: labels_file.name.clone(),
            labels: classes.len(),
        });
    }
    let (labels, names) = numbered(&classes, like);
    if names.len() > MOST_CLASSES {
        return Err(DataError::ManyClasses { file: labels_file.name.clone(), classes: names.len() });
    }
    Ok(Dataset {
        images: pixels.to_vec(),
        labels,
        height: sizes[1] as usize,
        width: sizes[2] as usize,
        classes: names.len(),
        names: names.iter().map(u8::to_string).collect(),
        second: None,
    })
}

/// The values that occur in a file of labels, in their order.
pub(super) fn label_values(labels: &File) -> Result<Vec<u8>, DataError> {
    Ok(numbered(&labels.classes()?, &[]).1)
}

/// Labels numbered without gaps from 0, in their order, and the value that each number stands for: EMNIST's letters,
/// say, are 1 to 26. The numbers are those of `like`, if it has any, and values that it lacks come behind.
fn numbered(values: &[u8], like: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut names = like.to_vec();
    let mut others: Vec<u8> = values.iter().copied().filter(|value| !like.contains(value)).collect();
    others.sort_unstable();
    others.dedup();
    names.extend(others);
    let mut number = [0; 256];
    names.iter().zip(0..=255).for_each(|(&name, index)| number[usize::from(name)] = index);
    (values.iter().map(|&value| number[usize::from(value)]).collect(), names)
}

#[cfg(test)]
mod tests {
    use md5::{Digest, Md5};

    use super::*;

    /// The four files are MNIST as its authors published it.
    #[test]
    fn embedded_files_have_the_published_checksums() {
        let sums = [
            (
                "train-images",
                "6bbc9ace898e44ae57da46a324031adb",
                &include_bytes!("../../../data/mnist/train-images-idx3-ubyte.gz")[..],
            ),
            (
                "train-labels",
                "a25bea736e30d166cdddb491f175f624",
                include_bytes!("../../../data/mnist/train-labels-idx1-ubyte.gz"),
            ),
            (
                "t10k-images",
                "2646ac647ad5339dbf082846283269ea",
                include_bytes!("../../../data/mnist/t10k-images-idx3-ubyte.gz"),
            ),
            (
                "t10k-labels",
                "27ae3e4e09519cfbb04c329615203637",
                include_bytes!("../../../data/mnist/t10k-labels-idx1-ubyte.gz"),
            ),
        ];
        for (name, expected, bytes) in sums {
            let file = File::embedded(name, bytes).unwrap();
            let sum: String = Md5::digest(&file.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(sum, expected, "{name}");
        }
    }
}
