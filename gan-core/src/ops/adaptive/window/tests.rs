use std::vec::Vec;

use proptest::prelude::*;

use crate::error::{OpError, ParseError};
use crate::model::Model;
use crate::synthetic::{Activation, Numbers, Synthetic};
use crate::testing::equals_the_definition;
use crate::write::AlignedBytes;

/// A picture drawn from a window and a dense layer behind it.
fn model(numbers: Numbers, rows: u8, columns: u8, taps: &[[i8; 3]], seed: u64) -> Vec<u8> {
    let model = Synthetic::new(seed, 1).numbers(numbers).drawn(rows, columns).window(taps, Activation::None);
    model.dense(1, 1, 4, Activation::None).draw(0).finish("window")
}

/// Whether all that a tap reads was drawn before.
fn comes_before([down, right, reach]: [i8; 3]) -> bool {
    let [down, right, reach] = [down, right, reach].map(i32::from);
    let square = (-reach..=reach).flat_map(|i| (-reach..=reach).map(move |j| (down + i, right + j)));
    let before = |(y, x): (i32, i32)| y < 0 || y == 0 && x < 0;
    (0..=3).contains(&reach) && square.into_iter().all(before)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn windows_equal_the_definition(
        rows in 1u8..=9, columns in 1u8..=9, extreme: bool, seed: u64,
        taps in prop::collection::vec(any::<[i8; 3]>(), 1..=12),
    ) {
        let numbers = if extreme { Numbers::Extreme } else { Numbers::Usual };
        // Near the picture or anywhere, up to the ends of int8.
        let near = |value: i8, sides: u8| if seed % 4 == 0 { value } else { value % (sides as i8 + 2) };
        let place = |[down, right, reach]: [i8; 3]| {
            let reach = reach & 3;
            let down = near(down, rows).saturating_abs().saturating_neg().min(-reach);
            let right = near(right, columns);
            [down, if down + reach < 0 { right } else { right.min(-1 - reach) }, reach]
        };
        let taps: Vec<[i8; 3]> = taps.into_iter().map(place).collect();
        prop_assert!(taps.iter().all(|&tap| comes_before(tap)), "{:?}", taps);
        equals_the_definition(&model(numbers, rows, columns, &taps, seed), seed)?;
    }
}

#[test]
fn a_tap_is_refused_unless_all_that_it_reads_was_drawn_before() {
    let values = [-128, -127, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 127];
    let (mut sound, mut refused) = (0, 0);
    for (down, right) in values.iter().flat_map(|&down| values.map(|right| (down, right))) {
        for reach in [-128, -1, 0, 1, 2, 3, 4, 127] {
            let taps = [[-1, 0, 0], [down, right, reach]];
            let file = AlignedBytes::new(&model(Numbers::Usual, 3, 3, &taps, 1));
            let expected = match comes_before([down, right, reach]) {
                true => Ok(()),
                false => Err(ParseError::Op(0, OpError::Tap)),
            };
            assert_eq!(Model::parse(&file).map(|_| ()), expected, "{taps:?}");
            *(if expected.is_ok() { &mut sound } else { &mut refused }) += 1;
        }
    }
    assert!(sound > 100 && refused > 100, "{sound} {refused}");
}
