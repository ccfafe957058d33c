//! Parts of documents that a command writes: between `<!-- NAME -->` and `<!-- /NAME -->`.

/// A document without the marks of such a part.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no part between <!-- {0} --> and <!-- /{0} -->")]
pub struct NoPart(pub String);

/// The place of the part `name` in `document`, without its marks.
fn place(document: &str, name: &str) -> Result<std::ops::Range<usize>, NoPart> {
    let (opening, closing) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let found = || {
        let start = document.find(&opening)? + opening.len();
        Some(start..start + document[start..].find(&closing)?)
    };
    found().ok_or_else(|| NoPart(name.into()))
}

/// The part `name` of `document`.
///
/// # Errors
/// There is none.
pub fn part<'d>(document: &'d str, name: &str) -> Result<&'d str, NoPart> {
    place(document, name).map(|place| &document[place])
}

/// `document` with `text` as its part `name`.
///
/// # Errors
/// There is none.
pub fn with_part(document: &str, name: &str, text: &str) -> Result<String, NoPart> {
    let place = place(document, name)?;
    Ok(format!("{}{text}{}", &document[..place.start], &document[place.end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_and_replaced_and_missed() {
        let document = "a\n<!-- x -->\nold\n<!-- /x -->\nb\n";
        assert_eq!(part(document, "x"), Ok("old\n"));
        assert_eq!(with_part(document, "x", "new\n").unwrap(), "a\n<!-- x -->\nnew\n<!-- /x -->\nb\n");
        assert_eq!(part(document, "y"), Err(NoPart("y".into())));
        assert_eq!(part("<!-- x -->\nno end", "x"), Err(NoPart("x".into())));
    }
}
