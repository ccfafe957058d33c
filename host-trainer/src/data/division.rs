//! A data set in two domains: sets of pictures that look different, and of which no picture is in both.

use super::{Dataset, Split, morphology};
use std::fmt;
use std::str::FromStr;

/// How a data set is divided into its two domains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Division {
    /// Thin strokes and bold ones: of the training pictures every other one is thinned and the rest emboldened (grey morphology). Of
    /// the test pictures each domain has all.
    Strokes,
    /// The pictures of two classes, by their names.
    Classes([String; 2]),
    /// Those of two folders.
    Folders,
}

/// A data set that does not have the domains that are asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DivisionError {
    /// It has no such class.
    #[error("there is no class {name:?} to be a domain, but {known}")]
    Class {
        /// The class's name.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// It is one folder.
    #[error("the domains are two folders, but there is one")]
    OneFolder,
}

/// What is a division, in words.
pub const EXPECTED: &str = "strokes, folders, or the names of two classes with a comma between, such as 6,9";

impl Division {
    /// What the domains are called, the first first.
    pub fn names(&self) -> [String; 2] {
        match self {
            Division::Strokes => ["thin", "bold"].map(str::to_owned),
            Division::Classes(names) => names.clone(),
            Division::Folders => ["first", "second"].map(str::to_owned),
        }
    }

    /// The two domains of `set`, which is the data's half `split`. Pictures keep their labels.
    ///
    /// # Errors
    /// The set does not have them.
    pub fn divide(&self, set: &Dataset, split: Split) -> Result<[Dataset; 2], DivisionError> {
        Ok(match self {
            Division::Strokes => {
                let half = |rest: usize| move |index: &usize| split == Split::Test || index % 2 == rest;
                [changed(set, half(0), morphology::thinned), changed(set, half(1), morphology::emboldened)]
            }
            Division::Classes(names) => {
                let label = |name: &String| {
                    let place = set.names.iter().position(|own| own == name);
                    place.ok_or_else(|| DivisionError::Class {
                        name: name.clone(),
                        known: set.names.join(", "),
                    })
                };
                let labels = [label(&names[0])?, label(&names[1])?];
                labels.map(|label| of_classes(set, label..label + 1))
            }
            Division::Folders => {
                let first = set.second.ok_or(DivisionError::OneFolder)?;
                [of_classes(set, 0..first), of_classes(set, first..set.classes)]
            }
        })
    }
}

/// The pictures of `set` with the numbers that are `wanted`, after `change`, which is told a row's length.
fn changed(
    set: &Dataset,
    wanted: impl Fn(&usize) -> bool,
    change: impl Fn(&[u8], usize) -> Vec<u8>,
) -> Dataset {
    let numbers = || (0..set.len()).filter(|number| wanted(number));
    Dataset {
        images: numbers().flat_map(|number| change(set.picture(number), set.width)).collect(),
        labels: numbers().map(|number| set.labels[number]).collect(),
        ..set.without_pictures()
    }
}

fn of_classes(set: &Dataset, classes: std::ops::Range<usize>) -> Dataset {
    changed(set, |&number| classes.contains(&usize::from(set.labels[number])), |picture, _| picture.to_vec())
}

impl FromStr for Division {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.split_once(',')) {
            ("strokes", _) => Ok(Division::Strokes),
            ("folders", _) => Ok(Division::Folders),
            (_, Some((a, b))) if !a.trim().is_empty() && !b.trim().is_empty() && a.trim() != b.trim() => {
                Ok(Division::Classes([a, b].map(|name| name.trim().to_owned())))
            }
            _ => Err(format!("domains are {EXPECTED}")),
        }
    }
}

impl fmt::Display for Division {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Division::Strokes => f.write_str("strokes"),
            Division::Classes([a, b]) => write!(f, "{a},{b}"),
            Division::Folders => f.write_str("folders"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twelve pictures of 1×1, each of its own grey, in three classes in turn.
    fn set() -> Dataset {
        let labels: Vec<u8> = (0..12).map(|number| number % 3).collect();
        let names = ["cat", "dog", "elk"].map(str::to_owned).to_vec();
        let images = (0..12).map(|number| 20 * number).collect();
        Dataset { images, labels, height: 1, width: 1, classes: 3, names, second: None }
    }

    #[test]
    fn no_training_picture_is_in_both_domains_and_every_test_picture_is() {
        let [thin, bold] = Division::Strokes.divide(&set(), Split::Train).unwrap();
        assert_eq!((thin.labels, bold.labels.clone()), (vec![0, 2, 1, 0, 2, 1], vec![1, 0, 2, 1, 0, 2]));
        assert_eq!(bold.images, [20, 60, 100, 140, 180, 220]);
        assert_eq!(thin.images, [0, 20, 40, 60, 80, 100], "a single pixel is half an edge");
        let test = Division::Strokes.divide(&set(), Split::Test).unwrap();
        assert!(test.iter().all(|domain| domain.labels == set().labels));
    }

    #[test]
    fn two_classes_are_two_domains() {
        let [dog, cat] = "dog, cat".parse::<Division>().unwrap().divide(&set(), Split::Train).unwrap();
        assert_eq!((dog.images, cat.images), (vec![20, 80, 140, 200], vec![0, 60, 120, 180]));
        let error = "dog,cow".parse::<Division>().unwrap().divide(&set(), Split::Test).unwrap_err();
        assert_eq!(error.to_string(), "there is no class \"cow\" to be a domain, but cat, dog, elk");
    }

    #[test]
    fn two_folders_take_turns_so_that_a_first_part_has_both() {
        let few = Dataset { images: vec![250, 251], labels: vec![0, 0], names: vec!["ox".into()], ..set() };
        let both = set().beside(Dataset { classes: 1, ..few });
        assert_eq!(both.names, ["cat", "dog", "elk", "ox"]);
        assert_eq!((both.images[..5].to_vec(), both.images.len()), (vec![0, 250, 20, 251, 40], 14));
        let [first, second] = Division::Folders.divide(&both, Split::Train).unwrap();
        assert_eq!((first.images, second.images), (set().images, vec![250, 251]));
        assert_eq!(Division::Folders.divide(&set(), Split::Train), Err(DivisionError::OneFolder));
    }

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["strokes", "folders", "6,9"] {
            assert_eq!(text.parse::<Division>().unwrap().to_string(), text);
        }
        for text in ["", "stroke", "6", "6,", "6,6"] {
            assert!(text.parse::<Division>().unwrap_err().contains("6,9"), "{text}");
        }
    }
}
