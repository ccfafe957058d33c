//! A walk from latent to latent and back to the first, as pictures and as an animated GIF.

use gan_core::{Latent, Model};

use crate::pictures::{self, Draws, Inputs, Pictures};
use crate::stamp::{Origin, picture};

/// Pictures from one latent to the next.
pub const STEPS: usize = 24;
/// Hundredths of a second a frame.
const DELAY: u16 = 5;
/// Picture pixels between pictures.
const GAP: usize = 2;
/// Pictures in a row of a frame.
const COLUMNS: usize = 5;

/// Frames of several pictures each: one latent, drawn for several classes.
#[derive(Debug, Clone)]
pub struct Walk {
    pictures: Pictures,
    /// Pictures a frame.
    each: usize,
}

impl Walk {
    /// Along great circles through `stops` latents of the stream that `draws` names, and back to the first; each step
    /// for the class of `draws`, or for all classes beside each other.
    pub fn new(model: &Model<'_>, draws: &Draws, stops: usize) -> Walk {
        let all = model.classes().max(1);
        let classes: Vec<u8> = draws.class().map_or_else(|| (0..all).collect(), |class| vec![class]);
        let stops = draws.latents(stops, &Inputs { first_choice: 0, ..Inputs::from(model) });
        let between = |stop: usize| {
            let (from, to) = (&stops[stop], &stops[(stop + 1) % stops.len()]);
            (0..STEPS).map(move |step| from.slerp(to, step as f32 / STEPS as f32))
        };
        let latents = (0..stops.len()).flat_map(between);
        let latents: Vec<Latent> = latents
            .flat_map(|latent| classes.iter().map(move |&class| latent.clone().class(class)))
            .collect();
        Walk { pictures: pictures::of_latents(model, &latents), each: classes.len() }
    }

    /// How many frames there are.
    pub fn len(&self) -> usize {
        self.pictures.labels.len() / self.each
    }

    /// Whether there is no frame.
    pub fn is_empty(&self) -> bool {
        self.pictures.labels.is_empty()
    }

    /// An animated GIF without end, `scale` pixels a picture's pixel, which says that it was made from `origin`.
    pub fn gif(&self, scale: usize, origin: &Origin) -> Vec<u8> {
        let (height, width) = self.pictures.size;
        let columns = self.each.min(COLUMNS);
        let rows = self.each.div_ceil(columns);
        let size = |count: usize, side: usize| (count * (side + GAP) + GAP) * scale;
        let (sheet_width, sheet_height) = (size(columns, width), size(rows, height));
        let greys: Vec<u8> = (0..=255).flat_map(|grey| [grey; 3]).collect();
        let sides = (sheet_width as u16, sheet_height as u16);
        let mut bytes = Vec::new();
        let mut encoder = gif::Encoder::new(&mut bytes, sides.0, sides.1, &greys).expect("a Vec takes all");
        encoder.set_repeat(gif::Repeat::Infinite).expect("a Vec takes all");
        let comment = gif::Extension::Comment.into();
        encoder.write_raw_extension(comment, &[picture::text(origin).as_bytes()]).expect("a Vec takes all");
        for frame in self.pictures.greys.chunks(self.each * height * width) {
            let mut pixels = vec![0; sheet_width * sheet_height];
            for (number, picture) in frame.chunks(height * width).enumerate() {
                let left = (number % columns * (width + GAP) + GAP) * scale;
                let top = (number / columns * (height + GAP) + GAP) * scale;
                for row in 0..height * scale {
                    let line = &mut pixels[(top + row) * sheet_width + left..][..width * scale];
                    let source = &picture[row / scale * width..];
                    line.iter_mut().enumerate().for_each(|(x, pixel)| *pixel = source[x / scale]);
                }
            }
            let mut frame = gif::Frame::from_indexed_pixels(sides.0, sides.1, pixels, None);
            frame.delay = DELAY;
            encoder.write_frame(&frame).expect("a Vec takes all, and the pixels are width times height");
        }
        drop(encoder);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pictures::read_model;
    use std::path::Path;

    fn frames(walk: &Walk) -> (u16, u16, Vec<Vec<u8>>) {
        let gif = walk.gif(4, &Origin { model_md5: None, stamp: None });
        let mut reader = gif::Decoder::new(&gif[..]).unwrap();
        let mut frames = Vec::new();
        while let Some(frame) = reader.read_next_frame().unwrap() {
            assert_eq!(frame.delay, DELAY);
            frames.push(frame.buffer.to_vec());
        }
        (reader.width(), reader.height(), frames)
    }

    #[test]
    fn a_walk_passes_its_latents_in_small_steps_and_closes() {
        let bytes = read_model(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/mnist.gan")).unwrap();
        let model: Model = Model::parse(&bytes).unwrap();
        let draws = Draws { chosen: vec![(0, 3)], ..Draws::of(7) };
        let walk = Walk::new(&model, &draws, 4);
        let (width, height, frames) = frames(&walk);
        assert_eq!((width, height, frames.len()), (28 * 4 + 16, 28 * 4 + 16, 4 * STEPS));
        let stops = pictures::of_latents(
            &model,
            &draws.latents(4, &Inputs { first_choice: 0, ..Inputs::from(&model) }),
        );
        for stop in 0..4 {
            let frame = &frames[stop * STEPS];
            for (place, &grey) in stops.greys[stop * 784..][..784].iter().enumerate() {
                let (x, y) = (4 * (GAP + place % 28), 4 * (GAP + place / 28));
                assert_eq!(frame[y * usize::from(width) + x], grey);
            }
        }
        let change = |a: &[u8], b: &[u8]| {
            a.iter().zip(b).map(|(&a, &b)| f64::from(a.abs_diff(b))).sum::<f64>() / a.len() as f64
        };
        let steps = (0..frames.len()).map(|i| change(&frames[i], &frames[(i + 1) % frames.len()]));
        let jump = change(&frames[0], &frames[STEPS]);
        assert!(steps.clone().fold(0.0, f64::max) < jump / 2.0, "{jump}: {:?}", steps.collect::<Vec<_>>());
    }

    #[test]
    fn without_a_class_a_frame_shows_all() {
        let bytes = read_model(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/mnist.gan")).unwrap();
        let model: Model = Model::parse(&bytes).unwrap();
        let walk = Walk::new(&model, &Draws::of(7), 1);
        let (width, height, frames) = frames(&walk);
        assert_eq!((width, height, frames.len()), (5 * 120 + 8, 2 * 120 + 8, STEPS));
        assert_eq!((walk.len(), walk.each), (STEPS, 10));
    }
}
