//! Ops whose factors are known only when the picture is: an instance norm's come from its statistics, a product's and an
//! attention's from another tensor. The feature `adaptive` compiles them in, 4 KB of code; `std` brings it along. Without it a
//! model that has one is refused with [`OpError::Left`].

pub mod attention;
pub mod norm;
pub mod product;

use crate::error::OpError;
use crate::format::OpKind;
use crate::kernels;
use crate::kernels::layers::{Attention, Norm, Product};
use crate::limits::MAX_OPERANDS;
use crate::ops::overlap::Overlap;
use crate::ops::{Context, only};
use crate::region::Region;
use crate::tensor::Tensor;

/// One of them, checked.
#[derive(Debug, Clone)]
pub(crate) enum Adaptive<'a> {
    Norm(Norm<'a>),
    Product(Product<'a>),
    Attention(Attention<'a>),
}

impl<'a> Adaptive<'a> {
    /// Finds what a record names, and how many bytes of working memory it takes.
    pub(crate) fn new(
        kind: &OpKind,
        operands: &[Tensor],
        output: &Tensor,
        context: &Context<'a>,
    ) -> Result<(Self, usize), OpError> {
        match kind {
            OpKind::Norm(norm) => Ok((Adaptive::Norm(Norm::new(norm, only(operands)?, output, context)?), 0)),
            OpKind::Product(product) => {
                Ok((Adaptive::Product(Product::new(product, operands, output, context)?), 0))
            }
            OpKind::Attention(attention) => {
                let (attention, scratch) = Attention::new(attention, operands, output, context)?;
                Ok((Adaptive::Attention(attention), scratch))
            }
            _ => Err(OpError::Left),
        }
    }

    #[cold] // for size
    pub(crate) fn prove(&self) -> Result<(), OpError> {
        match self {
            Adaptive::Norm(norm) => norm.prove(),
            Adaptive::Product(product) => product.prove(),
            Adaptive::Attention(attention) => attention.prove(),
        }
    }

    #[inline(never)] // small in a firmware: once
    pub(crate) fn run(
        &self,
        operands: [Region; MAX_OPERANDS],
        output: Region,
        scratch: Region,
        memory: &mut [i8],
    ) {
        match self {
            Adaptive::Norm(norm) => kernels::statistics::norm(norm, operands[0], output, memory),
            Adaptive::Product(product) => kernels::direct::product(product, operands, output, memory),
            Adaptive::Attention(attention) => {
                kernels::statistics::attention(attention, operands, output, scratch, memory);
            }
        }
    }

    /// How the output may lie over operand number `operand`.
    pub(crate) fn overlap(&self, operand: usize) -> Overlap {
        match self {
            Adaptive::Norm(_) => Overlap::Exactly,
            Adaptive::Product(product) => product.overlap(operand),
            Adaptive::Attention(_) => Overlap::Never,
        }
    }

    pub(crate) fn macs(&self) -> u64 {
        match self {
            Adaptive::Norm(norm) => norm.macs(),
            Adaptive::Product(product) => product.macs(),
            Adaptive::Attention(attention) => attention.macs(),
        }
    }
}
