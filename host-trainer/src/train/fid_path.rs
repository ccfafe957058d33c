//! The FID and the class entropy of a run's pictures as it goes on: `fid.csv`.

use super::{RunFolder, TrainConfig, TrainError, domains, signs};
use crate::data::{Dataset, Split};
use crate::files;
use crate::graph::Net;
use crate::judge::{Judge, Statistics};
use crate::pictures::{self, Draws, Given, Originals};
use crate::players::{Chart, Curve, Row};
use burn::tensor::Device;
use std::io;
use std::path::{Path, PathBuf};

/// Name of the path in a run's folder.
pub const FID_FILE: &str = "fid.csv";
/// The path as curves.
pub static FID_CHARTS: [Chart; COLUMNS] = [
    Chart {
        title: "FID of 2,000 pictures",
        curves: &[Curve { label: "of the averaged generator's pictures", short: "FID", column: 0 }],
        level: None,
        range: None,
    },
    Chart {
        title: "Class entropy of 2,000 pictures",
        curves: &[Curve {
            label: "of the classes that the judge sees, bits",
            short: "bits",
            column: ENTROPY,
        }],
        level: Some(("ten classes as frequent", std::f64::consts::LOG2_10)),
        range: None,
    },
];
/// Pictures that are judged at a time: few, and so the FID is some points higher than that of 10,000.
const PICTURES: usize = 2_000;
/// Seed of their latents.
const SEED: u64 = 1;
/// What stands in the file: the step, and the values of its row.
const HEADER: &str = "step,fid,class_entropy_bits";
/// The values of a row, in the order of [`HEADER`].
const COLUMNS: usize = 2;
/// Place of the class entropy among them.
const ENTROPY: usize = 1;
/// Modes collapse where the class entropy falls below this share of the most that it was: of ten classes as frequent, two are gone.
const COLLAPSED: f64 = 0.9;

/// What is seen at a point of the path.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The FID; `None` where it has no value, as of pictures that are all one.
    pub fid: Option<f64>,
    /// Entropy of the classes that the judge sees, in bits; `None` as above.
    pub entropy_bits: Option<f64>,
    /// What is to be told: once, at the first point where modes collapse.
    pub warning: Option<String>,
}

/// The path while it is walked.
pub struct FidPath {
    file: PathBuf,
    rows: Vec<Row>,
    judge: Judge,
    /// Of the test digits, or of those in the domain that the pictures are to be of.
    held_out: Statistics,
}

impl FidPath {
    /// The path of the run in `dir` up to `step`, the last one that its checkpoint knows. None if the run asks for none, or
    /// if it learns from other pictures than digits, which are all that the judge knows.
    ///
    /// # Errors
    /// The file or the test digits cannot be read, or there is no domain of the run among those.
    pub fn open(
        config: &TrainConfig,
        dir: &RunFolder,
        step: u64,
        device: &Device,
    ) -> Result<Option<FidPath>, TrainError> {
        if config.fid_every == 0 || config.data.dir.is_some() {
            return Ok(None);
        }
        let file = dir.join(FID_FILE);
        let mut rows = match read(&file) {
            Err(cause) => return Err(TrainError::Io { path: file, cause }),
            Ok(rows) => rows,
        };
        rows.retain(|row| row.step <= step);
        let digits = Dataset::mnist_test()?;
        let made = Originals::of(domains(config, &digits, Split::Test)?);
        let judge = Judge::pretrained(device)?;
        let held_out = judge.statistics(&made.made_by(0).unwrap_or(&digits).images)?;
        Ok(Some(FidPath { file, rows, judge, held_out }))
    }

    /// Judges pictures of `generator` as it is after `step`, of what is given in `originals`, and keeps what it finds.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn see(
        &mut self,
        step: u64,
        (generator, originals): (&Net, &Originals),
        device: &Device,
    ) -> Result<Point, TrainError> {
        let given = Given { entry: 0, originals };
        let made = pictures::floats_of_given(generator, given, (&Draws::of(SEED), PICTURES), device);
        let scores = self.judge.report_against(&made.greys, None, &self.held_out)?;
        let (fid, entropy_bits) = (scores.fid.value(), scores.entropy_bits.value());
        self.rows.push(Row { step, values: vec![fid, entropy_bits], spread: 0.0 });
        let mut text = HEADER.to_owned() + "\n";
        for row in &self.rows {
            text += &(row.step_and_values() + "\n");
        }
        let written = files::write(&self.file, text.as_bytes());
        written.map_err(|cause| TrainError::Io { path: self.file.clone(), cause })?;
        Ok(Point { fid, entropy_bits, warning: collapse(&self.rows) })
    }
}

/// What is to be told of the last point of a path: that modes collapse, unless that was told of a point before.
fn collapse(rows: &[Row]) -> Option<String> {
    let mut most: f64 = 0.0;
    for (place, row) in rows.iter().enumerate() {
        let Some(entropy) = row.values[ENTROPY] else { continue };
        most = most.max(entropy);
        if entropy < COLLAPSED * most {
            let words = format!(
                "step {}: fewer classes are drawn (their entropy fell from {most:.2} bits to {entropy:.2}): modes collapse; {}",
                row.step,
                signs::AGAINST_COLLAPSE
            );
            return (place + 1 == rows.len()).then_some(words);
        }
    }
    None
}

/// The path at `path`, a row a point; none if there is no such file. Lines that cannot be read are left out; the entropy is
/// not in files from before it was looked at.
///
/// # Errors
/// The file is there but cannot be read.
pub fn read(path: &Path) -> io::Result<Vec<Row>> {
    let text = match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        bytes => bytes?,
    };
    let text = String::from_utf8_lossy(&text);
    let point = |line: &str| {
        let missing = (1 + COLUMNS).saturating_sub(line.split(',').count());
        // A line of the record of steps has a spread at its end.
        Row::parse(&format!("{line}{},0", ",".repeat(missing)), COLUMNS)
    };
    Ok(text.lines().skip(1).filter_map(point).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::Domain;
    use crate::train::{CONFIG_FILE, DataConfig, begin};

    #[test]
    fn a_path_is_read_but_for_what_is_damaged() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FID_FILE);
        assert!(read(&path).unwrap().is_empty());
        std::fs::write(&path, "step,fid\n500,81.5\n1000,\nx,3\n1500,nan\n2000,12.25,3.3\n2500,9,3,1")
            .unwrap();
        let points: Vec<_> = read(&path).unwrap().into_iter().map(|row| (row.step, row.values)).collect();
        let expected = [(500, [Some(81.5), None]), (1000, [None, None]), (2000, [Some(12.25), Some(3.3)])];
        assert_eq!(points, expected.map(|(step, values)| (step, values.to_vec())));
    }

    #[test]
    fn classes_that_are_lost_are_told_of_once() {
        let told = |entropies: &[Option<f64>]| {
            let row = |(step, &entropy)| Row { step, values: vec![None, entropy], spread: 0.0 };
            let rows: Vec<Row> = (1..).zip(entropies).map(row).collect();
            (1..=rows.len()).filter_map(|points| collapse(&rows[..points])).collect::<Vec<_>>()
        };
        let bits = |entropies: &[f64]| told(&entropies.iter().copied().map(Some).collect::<Vec<_>>());
        assert!(bits(&[1.5, 3.3, 3.1, 3.2, 3.0]).is_empty(), "a little less is no collapse");
        let fallen = bits(&[3.0, 3.3, 3.1, 2.9, 2.5, 3.3, 2.0]);
        assert!(
            fallen.len() == 1
                && fallen[0].contains("step 4: ")
                && fallen[0].contains("from 3.30 bits to 2.90")
        );
        assert!(fallen[0].contains("--seed"), "{fallen:?}");
        assert!(told(&[Some(3.0), None, Some(2.8)]).is_empty());
    }

    #[test]
    fn a_path_goes_on_from_the_step_of_the_checkpoint() {
        let parent = tempfile::tempdir().unwrap();
        let config = TrainConfig { fid_every: 10, ..TrainConfig::default() };
        let config = config.with_assignment("family.generator_width=1").unwrap();
        let settings = (CONFIG_FILE, config.to_toml().into_bytes());
        let dir = RunFolder::create(&parent.path().join("run"), &[settings]).unwrap();
        std::fs::write(dir.join(FID_FILE), format!("{HEADER}\n10,81.5,3.3\n20,70,3\n")).unwrap();
        let device = Device::flex();
        let open = |config: &TrainConfig| FidPath::open(config, &dir, 10, &device).unwrap();
        let mut path = open(&config).expect("digits are judged");
        let mut objective = begin(&config, Domain::of(&Dataset::mnist_test().unwrap()), &device);
        let average = &objective.generator().average.as_ref().unwrap().net;
        let Point { fid, entropy_bits, warning } =
            path.see(20, (average, &Originals::default()), &device).unwrap();
        let (fid, entropy_bits) = (fid.unwrap(), entropy_bits.unwrap());
        assert!(fid > 50.0, "{fid} of an untrained generator");
        assert!(warning.unwrap().contains("from 3.30"), "{entropy_bits} bits of an untrained generator");
        let kept = std::fs::read_to_string(dir.join(FID_FILE)).unwrap();
        assert_eq!(kept, format!("{HEADER}\n10,81.5,3.3\n20,{fid},{entropy_bits}\n"));
        assert!(open(&TrainConfig { fid_every: 0, ..config.clone() }).is_none());
        let own = DataConfig { dir: Some("clothes".into()), ..DataConfig::default() };
        assert!(open(&TrainConfig { data: own, ..config }).is_none(), "only digits are judged");
    }
}
