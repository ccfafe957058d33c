//! The FID of a run's pictures as it goes on: `fid.csv`.

use super::{RunFolder, TrainConfig, TrainError, domains};
use crate::data::{Dataset, Split};
use crate::files;
use crate::graph::Net;
use crate::judge::{Judge, Statistics, fid};
use crate::pictures::{self, Draws, Given, Originals};
use crate::players::{Chart, Curve, Row};
use burn::tensor::Device;
use std::io;
use std::path::{Path, PathBuf};

/// Name of the path in a run's folder.
pub const FID_FILE: &str = "fid.csv";
/// The path as a curve.
pub static FID_CHART: Chart = Chart {
    title: "FID of 2,000 pictures",
    curves: &[Curve { label: "of the averaged generator's pictures", short: "FID", column: 0 }],
    level: None,
    range: None,
};
/// Pictures that are judged at a time: few, and so the FID is some points higher than that of 10,000.
const PICTURES: usize = 2_000;
/// Seed of their latents.
const SEED: u64 = 1;
const HEADER: &str = "step,fid";

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

    /// Judges pictures of `generator` as it is after `step`, of what is given in `originals`, and keeps the FID.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn see(
        &mut self,
        step: u64,
        (generator, originals): (&Net, &Originals),
        device: &Device,
    ) -> Result<Option<f64>, TrainError> {
        let given = Given { entry: 0, originals };
        let made = pictures::floats_of_given(generator, given, (&Draws::of(SEED), PICTURES), device);
        let distance = fid(&self.judge.statistics(&made.greys)?, &self.held_out).value();
        self.rows.push(Row { step, values: vec![distance], spread: 0.0 });
        let mut text = HEADER.to_owned() + "\n";
        for Row { step, values, .. } in &self.rows {
            let value = values[0].map(|value| value.to_string()).unwrap_or_default();
            text += &format!("{step},{value}\n");
        }
        let written = files::write(&self.file, text.as_bytes());
        written.map_err(|cause| TrainError::Io { path: self.file.clone(), cause })?;
        Ok(distance)
    }
}

/// The path at `path`, a row a point; none if there is no such file. Lines that cannot be read are left out.
///
/// # Errors
/// The file is there but cannot be read.
pub fn read(path: &Path) -> io::Result<Vec<Row>> {
    let text = match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        bytes => bytes?,
    };
    let text = String::from_utf8_lossy(&text);
    // A line of the record of steps has a spread at its end.
    Ok(text.lines().skip(1).filter_map(|line| Row::parse(&format!("{line},0"), 1)).collect())
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
        std::fs::write(&path, "step,fid\n500,81.5\n1000,\nx,3\n1500,nan\n2000,12.25").unwrap();
        let points: Vec<_> = read(&path).unwrap().into_iter().map(|row| (row.step, row.values[0])).collect();
        assert_eq!(points, [(500, Some(81.5)), (1000, None), (2000, Some(12.25))]);
    }

    #[test]
    fn a_path_goes_on_from_the_step_of_the_checkpoint() {
        let parent = tempfile::tempdir().unwrap();
        let config = TrainConfig { fid_every: 10, ..TrainConfig::default() };
        let config = config.with_assignment("family.generator_width=1").unwrap();
        let settings = (CONFIG_FILE, config.to_toml().into_bytes());
        let dir = RunFolder::create(&parent.path().join("run"), &[settings]).unwrap();
        std::fs::write(dir.join(FID_FILE), "step,fid\n10,81.5\n20,70\n").unwrap();
        let device = Device::flex();
        let open = |config: &TrainConfig| FidPath::open(config, &dir, 10, &device).unwrap();
        let mut path = open(&config).expect("digits are judged");
        let mut objective = begin(&config, Domain::of(&Dataset::mnist_test().unwrap()), &device);
        let average = &objective.generator().average.as_ref().unwrap().net;
        let found = path.see(20, (average, &Originals::default()), &device).unwrap().unwrap();
        assert!(found > 50.0, "{found} of an untrained generator");
        let kept = std::fs::read_to_string(dir.join(FID_FILE)).unwrap();
        assert_eq!(kept, format!("step,fid\n10,81.5\n20,{found}\n"));
        assert!(open(&TrainConfig { fid_every: 0, ..config.clone() }).is_none());
        let own = DataConfig { dir: Some("clothes".into()), ..DataConfig::default() };
        assert!(open(&TrainConfig { data: own, ..config }).is_none(), "only digits are judged");
    }
}
