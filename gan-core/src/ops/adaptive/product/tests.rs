use proptest::prelude::*;

use crate::shape::Shape;
use crate::synthetic::{Activation, Numbers, Synthetic};
use crate::testing::equals_the_definition;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn products_equal_the_definition(
        (height, width, channels) in (1u16..=2, 1u16..=2, 1u16..=9),
        others in prop::collection::vec((1u16..=6, 1u16..=6, any::<bool>()), 1..=2),
        extreme: bool, table: bool, place in 0usize..3, seed: u64,
    ) {
        let numbers = if extreme { Numbers::Extreme } else { Numbers::Usual };
        let whole = Shape::new(6 * height, 6 * width, channels);
        let mut model = Synthetic::new(seed, 1).numbers(numbers).picture(whole);
        let mut operands = std::vec![model.last()];
        for (rows, columns, one) in others {
            // How often its rows and columns are repeated: whatever divides the whole.
            let repeat = |times: u16, side: u16| if side.is_multiple_of(times) { side / times } else { 1 };
            let channels = if one { 1 } else { channels };
            model = model.picture(Shape::new(repeat(rows, whole.height), repeat(columns, whole.width), channels));
            operands.push(model.last());
        }
        // The whole one stands anywhere.
        let last = operands.len() - 1;
        operands.swap(0, place.min(last));
        let activation = if table { Activation::Tanh } else { Activation::None };
        equals_the_definition(&model.product(&operands, activation).finish("product"), seed)?;
    }
}
