//! Networks for tests of what families share.

use super::{Domain, networks};
use crate::graph::{Graph, Shape};

/// What the embedded pictures are.
pub(crate) const DIGITS: Domain = Domain { shape: Shape { height: 28, width: 28, channels: 1 }, classes: 10 };

/// A discriminator of digits that is told the class.
pub(crate) fn discriminator(width: usize) -> Graph {
    networks::discriminator(width, true, &DIGITS)
}
