//! The pretrained model, taken apart.

use super::*;
use crate::artifact::layers::grouped;
use crate::pictures::read_model;
use std::path::Path;

fn pretrained() -> Inspection {
    let bytes = read_model(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/mnist.gan")).unwrap();
    Inspection::new(&bytes, &Model::parse(&bytes).unwrap())
}

#[test]
fn the_parts_add_up_to_the_file() {
    let found = pretrained();
    assert_eq!(found.header_bytes + found.constant_bytes, found.file_bytes);
    assert_eq!(found.layers.iter().map(|layer| layer.bytes).sum::<usize>(), found.constant_bytes);
    assert_eq!(found.layers.iter().map(|layer| layer.macs).sum::<u64>(), found.macs);
}

#[test]
fn the_pretrained_model_is_what_its_card_says() {
    let found = pretrained();
    let card = include_str!("../../../../models/mnist.md");
    for figure in [
        format!("| flash | {} bytes |", grouped(found.file_bytes as u64)),
        format!("| arena, portable layout | {} bytes", grouped(found.arena_bytes as u64)),
        format!("| multiply-accumulates a picture | {} |", grouped(found.macs)),
    ] {
        assert!(card.contains(&figure), "the card does not say {figure}");
    }
    let ops: Vec<&str> = found.layers.iter().map(|layer| layer.op.as_str()).collect();
    assert_eq!(
        ops,
        [
            "dense, relu",
            "conv 3×3 s1 p1, relu",
            "conv_transpose 4×4 s2 p1, relu",
            "conv_transpose 4×4 s2 p1, table"
        ]
    );
}

#[test]
fn no_two_tensors_in_use_share_a_byte_and_one_reaches_the_arenas_end() {
    let found = pretrained();
    let end = |tensor: &Placed| tensor.offset + tensor.bytes;
    assert_eq!(found.tensors.iter().map(end).max(), Some(found.arena_bytes));
    for (name, live) in found.steps() {
        for (place, &a) in live.iter().enumerate() {
            for &b in &live[place + 1..] {
                let (a, b) = (&found.tensors[a], &found.tensors[b]);
                assert!(end(a) <= b.offset || end(b) <= a.offset, "{name}: {a:?} {b:?}");
            }
        }
    }
    assert_eq!(found.steps().len(), found.layers.len() + 1);
}

#[test]
fn the_table_shows_every_layer_and_the_map_every_step() {
    let text = pretrained().to_string();
    for part in ["conv 3×3 s1 p1, relu", "14×14×16", "47,312", "703,248", "arena 4,704 bytes", " 0 inputs"]
    {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
}

#[test]
fn numbers_are_grouped_by_thousands() {
    assert_eq!([0, 999, 1000, 1234567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
}
