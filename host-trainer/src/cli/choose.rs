//! `--choose`: what a model's choices are to be.

use anyhow::{Context, bail};
use clap::Args;
use gan_core::Model;
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

    /// As it was written; nothing where nothing was chosen.
    pub(super) fn words(&self) -> String {
        self.choose.iter().map(|text| format!(", {text}")).collect()
    }
}

fn one(model: &Model<'_>, text: &str) -> anyhow::Result<(usize, u8)> {
    let of = |names: Vec<String>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let Some((name, what)) = text.split_once('=') else {
        bail!("--choose {text}: expected a choice and what is chosen, such as truncation=0.7");
    };
    let found = model.choices().enumerate().find(|(_, choice)| choice.name == name);
    let (place, choice) = found.with_context(|| {
        let names = of(model.choices().map(|choice| choice.name.to_owned()).collect());
        format!("--choose {text}: there is no choice {name}; its choices: {names}")
    })?;
    let numbers = 0..choice.count;
    let named = numbers.clone().find(|&number| choice.name_of(number) == Some(what));
    let number = named.or_else(|| what.parse().ok().filter(|number| numbers.contains(number)));
    let number = number.with_context(|| {
        let named = |number| choice.name_of(number).map_or_else(|| number.to_string(), str::to_owned);
        format!(
            "--choose {text}: there is no {what} in {name}; there are {}",
            of(numbers.map(named).collect())
        )
    })?;
    Ok((place, number))
}
