//! What pictures were made for.

/// What a model was told besides its noise, one number a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked<'a> {
    /// The class that the picture is to show: how often it does is the accuracy.
    Class(&'a [u8]),
    /// A code without a meaning that was given to it (Chen et al. 2016): how often a code's most frequent class is seen is its
    /// purity.
    Code(&'a [u8]),
}

impl<'a> Asked<'a> {
    /// What a choice called `name` asked for with `chosen`: the class, if that is its name.
    pub fn by(name: &str, chosen: &'a [u8]) -> Self {
        if name == crate::graph::CLASS { Asked::Class(chosen) } else { Asked::Code(chosen) }
    }

    /// The classes, if it was those.
    pub fn classes(self) -> Option<&'a [u8]> {
        match self {
            Asked::Class(classes) => Some(classes),
            Asked::Code(_) => None,
        }
    }

    /// The codes, if it was those.
    pub fn codes(self) -> Option<&'a [u8]> {
        match self {
            Asked::Code(codes) => Some(codes),
            Asked::Class(_) => None,
        }
    }
}
