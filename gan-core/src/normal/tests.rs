use crate::normal::{CUMULATIVE, MOST, quantized};

/// erf(x) = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)) (Abramowitz and Stegun 7.1.6), for x in 0 to 2.2.
///
/// All terms are positive, so nothing cancels: some 40 roundings leave a relative error below 1e-14.
pub(crate) fn erf(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for n in 1..200 {
        term *= 2.0 * x * x / f64::from(2 * n + 1);
        sum += term;
    }
    2.0 / core::f64::consts::PI.sqrt() * (-x * x).exp() * sum
}

#[test]
fn the_table_is_the_normal_distribution_to_its_last_bit() {
    let whole = f64::from(1u32 << 31);
    for (magnitude, &entry) in (0..).zip(&CUMULATIVE[..usize::from(MOST)]) {
        let exact = whole * erf((f64::from(magnitude) + 0.5) * 3.0 / 127.0 / 2f64.sqrt());
        // The error of `exact` is below 1e-14 · 2³¹, some 2e-5; no entry is a tie as close as that.
        assert!((exact.fract() - 0.5).abs() > 1e-3, "{magnitude}: {exact} is too near a tie to be rounded");
        assert_eq!(f64::from(entry), exact.round(), "{magnitude}");
    }
    assert_eq!(CUMULATIVE[usize::from(MOST)], 1 << 31);
}

/// Every value begins and ends at the random bits at which the table says so, at every limit.
#[test]
fn a_value_has_its_share_of_the_random_bits_at_every_limit() {
    for limit in 0..=MOST {
        let allowed = u64::from(CUMULATIVE[usize::from(limit)]);
        let mut first = 0;
        for magnitude in 0..=limit {
            // The first number whose place is at or behind the end of this magnitude.
            let end = (u64::from(CUMULATIVE[usize::from(magnitude)]) << 31).div_ceil(allowed);
            // Its share is that of the conditional distribution, to a number or two of 2³¹.
            let mass = CUMULATIVE[usize::from(magnitude)]
                - magnitude.checked_sub(1).map_or(0, |below| CUMULATIVE[usize::from(below)]);
            let share = f64::from(mass) / allowed as f64 * f64::from(1u32 << 31);
            assert!(((end - first) as f64 - share).abs() < 1.0, "{magnitude} of {limit}");
            for number in [first, end - 1] {
                let number = number as u32;
                assert_eq!(quantized(number, limit), magnitude as i8);
                assert_eq!(quantized(number | 1 << 31, limit), -(magnitude as i8));
            }
            first = end;
        }
        assert_eq!(first, 1 << 31, "nothing is left over at {limit}");
    }
}

#[test]
fn no_limit_and_no_random_bits_panic() {
    for limit in 0..=u8::MAX {
        for random in [0, 1, u32::MAX >> 1, 1 << 31, u32::MAX] {
            assert!(quantized(random, limit).unsigned_abs() <= limit.min(MOST));
        }
    }
}
