//! Reciprocals of integers, by integers: what divides a picture by its own statistics.
//!
//! A factor that is known only when the picture is (1/√variance, 1/Σ weights) is a mantissa of 31 bits and an exponent; with
//! a constant of the file it makes the multiplier and the shift of a requantization.

/// A number in (0, 1]: `mantissa` · 2^−`exponent`, the mantissa in 2³⁰..2³¹.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Inverse {
    pub(crate) mantissa: u32,
    /// In 31..=62.
    pub(crate) exponent: u8,
}

/// What a sum is multiplied by: `multiplier` · 2^−(`shift` + 16).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Factor {
    multiplier: i32,
    shift: u8,
}

impl Inverse {
    /// 1/√v of a `v` above 0, 1 for 0; off by at most 2⁻²⁸ of itself.
    ///
    /// v = w · 2^−z with an even z and w in 2⁶²..2⁶⁴, so with f = w / 2⁶⁴ it is 1/√f · 2^(z/2 − 32), 1/√f in (1, 2]: a table of
    /// 9 bits, and two of Newton's steps y − y (f y² − 1) / 2, each of which leaves 3/2 of the square of the error before it.
    #[inline(never)] // small in a firmware
    pub(crate) fn of_root(v: u64) -> Inverse {
        let v = v.max(1);
        let zeros = v.leading_zeros() & !1;
        let fraction = (v << zeros) >> 32;
        let index = (fraction >> 24) as usize - 64;
        // 9 bits behind the point: twice as many as fit into a byte, without the 1 in front.
        let mut root = (256 + u64::from(ROOTS.get(index).copied().unwrap_or(0))) << 22;
        for _ in 0..2 {
            // f y² − 1 with 63 bits behind the point; f y² is near 1, so it is below 2⁶⁴.
            let over = fraction.wrapping_mul((root * root) >> 29).wrapping_sub(1 << 63) as i64;
            root = root.wrapping_add_signed(((1 << 31) - root as i64 * (over >> 32)) >> 32);
        }
        Inverse { mantissa: root.clamp(1 << 30, MANTISSA_END - 1) as u32, exponent: (62 - zeros / 2) as u8 }
    }

    /// 1/v of a `v` above 0, 1 for 0; off by at most 2⁻²⁸ of itself. By the root of its square: no division.
    pub(crate) fn of(v: u32) -> Inverse {
        Inverse::of_root(u64::from(v) * u64::from(v))
    }

    /// This times `gain` · 2^−`shift`; `shift` is in [`SHIFTS`].
    #[inline(always)]
    pub(crate) fn times(self, gain: i32, shift: u8) -> Factor {
        let product = i64::from(gain) * i64::from(self.mantissa);
        let multiplier = ((product + (1 << 30)) >> 31) as i32;
        // gain · mantissa · 2^−(shift + exponent) in steps of 2⁻¹⁶.
        Factor { multiplier, shift: (shift + self.exponent).saturating_sub(47).min(63) }
    }
}

/// Shifts of a gain for which every factor's shift is in 0..=63.
pub(crate) const SHIFTS: core::ops::RangeInclusive<u8> = 17..=48;
const MANTISSA_END: u64 = 1 << 31;

impl Factor {
    /// `sum` (below 2³² in magnitude) times this, in steps of 2⁻¹⁶, rounded down.
    #[inline(always)]
    pub(crate) fn apply(self, sum: i64) -> i64 {
        (sum * i64::from(self.multiplier)) >> self.shift
    }
}

/// 512/√f − 256 of the middle of each 256th from ¼ on, at most 255.
static ROOTS: [u8; 192] = roots();

const fn roots() -> [u8; 192] {
    let mut table = [0; 192];
    let mut index = 0;
    while index < 192 {
        // The largest r with r² f ≤ 2¹⁸, f = (2 · index + 129) / 512.
        let f = 2 * index as u64 + 129;
        let mut root = 256u64;
        while (root + 1) * (root + 1) * f <= 512 << 16 {
            root += 1;
        }
        table[index] = if root > 511 { 255 } else { (root - 256) as u8 };
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// How far `mantissa`² · v is from 2^(2 exponent), as a share of it.
    fn error_of_root(v: u64) -> f64 {
        let Inverse { mantissa, exponent } = Inverse::of_root(v);
        assert!((1 << 30..1 << 31).contains(&mantissa) && (31..=62).contains(&exponent), "{v}");
        // At most 126 bits.
        let square = u128::from(mantissa).pow(2) * u128::from(v);
        let one = 1u128 << (2 * exponent);
        square.abs_diff(one) as f64 / one as f64 / 2.0
    }

    #[test]
    fn roots_are_exact_to_28_bits_at_every_entry_of_the_table() {
        let bound = 2f64.powi(-28);
        for top in 64u64..256 {
            for rest in [0, 1, 1 << 20, 1 << 55, (1 << 56) - 1] {
                let v = top << 56 | rest;
                for shift in [0, 1, 2, 31, 32, 33, 54] {
                    let error = error_of_root(v >> shift);
                    assert!(error <= bound, "{}: 2^{}", v >> shift, error.log2());
                }
            }
        }
        for v in (1..100_000).chain(u64::MAX - 1000..=u64::MAX) {
            assert!(error_of_root(v) <= bound, "{v}");
        }
        assert_eq!(Inverse::of_root(0), Inverse::of_root(1));
    }

    proptest! {
        #[test]
        fn any_root_is_exact_to_28_bits(v in any::<u64>(), shift in 0u32..64) {
            prop_assert!(error_of_root((v >> shift).max(1)) <= 2f64.powi(-28));
        }

        #[test]
        fn any_reciprocal_is_exact_to_28_bits(v in any::<u32>(), shift in 0u32..32) {
            let v = (v >> shift).max(1);
            let Inverse { mantissa, exponent } = Inverse::of(v);
            let product = u128::from(mantissa) * u128::from(v);
            let one = 1u128 << exponent;
            prop_assert!(product.abs_diff(one) as f64 / one as f64 <= 2f64.powi(-28));
        }
    }
}
