//! What can be measured of a digit whatever it is: how far it leans, and how much ink it has.

/// How far `picture`, rows of `side` bytes, leans to the right: pixels to the right per row upwards, along the line that fits its
/// ink best (the quotient of two central moments). 0 of a picture without height.
pub fn slant(picture: &[u8], side: usize) -> f64 {
    let ink = || {
        picture
            .iter()
            .enumerate()
            .map(|(place, &ink)| ((place % side) as f64, (place / side) as f64, f64::from(ink)))
    };
    let sum: f64 = ink().map(|(_, _, ink)| ink).sum();
    let mean = |of: fn(f64, f64) -> f64| ink().map(|(x, y, ink)| of(x, y) * ink).sum::<f64>() / sum.max(1.0);
    let (x, y) = (mean(|x, _| x), mean(|_, y| y));
    let across = mean(|x, y| x * y) - x * y;
    let tall = mean(|_, y| y * y) - y * y;
    if tall > 1e-9 { -across / tall } else { 0.0 }
}

/// Mean of all pixels of `picture`, 0 black to 1 white: at one size, how thick its strokes are.
pub fn ink(picture: &[u8]) -> f64 {
    picture.iter().map(|&ink| f64::from(ink)).sum::<f64>() / (255.0 * picture.len().max(1) as f64)
}

/// Pearson's correlation of two lists of one length; 0 where one of them does not vary.
pub fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let (of_a, of_b) = (mean(a), mean(b));
    let product = |x: &[f64], of_x: f64, y: &[f64], of_y: f64| {
        x.iter().zip(y).map(|(x, y)| (x - of_x) * (y - of_y)).sum::<f64>()
    };
    let scale = (product(a, of_a, a, of_a) * product(b, of_b, b, of_b)).sqrt();
    if scale > 0.0 { product(a, of_a, b, of_b) / scale } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of one pixel per row that goes `lean` pixels to the right per row upwards.
    fn line(lean: f64) -> Vec<u8> {
        let mut picture = vec![0; 28 * 28];
        for row in 4..24usize {
            let x = 14.0 + lean * (14.0 - row as f64);
            picture[row * 28 + x.round() as usize] = 255;
        }
        picture
    }

    #[test]
    fn a_line_leans_as_far_as_it_was_drawn() {
        for lean in [-0.5, 0.0, 0.5] {
            assert!((slant(&line(lean), 28) - lean).abs() < 0.02, "{lean}: {}", slant(&line(lean), 28));
        }
        assert_eq!(slant(&[0; 784], 28), 0.0);
    }

    #[test]
    fn ink_is_the_mean() {
        assert!((ink(&line(0.0)) - 20.0 / 784.0).abs() < 1e-12);
        assert_eq!(ink(&[255; 784]), 1.0);
    }

    #[test]
    fn correlations_of_lines_and_of_nothing() {
        let up = [1.0, 2.0, 3.0, 4.0];
        assert!((correlation(&up, &[10.0, 20.0, 30.0, 40.0]) - 1.0).abs() < 1e-12);
        assert!((correlation(&up, &[4.0, 3.0, 2.0, 1.0]) + 1.0).abs() < 1e-12);
        assert_eq!(correlation(&up, &[7.0; 4]), 0.0);
        assert_eq!(correlation(&up, &[1.0, -1.0, -1.0, 1.0]), 0.0);
    }
}
