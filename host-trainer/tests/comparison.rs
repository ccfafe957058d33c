//! What the project says of its pretrained models is what was measured of them.

use std::path::{Path, PathBuf};

use gan_core::Model;
use host_trainer::comparison::{Comparison, RECORD_FILE, card, counted, markdown, part};
use host_trainer::digest;
use host_trainer::families;
use host_trainer::judge::strokes::{ink, slant};
use host_trainer::pictures::{self, Draws, read_model, sweep};

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(path: &str) -> String {
    std::fs::read_to_string(project().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn record() -> Comparison {
    serde_json::from_str(&text(&format!("models/{RECORD_FILE}"))).unwrap()
}

/// What accepts a change: said by each failure.
const UPDATE: &str =
    "`cargo xtask bench --pretrained --bless`, then `cargo run -p host-trainer -- compare --update`";

#[test]
fn the_record_is_of_the_models_that_are_there() {
    let comparison = record();
    assert!(comparison.real.is_some());
    for entry in &comparison.entries {
        let file = std::fs::read(project().join("models").join(&entry.name).with_extension("gan")).unwrap();
        assert_eq!(digest::of(&file), entry.model_md5, "{} is another file now; {UPDATE}", entry.name);
        assert_eq!(entry.int8.pictures, 10_000);
        assert!(entry.float.is_some() && entry.counted.is_some(), "{}: {UPDATE}", entry.name);
        assert_eq!(entry.counted, counted(&entry.name, &entry.model_md5), "{}: {UPDATE}", entry.name);
    }
    let known: Vec<&str> = comparison.entries.iter().filter_map(|entry| entry.family.as_deref()).collect();
    let models = |name: &&str| project().join("models").join(name).with_extension("gan").exists();
    let expected: Vec<&str> = families::ALL.iter().map(|family| family.name).collect();
    for name in expected.into_iter().filter(models) {
        assert!(known.contains(&name), "models/{name}.gan is not compared; {UPDATE}");
    }
}

#[test]
fn the_readme_has_the_table() {
    let readme = text("README.md");
    assert_eq!(part(&readme, "families").unwrap(), markdown(&record(), Some("models")), "{UPDATE}");
}

#[test]
fn the_cards_have_the_figures() {
    let comparison = record();
    for entry in &comparison.entries {
        let document = text(&format!("models/{}.md", entry.name));
        let expected = card(entry, comparison.real.as_ref());
        assert_eq!(part(&document, "figures").unwrap(), expected, "models/{}.md; {UPDATE}", entry.name);
    }
}

#[test]
fn turning_a_uniform_code_changes_what_its_figures_say() {
    let columns = |measure: fn(&[u8]) -> f64, number: usize| -> Vec<f64> {
        let bytes = read_model(&project().join("models/infogan.gan")).unwrap();
        let model = Model::parse(&bytes).unwrap();
        let made = pictures::of_latents(
            &model,
            &sweep::latents(&model, &Draws::of(1), sweep::Swept::Uniform(number)),
        );
        let each: Vec<f64> = made.greys.chunks(28 * 28).map(measure).collect();
        let rows = each.len() / sweep::COLUMNS;
        let mean = |column| each.iter().skip(column).step_by(sweep::COLUMNS).sum::<f64>() / rows as f64;
        (0..sweep::COLUMNS).map(mean).collect()
    };
    let slants = columns(|picture| slant(picture, 28), 0);
    let inks = columns(ink, 1);
    for (what, means) in [("slant", slants), ("ink", inks)] {
        let rises = means.windows(2).filter(|pair| pair[1] > pair[0]).count();
        assert!(rises >= sweep::COLUMNS - 2, "{what} by its code from -1 to 1: {means:.3?}");
    }
}
