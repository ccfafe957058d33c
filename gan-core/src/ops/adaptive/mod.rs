//! Ops whose factors are known only when the picture is: an instance norm's come from its statistics, a product's and an
//! attention's from another tensor; and those that draw a picture pixel by pixel, of which each pixel depends on those before
//! it. The feature `adaptive` compiles them in; `std` brings it along. Without it a
//! model that has one is refused with [`OpError::Left`].

pub mod attention;
pub mod draw;
pub mod norm;
pub mod product;
pub mod window;

use crate::error::OpError;
use crate::format::OpKind;
use crate::kernels;
use crate::kernels::layers::{Attention, Draw, Norm, Product, Window};
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
    Window(Window<'a>),
    Draw(Draw<'a>),
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
            OpKind::Window(window) => {
                Ok((Adaptive::Window(Window::new(window, only(operands)?, output, context)?), 0))
            }
            OpKind::Draw(draw) => Ok((Adaptive::Draw(Draw::new(draw, operands, output, context)?), 0)),
            _ => Err(OpError::Left),
        }
    }

    #[cold] // for size
    pub(crate) fn prove(&self) -> Result<(), OpError> {
        match self {
            Adaptive::Norm(norm) => norm.prove(),
            Adaptive::Product(product) => product.prove(),
            Adaptive::Attention(attention) => attention.prove(),
            Adaptive::Window(window) => window.prove(),
            Adaptive::Draw(draw) => draw.prove(),
        }
    }

    #[inline(never)] // small in a firmware: once
    pub(crate) fn run(
        &self,
        operands: [Region; MAX_OPERANDS],
        output: Region,
        scratch: Region,
        choices: &[u8],
        memory: &mut [i8],
    ) {
        let [first, second, _] = operands;
        match self {
            Adaptive::Norm(norm) => kernels::statistics::norm(norm, first, output, memory),
            Adaptive::Product(product) => kernels::direct::product(product, operands, output, memory),
            Adaptive::Attention(attention) => {
                kernels::statistics::attention(attention, operands, output, scratch, memory);
            }
            Adaptive::Window(window) => {
                let (picture, output) = first.split(output, memory);
                kernels::pixels::window(window, choices, picture, output);
            }
            Adaptive::Draw(draw) => {
                kernels::pixels::draw(draw, [first, second], choices, output, memory);
            }
        }
    }

    /// How the output may lie over operand number `operand`.
    pub(crate) fn overlap(&self, operand: usize) -> Overlap {
        match self {
            Adaptive::Norm(_) => Overlap::Exactly,
            Adaptive::Product(product) => product.overlap(operand),
            Adaptive::Attention(_) | Adaptive::Window(_) | Adaptive::Draw(_) => Overlap::Never,
        }
    }

    pub(crate) fn macs(&self) -> u64 {
        match self {
            Adaptive::Norm(norm) => norm.macs(),
            Adaptive::Product(product) => product.macs(),
            Adaptive::Attention(attention) => attention.macs(),
            Adaptive::Window(window) => window.macs(),
            Adaptive::Draw(draw) => draw.macs(),
        }
    }
}
