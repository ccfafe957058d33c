//! Which pictures a run learns from, wherever they lie.

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use super::Dataset;
use crate::digest;

/// Changes that are listed before the rest is only counted.
const LISTED: usize = 5;

/// The pictures of a data set as the networks see them (resized and turned to bright on dark), in their order, and what
/// their classes are called. Paths and dates of files have no part in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// MD5 of all that follows and of the pictures' order, in hexadecimal.
    pub digest: String,
    /// Rows of a picture.
    pub height: usize,
    /// Columns of a picture.
    pub width: usize,
    /// In the order of their numbers.
    pub classes: Vec<ClassPrint>,
}

/// A class of a [`Fingerprint`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassPrint {
    /// What it is called.
    pub name: String,
    /// How many pictures it has.
    pub pictures: usize,
    /// MD5 of its pictures in their order, in hexadecimal.
    pub digest: String,
}

impl Fingerprint {
    /// Of `set`. Every picture is read once: 47 MB of MNIST take less than a fifth of a second.
    pub fn of(set: &Dataset) -> Fingerprint {
        let mut sums = vec![(0, Md5::new()); set.classes];
        for (index, &label) in set.labels.iter().enumerate() {
            let (pictures, sum) = &mut sums[usize::from(label)];
            *pictures += 1;
            sum.update(set.picture(index));
        }
        let class = |(name, (pictures, sum)): (&String, (usize, Md5))| ClassPrint {
            name: name.clone(),
            pictures,
            digest: digest::end(sum),
        };
        let classes: Vec<ClassPrint> = set.names.iter().zip(sums).map(class).collect();
        // With the classes' digests, the labels in their order say the order of all pictures.
        let mut whole = Md5::new();
        for length in [set.height, set.width, set.classes, set.labels.len()] {
            whole.update((length as u64).to_le_bytes());
        }
        for class in &classes {
            whole.update((class.name.len() as u64).to_le_bytes());
            whole.update(&class.name);
            whole.update(&class.digest);
        }
        whole.update(&set.labels);
        Fingerprint { digest: digest::end(whole), height: set.height, width: set.width, classes }
    }

    /// How many pictures there are.
    pub fn pictures(&self) -> usize {
        self.classes.iter().map(|class| class.pictures).sum()
    }

    /// What is another in `now` than in this, in words; `None` where nothing is.
    pub fn changes(&self, now: &Fingerprint) -> Option<String> {
        if self.digest == now.digest {
            return None;
        }
        let mut changes = Vec::new();
        let size = |set: &Fingerprint| format!("{}×{}", set.width, set.height);
        if size(self) != size(now) {
            changes.push(format!("pictures were {}, are {} now", size(self), size(now)));
        }
        if self.classes.len() == now.classes.len() {
            let places = self.classes.iter().zip(&now.classes).enumerate();
            changes.extend(places.filter_map(|(number, (was, is))| was.change(is, number)));
        } else {
            changes.push(format!("{} classes are {} now", self.classes.len(), now.classes.len()));
            changes.extend(self.missing_in(now).map(|class| format!("class {} is gone", class.name)));
            changes.extend(now.missing_in(self).map(|class| format!("class {} is new", class.name)));
            let kept = |was: &ClassPrint| was.change(now.class(&was.name)?, 0);
            changes.extend(self.classes.iter().filter_map(kept));
        }
        if changes.is_empty() {
            changes.push("the pictures come in another order".to_owned());
        }
        let rest = changes.len().saturating_sub(LISTED);
        let shown = changes[..changes.len() - rest].join("; ");
        Some(if rest == 0 { shown } else { format!("{shown}; and {rest} changes more") })
    }

    fn class(&self, name: &str) -> Option<&ClassPrint> {
        self.classes.iter().find(|class| class.name == name)
    }

    /// The classes whose names `other` lacks.
    fn missing_in<'f>(&'f self, other: &'f Fingerprint) -> impl Iterator<Item = &'f ClassPrint> {
        self.classes.iter().filter(|class| other.class(&class.name).is_none())
    }
}

impl ClassPrint {
    /// What is another in `now`, in words; both are class `number`.
    fn change(&self, now: &ClassPrint, number: usize) -> Option<String> {
        let (was, is) = (&self.name, &now.name);
        let other_pictures = self.digest != now.digest;
        if was != is {
            let pictures = if other_pictures { " and has other pictures" } else { "" };
            return Some(format!("class {number} was {was}, is {is} now{pictures}"));
        }
        if self.pictures != now.pictures {
            return Some(format!("class {was} had {} pictures, has {} now", self.pictures, now.pictures));
        }
        other_pictures.then(|| format!("class {was} has other pictures, or in another order"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Reading, Source, Split};

    /// Two pictures of 1×2 for each name.
    fn set(names: &[&str]) -> Dataset {
        let labels: Vec<u8> = (0u8..).zip(names).flat_map(|(class, _)| [class; 2]).collect();
        Dataset {
            images: (0..2 * labels.len()).map(|pixel| pixel as u8).collect(),
            labels,
            height: 1,
            width: 2,
            classes: names.len(),
            names: names.iter().map(|name| name.to_string()).collect(),
            second: None,
        }
    }

    fn changes(was: &Dataset, now: &Dataset) -> String {
        Fingerprint::of(was).changes(&Fingerprint::of(now)).unwrap()
    }

    #[test]
    fn equal_pictures_have_equal_fingerprints() {
        let pets = set(&["cat", "dog"]);
        let print = Fingerprint::of(&pets);
        assert_eq!(print, Fingerprint::of(&pets.clone()));
        assert_eq!((print.pictures(), print.changes(&print)), (4, None));
    }

    #[test]
    fn every_change_is_said_in_words() {
        let pets = set(&["cat", "dog"]);
        assert_eq!(changes(&pets, &set(&["cat", "wolf"])), "class 1 was dog, is wolf now");
        let mut exchanged = pets.clone();
        exchanged.images[0] ^= 1;
        assert_eq!(changes(&pets, &exchanged), "class cat has other pictures, or in another order");
        let mut fewer = pets.clone();
        fewer.images.truncate(6);
        fewer.labels.truncate(3);
        assert_eq!(changes(&pets, &fewer), "class dog had 2 pictures, has 1 now");
        assert_eq!(changes(&pets, &set(&["cat", "dog", "elk"])), "2 classes are 3 now; class elk is new");
        assert_eq!(changes(&pets, &set(&["dog"])).split("; ").nth(1), Some("class cat is gone"));
        let taller = Dataset { height: 2, width: 1, ..pets.clone() };
        assert_eq!(changes(&pets, &taller), "pictures were 2×1, are 1×2 now");
    }

    #[test]
    fn the_order_of_all_pictures_counts() {
        let pets = set(&["cat", "dog"]);
        // The same pictures in each class, one of each class in turn.
        let turns = [0, 2, 1, 3];
        let mixed = Dataset {
            images: turns.iter().flat_map(|&index| pets.picture(index)).copied().collect(),
            labels: turns.iter().map(|&index| pets.labels[index]).collect(),
            ..pets.clone()
        };
        assert_eq!(changes(&pets, &mixed), "the pictures come in another order");
    }

    #[test]
    fn many_changes_are_counted() {
        let names = |from: u32| (from..from + 9).map(|name| name.to_string()).collect::<Vec<_>>();
        let of = |names: &[String]| set(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let text = changes(&of(&names(0)), &of(&names(10)));
        assert!(text.ends_with("class 4 was 4, is 14 now; and 4 changes more"), "{text}");
    }

    #[test]
    fn embedded_digits_and_their_files_in_a_folder_are_the_same_data() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/mnist");
        let source = Source { dir: &folder, set: None, reading: Reading::default() };
        let loaded = crate::data::load(&source, Split::Train).unwrap().unwrap();
        let print = Fingerprint::of(&Dataset::mnist_train().unwrap());
        assert_eq!(print, Fingerprint::of(&loaded.dataset));
        assert_eq!((print.classes[7].name.as_str(), print.classes[7].pictures), ("7", 6265));
    }
}
