//! What can be measured of a digit whatever it is: how far it leans, how much ink it has, how wide its strokes are.

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

/// Mean width of the strokes of `picture`, rows of `side` bytes, in pixels: 2 A / P, of the ink's area A (each pixel counts by how
/// white it is) and the length P of its edges, which is the total variation: the sum over all places of the length of the
/// gradient, in whites. A line of length l and width w has the area w l, and edges of the length 2 l. Blurring an edge leaves
/// its variation as it is, so there is no threshold. 0 of a picture without ink.
pub fn width(picture: &[u8], side: usize) -> f64 {
    let rows = picture.len() / side;
    // Black around the picture.
    let at = |y: usize, x: usize| match (1..=rows).contains(&y) && (1..=side).contains(&x) {
        true => f64::from(picture[(y - 1) * side + x - 1]),
        false => 0.0,
    };
    let gradient = |y: usize, x: usize| (at(y, x + 1) - at(y, x)).hypot(at(y + 1, x) - at(y, x));
    let edges: f64 =
        (0..=rows).flat_map(|y| (0..=side).map(move |x| (y, x))).map(|(y, x)| gradient(y, x)).sum();
    let area: f64 = picture.iter().map(|&ink| f64::from(ink)).sum();
    if edges > 0.0 { 2.0 * area / edges } else { 0.0 }
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
    fn a_bar_is_as_wide_as_it_was_drawn() {
        for wide in 1..6 {
            let mut picture = vec![0; 28 * 28];
            for (row, column) in (2..26).flat_map(|row| (8..8 + wide).map(move |column| (row, column))) {
                picture[row * 28 + column] = 255;
            }
            // Its short ends are edges too: 2 · 24 w / (2 · 24 + 2 w), less where two edges meet in a corner.
            let (found, expected) = (width(&picture, 28), 24.0 * wide as f64 / (24.0 + wide as f64));
            assert!((found - expected).abs() < 0.04 * expected, "{wide}: {found}");
            let faint: Vec<u8> = picture.iter().map(|&ink| ink / 5).collect();
            assert!((width(&faint, 28) - found).abs() < 1e-9, "how bright it is does not count");
        }
        assert_eq!(width(&[0; 784], 28), 0.0);
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
