//! A budget as text.

use std::fmt;

use super::{Answer, Budget};
use crate::artifact::boards::{self, Memory};
use crate::artifact::inspect::InspectedOp;
use crate::artifact::layers::grouped;

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Budget { family, classes, file_bytes, arena_bytes, macs, layers, .. } = self;
        let classes = if *classes > 0 { format!(", {classes} classes") } else { String::new() };
        let [file, arena] = [*file_bytes, *arena_bytes].map(|bytes| grouped(bytes as u64));
        let setting = |key: &str| family.get(key).map_or("–".to_owned(), ToString::to_string);
        let (width, latent) = (setting(super::WIDTH), setting("latent"));
        writeln!(f, "{} of width {width}, latent {latent}{classes}", family.family().name)?;
        writeln!(f, "flash {file} bytes, arena {arena} bytes, {} MACs a picture\n", grouped(*macs))?;
        for layer in layers {
            writeln!(
                f,
                "  {:<34} {:>11} bytes {:>13} MACs",
                layer.op,
                grouped(layer.bytes as u64),
                grouped(layer.macs)
            )?;
        }
        let fits: Vec<_> = self.boards.iter().map(|answer| answer.fit.clone()).collect();
        write!(f, "\n{}", boards::table(&fits))?;
        let explained = self.boards.iter().filter_map(|answer| Some(answer.explain(answer.widest?, layers)));
        explained.into_iter().try_for_each(|text| write!(f, "\n{text}\n"))
    }
}

impl Answer {
    /// What is too large, and what would fit.
    fn explain(&self, widest: usize, layers: &[InspectedOp]) -> String {
        let mut text = format!("{}: {}.", self.fit.board, boards::verdict(&self.fit));
        if self.fit.flash.missing() > 0 {
            let layer = layers.iter().max_by_key(|layer| layer.bytes).expect("a model has layers");
            text += &format!(
                " Most of the flash is {}; the largest layer is {}, {} bytes before it is packed.",
                largest(&self.fit.flash),
                layer.op,
                grouped(layer.bytes as u64)
            );
        }
        if self.fit.ram.missing() > 0 {
            text += &format!(" Most of the RAM is {}.", largest(&self.fit.ram));
        }
        text += &match widest {
            0 => " No width fits.".to_owned(),
            width => format!(" The widest that fits: --width {width}."),
        };
        text
    }
}

fn largest(memory: &Memory) -> String {
    let part = memory.parts.iter().max_by_key(|part| part.bytes).expect("memories have parts");
    format!("{}, {} bytes", part.name, grouped(part.bytes as u64))
}
