//! How an op's output may lie over an operand that it reads for the last time.

use crate::geometry::groups::Windows;
use crate::region::Region;

/// What an op allows of one of its operands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Overlap {
    /// The output lies elsewhere.
    Never,
    /// All of the operand is read before the first output is written.
    Anyhow,
    /// Rows of the output are written once the rows of the operand that they need were read.
    Rows(Windows),
    /// Each element is read before the output's element of the same place is written, and no element behind it was.
    NotBehind,
    /// All of the operand that meets a channel of the output is read before it is written.
    #[cfg(feature = "adaptive")]
    Exactly,
}

impl Overlap {
    /// Whether the output may lie there.
    pub(crate) fn allows(&self, operand: Region, output: Region) -> bool {
        !operand.overlaps(output)
            || match self {
                Overlap::Never => false,
                Overlap::Anyhow => true,
                Overlap::Rows(windows) => windows.may_overlap(operand.start.into(), output.start.into()),
                Overlap::NotBehind => output.start <= operand.start,
                #[cfg(feature = "adaptive")]
                Overlap::Exactly => output.start == operand.start,
            }
    }
}
