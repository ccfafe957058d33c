//! `--choose`: what a model's choices are to be.

use anyhow::{Context, bail};
use clap::Args;
use gan_core::{Choice, Model};
use std::path::Path;

/// What is chosen.
#[derive(Debug, Default, Args)]
pub(super) struct Choose {
    /// Choose this in all pictures, by its name or its number, such as truncation=0.7; repeatable
    #[arg(long, value_name = "CHOICE=WHAT")]
    choose: Vec<String>,
}

impl Choose {
    /// The place of each choice among those of `model`, which is in the file `path`, and what is chosen.
    pub(super) fn of(&self, model: &Model<'_>, path: &Path) -> anyhow::Result<Vec<(usize, u8)>> {
        self.choose.iter().map(|text| one(model, text).with_context(|| path.display().to_string())).collect()
    }

    /// What is chosen, as it was written.
    pub(super) fn words(&self) -> &[String] {
        &self.choose
    }
}

/// The choice of `model` that is called `name`, and its place among the choices.
pub(super) fn choice<'m>(model: &'m Model<'_>, name: &str) -> anyhow::Result<(usize, Choice<'m>)> {
    let found = model.choices().enumerate().find(|(_, choice)| choice.name == name);
    found.with_context(|| {
        let names: Vec<&str> = model.choices().map(|choice| choice.name).collect();
        format!("there is no choice {name}; its choices: {}", list(&names))
    })
}

/// What there is, by name.
fn list(names: &[impl AsRef<str>]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn one(model: &Model<'_>, text: &str) -> anyhow::Result<(usize, u8)> {
    let Some((name, what)) = text.split_once('=') else {
        bail!("--choose {text}: expected a choice and what is chosen, such as truncation=0.7");
    };
    let (place, choice) = choice(model, name).with_context(|| format!("--choose {text}"))?;
    let numbers = 0..choice.count;
    let named = numbers.clone().find(|&number| choice.name_of(number) == Some(what));
    let number = named.or_else(|| what.parse().ok().filter(|number| numbers.contains(number)));
    let number = number.with_context(|| {
        let named = |number| choice.name_of(number).map_or_else(|| number.to_string(), str::to_owned);
        let all: Vec<String> = numbers.map(named).collect();
        format!("--choose {text}: there is no {what} in {name}; there are {}", list(&all))
    })?;
    Ok((place, number))
}
