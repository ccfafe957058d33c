//! An inspection as text: a table of layers, and the arena's map.

use std::fmt;

use super::{Inspection, Placed};
use crate::artifact::boards;
use crate::artifact::layers::grouped;

/// Columns of the arena's map.
const MAP_COLUMNS: usize = 64;

/// `7×7×16`.
pub fn shape_text([height, width, channels]: [u16; 3]) -> String {
    format!("{height}×{width}×{channels}")
}

/// Letters that stand for tensors in the map.
fn letter(index: usize) -> char {
    char::from(b'a' + (index % 26) as u8)
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inspection { name, latent, classes, tensors, .. } = self;
        let classes = if *classes > 0 { format!(" of {classes} classes") } else { String::new() };
        let picture =
            self.layers.last().map_or(String::new(), |layer| shape_text(tensors[layer.output].shape));
        writeln!(f, "{name}: latent {latent} → {picture}{classes}\n")?;
        let width = self.layers.iter().map(|layer| layer.op.chars().count()).max().unwrap_or(0).max(5);
        writeln!(
            f,
            "   {:width$}  {:>9}  {:>9}  {:>9}  {:>10}  {:>8}  {:>10}",
            "layer", "in", "out", "scale", "zero point", "bytes", "MACs"
        )?;
        for (number, layer) in (1..).zip(&self.layers) {
            let inputs: Vec<String> =
                layer.inputs.iter().map(|&input| shape_text(tensors[input].shape)).collect();
            let output = &tensors[layer.output];
            writeln!(
                f,
                "{number:>2} {:width$}  {:>9}  {:>9}  {:>9.6}  {:>10}  {:>8}  {:>10}",
                layer.op,
                inputs.join(" "),
                shape_text(output.shape),
                output.scale,
                output.zero_point,
                grouped(layer.bytes as u64),
                grouped(layer.macs)
            )?;
        }
        let bytes = |bytes: usize| grouped(bytes as u64);
        let (file, header, constants) = (self.file_bytes, self.header_bytes, self.constant_bytes);
        writeln!(
            f,
            "\nflash {} bytes: header {}, constants {}; {} MACs a picture",
            bytes(file),
            bytes(header),
            bytes(constants),
            grouped(self.macs)
        )?;
        let column = self.arena_bytes.div_ceil(MAP_COLUMNS).max(1);
        writeln!(f, "\narena {} bytes; over time, a column is {column} bytes:", bytes(self.arena_bytes))?;
        for (number, (name, live)) in self.steps().into_iter().enumerate() {
            let holds = |start: usize, tensor: &Placed| {
                tensor.offset < start + column && start < tensor.offset + tensor.bytes
            };
            let cell = |start: usize| {
                live.iter().find(|&&index| holds(start, &tensors[index])).map_or('·', |&index| letter(index))
            };
            let map: String = (0..self.arena_bytes).step_by(column).map(cell).collect();
            writeln!(f, "{number:>2} {name:width$}  {map}")?;
        }
        let legend = tensors.iter().enumerate().map(|(index, tensor)| {
            format!("{} {} at {}", letter(index), shape_text(tensor.shape), bytes(tensor.offset))
        });
        writeln!(f, "   {}", legend.collect::<Vec<_>>().join(", "))?;
        self.write_instructions(f, width)?;
        write!(f, "\n{}", boards::table(&self.boards))
    }
}

impl Inspection {
    /// A row a layer, a column a core; nothing where the bench has counted none of the layers.
    fn write_instructions(&self, f: &mut fmt::Formatter<'_>, width: usize) -> fmt::Result {
        let counts = &self.instructions;
        let Some(first) = counts.layers.iter().flatten().next() else { return Ok(()) };
        let cores: Vec<&str> = first.instructions.keys().copied().collect();
        let row = |cell: &dyn Fn(&str) -> String| -> String {
            cores.iter().map(|core| format!("  {:>9}", cell(core))).collect()
        };
        writeln!(f, "\ninstructions, as `cargo xtask bench` has counted them on {}:", counts.origin())?;
        writeln!(f, "   {:width$}{}", "layer", row(&|core| core.to_owned()))?;
        for (number, (layer, count)) in (1..).zip(self.layers.iter().zip(&counts.layers)) {
            let count =
                |core: &str| count.as_ref().map_or("–".into(), |count| grouped(count.instructions[core]));
            writeln!(f, "{number:>2} {:width$}{}", layer.op, row(&count))?;
        }
        if !counts.picture.is_empty() {
            writeln!(f, "   {:width$}{}", "a picture", row(&|core| grouped(counts.picture[core])))?;
        }
        Ok(())
    }
}
