//! How sure a share is that was counted in some pictures.

/// Standard deviations that 95 % of a normal distribution lie within.
const NORMAL_95: f64 = 1.959_964;

/// The 95 % interval of a probability that `share` of `pictures` speak for, 0 to 1 (Wilson 1927): unlike the share alone
/// it has a width where the share is 0 or 1.
pub fn interval(share: f64, pictures: usize) -> (f64, f64) {
    let (n, z2) = (pictures as f64, NORMAL_95.powi(2));
    let middle = share + z2 / (2.0 * n);
    let half = NORMAL_95 * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    let whole = 1.0 + z2 / n;
    (((middle - half) / whole).max(0.0), ((middle + half) / whole).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_right_of_two_say_little_and_ten_thousand_much() {
        let (low, high) = interval(1.0, 2);
        assert!((low - 0.3424).abs() < 1e-3 && (high - 1.0).abs() < 1e-9, "{low} {high}");
        // Wilson's interval of 15 in 148, as in Newcombe (1998), table I: 0.0624 to 0.1605.
        let (low, high) = interval(15.0 / 148.0, 148);
        assert!((low - 0.0624).abs() < 1e-3 && (high - 0.1605).abs() < 1e-3, "{low} {high}");
        let (low, high) = interval(0.98, 10_000);
        assert!(high - low < 0.006 && low < 0.98 && high > 0.98, "{low} {high}");
    }
}
