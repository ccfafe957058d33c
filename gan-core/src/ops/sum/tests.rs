use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use crate::shape::Shape;
use crate::synthetic::{Activation, Numbers, Synthetic};
use crate::testing::equals_the_definition;

/// Pictures summed up or joined: the op alone.
#[derive(Debug, Clone)]
struct Case {
    /// Sixths of the output's height and width, and its channels; joined, the channels are those of each operand.
    output: (u16, u16, u16),
    /// Of each operand: how often its rows and columns are repeated, and whether it has one channel.
    operands: Vec<(u16, u16, bool)>,
    join: bool,
    extreme: bool,
    activation: Activation,
    seed: u64,
}

impl Case {
    fn model(&self) -> Synthetic {
        let (height, width, channels) = self.output;
        let numbers = if self.extreme { Numbers::Extreme } else { Numbers::Usual };
        let mut model = Synthetic::new(self.seed, 1).numbers(numbers);
        let mut operands = vec![];
        // Sides that every repetition divides.
        let whole = Shape::new(6 * height, 6 * width, channels);
        for &(rows, columns, one) in &self.operands {
            let (rows, columns) = if self.join { (1, 1) } else { (rows, columns) };
            let channels = if one { 1 } else { channels };
            model = model.picture(Shape::new(whole.height / rows, whole.width / columns, channels));
            operands.push(model.last());
        }
        if self.join {
            model.concat(&operands, self.activation)
        } else {
            model.sum(&operands, whole, self.activation)
        }
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let operand = (1u16..=3, 1u16..=3, any::<bool>());
    let output = (1u16..=2, 1u16..=2, 1u16..=9);
    let activation = prop_oneof![Just(Activation::None), Just(Activation::Relu), Just(Activation::Tanh)];
    (output, prop::collection::vec(operand, 1..=3), any::<bool>(), any::<bool>(), activation, any::<u64>())
        .prop_map(|(output, operands, join, extreme, activation, seed)| {
            let join = join && operands.len() > 1;
            Case { output, operands, join, extreme, activation, seed }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn sums_and_joins_equal_the_definition(case in cases()) {
        equals_the_definition(&case.model().finish("sum"), case.seed)?;
    }
}
