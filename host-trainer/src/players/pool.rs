//! Generated pictures of earlier steps, shown to a discriminator beside new ones (Shrivastava et al. 2017, "Learning from
//! simulated and unsupervised images through adversarial training", section 2.3): it does not forget what the generator has
//! given up.

use crate::files;
use crate::random::{Rng, shares};
use burn::tensor::{Tensor, TensorData};
use std::io;
use std::path::{Path, PathBuf};

/// At most so many pictures; part of a checkpoint.
#[derive(Debug)]
pub struct Pool {
    /// Unique among the pools of a run; its file in a checkpoint is named after it.
    pub name: &'static str,
    capacity: usize,
    /// One after another, each of `picture` values.
    values: Vec<f32>,
    /// Values of a picture.
    picture: usize,
}

/// A pool's file that cannot be written, or that is missing or damaged.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {cause}")]
pub struct PoolError {
    /// The file.
    pub path: PathBuf,
    /// The cause.
    pub cause: io::Error,
}

impl Pool {
    /// No picture yet, of at most `capacity` of `picture` values each. Without capacity it hands back what it is shown.
    pub fn new(name: &'static str, capacity: usize, picture: usize) -> Self {
        Pool { name, capacity, values: Vec::new(), picture }
    }

    /// How many pictures there are.
    pub fn len(&self) -> usize {
        self.values.len() / self.picture
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// For each of `pictures` itself or, as often, one of the pool, whose place it takes. Those that come before the pool is full are
    /// kept, and handed back.
    pub fn exchange(&mut self, pictures: Tensor<4>, rng: &mut Rng) -> Tensor<4> {
        let (shape, device) = (pictures.dims(), pictures.device());
        let mut values = super::numbers(pictures);
        for new in values.chunks_exact_mut(self.picture) {
            if self.len() < self.capacity {
                self.values.extend_from_slice(new);
                continue;
            }
            let draw = shares(rng, 2);
            if draw[0] < 0.5 && self.capacity > 0 {
                let chosen = ((draw[1] * self.capacity as f32) as usize).min(self.capacity - 1);
                new.swap_with_slice(&mut self.values[chosen * self.picture..][..self.picture]);
            }
        }
        Tensor::from_data(TensorData::new(values, shape), &device)
    }

    /// Writes the pictures into the folder `dir`, to the bit.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, dir: &Path) -> Result<(), PoolError> {
        let bytes: Vec<u8> = self.values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let path = self.file(dir);
        files::write(&path, &bytes).map_err(|cause| PoolError { path, cause })
    }

    /// Goes to where [`Pool::save`] was called.
    ///
    /// # Errors
    /// The file is missing, or does not hold whole pictures, or more than the pool.
    pub fn load(&mut self, dir: &Path) -> Result<(), PoolError> {
        let path = self.file(dir);
        let error = |cause| PoolError { path: path.clone(), cause };
        let bytes = std::fs::read(&path).map_err(error)?;
        let picture = self.picture * size_of::<f32>();
        if !bytes.len().is_multiple_of(picture) || bytes.len() > picture * self.capacity {
            let (found, most) = (bytes.len(), self.capacity);
            let cause = format!("{found} bytes, expected at most {most} pictures of {picture} bytes each");
            return Err(error(io::Error::new(io::ErrorKind::InvalidData, cause)));
        }
        let (values, _) = bytes.as_chunks();
        self.values = values.iter().map(|&value| f32::from_le_bytes(value)).collect();
        Ok(())
    }

    fn file(&self, dir: &Path) -> PathBuf {
        dir.join(format!("{}-pool.bin", self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Stream, stream};
    use burn::tensor::Device;

    /// Pictures of one value each: `from`, `from` + 1, …
    fn pictures(from: usize, count: usize) -> Tensor<4> {
        let values: Vec<f32> = (from..from + count).map(|value| value as f32).collect();
        Tensor::from_data(TensorData::new(values, [count, 1, 1, 1]), &Device::flex())
    }

    fn values(pictures: Tensor<4>) -> Vec<usize> {
        super::super::numbers(pictures).into_iter().map(|value| value as usize).collect()
    }

    #[test]
    fn a_full_pool_hands_out_half_of_the_new_and_none_twice() {
        let (mut pool, mut rng) = (Pool::new("a", 50, 1), stream(1, Stream::Noise));
        assert_eq!(values(pool.exchange(pictures(0, 50), &mut rng)), (0..50).collect::<Vec<_>>());
        assert_eq!(pool.len(), 50);
        let mut seen = values(pool.exchange(pictures(50, 1000), &mut rng));
        let new = seen.iter().zip(50..).filter(|(seen, new)| **seen == *new).count();
        assert!((400..600).contains(&new), "{new} of 1000 are those that were shown");
        seen.extend(pool.values.iter().map(|&value| value as usize));
        seen.sort_unstable();
        assert_eq!(seen, (0..1050).collect::<Vec<_>>(), "each is handed out or in the pool");
    }

    #[test]
    fn a_pool_without_capacity_hands_back_what_it_is_shown() {
        let mut pool = Pool::new("a", 0, 1);
        assert_eq!(values(pool.exchange(pictures(3, 5), &mut stream(1, Stream::Noise))), [3, 4, 5, 6, 7]);
        assert!(pool.is_empty());
    }

    #[test]
    fn a_saved_pool_goes_on_as_it_was_and_a_damaged_one_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let (mut pool, mut rng) = (Pool::new("a", 7, 1), stream(1, Stream::Noise));
        pool.exchange(pictures(0, 20) * 0.1, &mut rng);
        pool.save(dir.path()).unwrap();
        let mut loaded = Pool::new("a", 7, 1);
        loaded.load(dir.path()).unwrap();
        assert_eq!(loaded.values, pool.values);
        let shown = |pool: &mut Pool| values(pool.exchange(pictures(20, 9), &mut rng.clone()));
        assert_eq!(shown(&mut loaded), shown(&mut pool));
        for length in [3, 32] {
            std::fs::write(dir.path().join("a-pool.bin"), vec![0; length]).unwrap();
            let message = loaded.load(dir.path()).unwrap_err().to_string();
            assert!(message.contains("a-pool.bin") && message.contains("at most 7 pictures"), "{message}");
        }
    }
}
