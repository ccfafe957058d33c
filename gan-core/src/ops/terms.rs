//! Sums and joins of tensors: what [`sum`](super::sum) and [`concat`](super::concat) have in common.
//!
//! Each output element is a bias and, of every operand that has its channel, one element times a multiplier.

use crate::constants::check_sum;
use crate::error::OpError;
use crate::format::TermsRecord;
use crate::kernels::layers::{Term, Terms};
use crate::limits::MAX_OPERANDS;
use crate::ops::Context;
use crate::ops::overlap::Overlap;
use crate::part::part;
use crate::shape::Shape;
use crate::tensor::Tensor;

impl<'a> Term<'a> {
    pub(crate) const NONE: Term<'static> =
        Term { shape: Shape::new(1, 1, 1), rows: 1, columns: 1, first: 0, channels: 0, multipliers: &[] };

    /// An operand that is repeated to the output's height and width and is a part of `channels` output channels from `first` on.
    #[inline(never)] // small in a firmware: it is called in two places
    pub(crate) fn new(
        operand: &Tensor,
        output: Shape,
        (first, channels): (usize, usize),
        multipliers: &'a [i32],
    ) -> Result<Self, OpError> {
        let shape = operand.shape;
        let times = |own: u16, whole: u16| {
            whole.checked_div(own).filter(|times| times * own == whole).ok_or(OpError::Shape)
        };
        let (rows, columns) = (times(shape.height, output.height)?, times(shape.width, output.width)?);
        if shape.channels != 1 && usize::from(shape.channels) != channels {
            return Err(OpError::Shape);
        }
        Ok(Term { shape, rows, columns, first, channels, multipliers })
    }

    /// How an output of shape `output` may lie over operand number `operand` of `terms`: elements of one operand lie where the
    /// output's do; of one that is repeated or joined, they do not.
    pub(crate) fn overlap(terms: &[Term<'_>; MAX_OPERANDS], operand: usize, output: Shape) -> Overlap {
        let is_whole =
            |term: &&Term<'_>| term.shape == output && term.channels == usize::from(output.channels);
        match terms.get(operand).filter(is_whole) {
            Some(_) => Overlap::NotBehind,
            None => Overlap::Never,
        }
    }
}

impl<'a> Terms<'a> {
    /// Finds what a record names: a sum's operands are parts of all channels, joined ones each of its own.
    pub(crate) fn new(
        record: &TermsRecord,
        joined: bool,
        operands: &[Tensor],
        output: &Tensor,
        context: &Context<'a>,
    ) -> Result<Self, OpError> {
        let shape = output.shape;
        let channels = usize::from(shape.channels);
        let (least, sets) = if joined { (2, 1) } else { (1, operands.len()) };
        if operands.len() < least {
            return Err(OpError::Operands);
        }
        let multipliers = context.constants.words(record.multipliers, sets * channels)?;
        let (mut terms, mut first) = ([Term::NONE; MAX_OPERANDS], 0);
        for ((index, operand), term) in operands.iter().enumerate().zip(&mut terms) {
            *term = if joined {
                let own = usize::from(operand.shape.channels);
                if (operand.shape.height, operand.shape.width) != (shape.height, shape.width) {
                    return Err(OpError::Shape);
                }
                first += own;
                Term::new(operand, shape, (first - own, own), part(multipliers, first - own, own))?
            } else {
                Term::new(operand, shape, (0, channels), part(multipliers, index * channels, channels))?
            };
        }
        if joined && first != channels {
            return Err(OpError::Shape);
        }
        let bias = context.constants.words(record.bias, channels)?;
        let requantize = context.constants.requantize(&record.requantize, channels, output.zero_point)?;
        Ok(Terms { terms, output: shape, bias, requantize })
    }

    /// The multiplier of a channel of the output, if `term` is a part of it.
    fn multiplier(term: &Term<'_>, channel: usize) -> Option<i32> {
        term.multipliers.get(channel.checked_sub(term.first)?).copied()
    }

    #[cold] // for size
    pub(crate) fn prove(&self) -> Result<(), OpError> {
        for (channel, &bias) in self.bias.iter().enumerate() {
            let multipliers = self.terms.iter().filter_map(|term| Self::multiplier(term, channel));
            let sum = multipliers.map(|multiplier| u64::from(multiplier.unsigned_abs())).sum();
            check_sum(channel, bias, sum, 0)?;
        }
        self.requantize.check()
    }

    /// See [`Term::overlap`].
    pub(crate) fn overlap(&self, operand: usize) -> Overlap {
        Term::overlap(&self.terms, operand, self.output)
    }

    /// One per output element and operand that is a part of it.
    pub(crate) fn macs(&self) -> u64 {
        let channels: usize = self.terms.iter().map(|term| term.channels).sum();
        (self.output.pixels() * channels) as u64
    }
}
