//! What a picture was made from, in the picture: a text chunk of a PNG file, a comment of a GIF file.

use std::io::{Cursor, Write};

use super::Origin;

/// The text chunk's keyword.
const KEYWORD: &str = "Made from";

/// Lets the PNG file that `encoder` will write say that its picture was made from `origin`.
///
/// # Errors
/// The header is written already.
pub fn mark<W: Write>(encoder: &mut png::Encoder<'_, W>, origin: &Origin) -> Result<(), png::EncodingError> {
    encoder.add_itxt_chunk(KEYWORD.to_owned(), text(origin))
}

/// What the PNG file `png` says that it was made from, if it does.
pub fn read(png: &[u8]) -> Option<Origin> {
    let reader = png::Decoder::new(Cursor::new(png)).read_info().ok()?;
    let chunks = &reader.info().utf8_text;
    let text = chunks.iter().find(|chunk| chunk.keyword == KEYWORD)?.get_text().ok()?;
    serde_json::from_str(&text).ok()
}

/// As JSON in one line.
pub fn text(origin: &Origin) -> String {
    serde_json::to_string(origin).expect("text and numbers")
}
