//! Models to measure.

use gan_core::ops::adaptive::attention::MAX_KEYS;
use gan_core::ops::adaptive::draw::LEVELS;
use gan_core::ops::phases::Phases;
use gan_core::synthetic::{Activation, Synthetic};
pub use gan_core::synthetic::{pixel_cnn, reference};
use gan_core::{MAX_TENSOR_BYTES, Shape};

/// An op of any shape, written `k4s2p1:64x7x7:32`: kernel, stride, padding; input channels, height, width; output
/// channels. It is a transposed convolution, `c` in front makes it a convolution, and `d:64:3136` is a dense layer. `norm:64x7x7:64`
/// is an instance norm, `product:64x7x7:1` a product of a picture with another one of as many channels as the last number says, one or
/// all, `attention:16x7x7:64` one of queries and keys of 16 channels and values of 64. `draw:4x28x28:114` is a picture of 28×28, drawn in
/// four levels from a window of 114 taps and a dense layer behind it.
///
/// # Errors
/// What is wrong with `shape`.
pub fn of_shape(shape: &str) -> Result<Vec<u8>, String> {
    let wrong = |what: &str| {
        format!(
            "shape {shape:?}: {what}; expected k4s2p1:64x7x7:32, ck3s1p1:16x7x7:32, d:64:3136, norm:64x7x7:64, \
             product:64x7x7:1, attention:16x7x7:64 or draw:4x28x28:114"
        )
    };
    let parts: Vec<&str> = shape.split(':').collect();
    let [window, input, output] = parts.as_slice() else { return Err(wrong("not three parts")) };
    let number = |text: &str| text.parse::<u16>().map_err(|_| wrong(&format!("{text:?} is no number")));
    let outputs = number(output)?;
    if *window == "d" {
        let inputs = number(input)?;
        return Ok(Synthetic::new(1, inputs).dense(1, 1, outputs, Activation::Relu).finish(shape));
    }
    let sides: Vec<u16> = input.split('x').map(number).collect::<Result<_, _>>()?;
    let [channels, height, width] = sides[..] else { return Err(wrong("the input is not C×H×W")) };
    let sides = Shape::new(height, width, channels);
    if !window.starts_with('k') && !window.starts_with("ck") {
        return adaptive(window, sides, outputs)
            .map(|model| model.finish(shape))
            .map_err(|what| wrong(&what));
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

/// An op of the feature `adaptive`, of a picture of `sides`.
fn adaptive(op: &str, sides: Shape, outputs: u16) -> Result<Synthetic, String> {
    let places = usize::from(sides.height) * usize::from(sides.width);
    let most = places * usize::from(sides.channels.max(outputs));
    if most == 0 || sides.channels == 0 || outputs == 0 || most > MAX_TENSOR_BYTES {
        return Err("an empty tensor, or one that no engine reads".into());
    }
    let picture = |model: Synthetic, channels| {
        let model = model.picture(Shape { channels, ..sides });
        let last = model.last();
        (model, last)
    };
    let (model, first) = picture(Synthetic::new(1, 1), sides.channels);
    match op {
        "norm" if outputs == sides.channels => Ok(model.norm(first, Activation::Relu)),
        "norm" => Err("as many channels come out as go in".into()),
        "product" if [1, sides.channels].contains(&outputs) => {
            let (model, second) = picture(model, outputs);
            Ok(model.product(&[first, second], Activation::Relu))
        }
        "product" => Err("channels to multiply with are one or all".into()),
        "attention" if places <= MAX_KEYS => {
            let (model, values) = picture(model, outputs);
            Ok(model.attention([first, first, values], Activation::None))
        }
        "attention" => Err(format!("more than {MAX_KEYS} places")),
        "draw" if LEVELS.contains(&sides.channels) => {
            let [rows, columns] = [sides.height, sides.width].map(|side| u8::try_from(side).ok());
            let (rows, columns) = rows.zip(columns).ok_or("a side of more than 255 pixels")?;
            // Row by row up from the pixel, 15 pixels wide.
            let tap = |index: u16| [-1 - (index / 15) as i8, (index % 15) as i8 - 7, 0];
            let taps: Vec<[i8; 3]> = (0..outputs.min(15 * 127)).map(tap).collect();
            let model = Synthetic::new(1, 1).drawn(rows, columns).window(&taps, Activation::None);
            Ok(model.dense(1, 1, sides.channels, Activation::None).draw(0))
        }
        "draw" => Err("from 2 to 16 levels".into()),
        _ => Err(format!("no op {op:?}")),
    }
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
        assert_eq!(output(&of_shape("norm:64x7x5:64").unwrap()), Shape::new(7, 5, 64));
        assert_eq!(output(&of_shape("product:64x7x5:1").unwrap()), Shape::new(7, 5, 64));
        assert_eq!(output(&of_shape("attention:16x7x5:64").unwrap()), Shape::new(7, 5, 64));
        assert_eq!(output(&of_shape("draw:4x28x20:114").unwrap()), Shape::new(28, 20, 1));
    }

    #[test]
    fn a_wrong_shape_is_an_error_that_shows_a_right_one() {
        let convolutions =
            ["", "k4s2p1", "k4s2p1:64x7:32", "k4s2px:1x1x1:1", "ck9s1p0:1x3x3:1", "k4s2p1:0x7x7:32"];
        let others = [
            "norm:64x7x7:32",
            "product:64x7x7:2",
            "attention:1x17x17:1",
            "draw:1x8x8:1",
            "draw:2x256x1:1",
            "x:1x1x1:1",
        ];
        for wrong in convolutions.into_iter().chain(others) {
            let error = of_shape(wrong).unwrap_err();
            assert!(error.contains("expected k4s2p1:64x7x7:32"), "{error}");
        }
    }
}
