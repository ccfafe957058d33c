//! Models to measure.

use gan_core::ops::phases::Phases;
pub use gan_core::synthetic::reference;
use gan_core::synthetic::{Activation, Synthetic};

/// A layer of any shape, written `k4s2p1:64x7x7:32`: kernel, stride, padding; input channels, height, width; output
/// channels. It is a transposed convolution, `c` in front makes it a convolution, and `d:64:3136` is a dense layer.
///
/// # Errors
/// What is wrong with `shape`.
pub fn of_shape(shape: &str) -> Result<Vec<u8>, String> {
    let wrong = |what: &str| {
        format!("shape {shape:?}: {what}; expected k4s2p1:64x7x7:32, ck3s1p1:16x7x7:32 or d:64:3136")
    };
    let parts: Vec<&str> = shape.split(':').collect();
    let [window, input, output] = parts.as_slice() else { return Err(wrong("not three parts")) };
    let number = |text: &str| text.parse::<u16>().map_err(|_| wrong(&format!("{text:?} is no number")));
    let outputs = number(output)?;
    if *window == "d" {
        let inputs = number(input)?;
        return Ok(Synthetic::new(1, inputs).dense(1, 1, outputs, Activation::Relu).finish(shape));
    }
    let (transposed, window) = match window.strip_prefix('c') {
        Some(window) => (false, window),
        None => (true, *window),
    };
    let (kernel, rest) =
        window.strip_prefix('k').and_then(|rest| rest.split_once('s')).ok_or(wrong("no k…s…"))?;
    let (stride, padding) = rest.split_once('p').ok_or(wrong("no p…"))?;
    let small = |text: &str| text.parse::<u8>().map_err(|_| wrong(&format!("{text:?} is no number")));
    let (kernel, stride, padding) = (small(kernel)?, small(stride)?, small(padding)?);
    let sides: Vec<u16> = input.split('x').map(number).collect::<Result<_, _>>()?;
    let [channels, height, width] = sides[..] else { return Err(wrong("the input is not C×H×W")) };
    let fits = |side: u16| match transposed {
        true => (u32::from(side).max(1) - 1) * u32::from(stride) + u32::from(kernel) > 2 * u32::from(padding),
        false => u32::from(side) + 2 * u32::from(padding) >= u32::from(kernel),
    };
    let empty = [kernel.into(), stride.into(), channels, height, width, outputs].contains(&0u16);
    if empty || !fits(height) || !fits(width) {
        return Err(wrong("the layer has no output"));
    }
    let model = Synthetic::new(1, 32).dense(height, width, channels, Activation::Relu);
    let phases = Phases { transposed, kernel, stride, padding, output_padding: 0 };
    let model = model.convolution(phases, outputs, Activation::Relu);
    Ok(model.finish(shape))
}

#[cfg(test)]
mod tests {
    use gan_core::{AlignedBytes, Model, Shape};

    use super::{of_shape, reference};

    fn output(file: &[u8]) -> Shape {
        Model::parse(&AlignedBytes::new(file)).unwrap().output_shape()
    }

    #[test]
    fn shapes_are_read() {
        assert_eq!(output(&reference()), Shape::new(28, 28, 1));
        assert_eq!(output(&of_shape("k4s2p1:64x7x7:32").unwrap()), Shape::new(14, 14, 32));
        assert_eq!(output(&of_shape("ck3s1p1:16x7x5:8").unwrap()), Shape::new(7, 5, 8));
        assert_eq!(output(&of_shape("d:64:100").unwrap()), Shape::new(1, 1, 100));
    }

    #[test]
    fn a_wrong_shape_is_an_error_that_shows_a_right_one() {
        for wrong in ["", "k4s2p1", "k4s2p1:64x7:32", "k4s2px:1x1x1:1", "ck9s1p0:1x3x3:1", "k4s2p1:0x7x7:32"]
        {
            let error = of_shape(wrong).unwrap_err();
            assert!(error.contains("expected k4s2p1:64x7x7:32"), "{error}");
        }
    }
}
